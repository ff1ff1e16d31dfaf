"""The engine: bytes of one picture in, a description or a judgement out. Remembers the last few query images only."""

import hashlib
import io
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from isthisme.domain import (
    CameraNotes,
    Candidate,
    Comparison,
    Judgement,
    PhotoDescription,
    Polygon,
    QueryDescription,
    ReferencePreview,
    Region,
    SmallCopy,
)
from isthisme.engine.camera_notes import camera_notes
from isthisme.engine.decode import DEFAULT_LIMITS, DecodeLimits, Picture, decode, decode_photo
from isthisme.engine.descriptor import Descriptor, Models, quantised
from isthisme.engine.evidence import Evidence
from isthisme.engine.geometry import projected
from isthisme.engine.perceptual_hash import photo_hash, query_hashes
from isthisme.engine.plainness import too_plain
from isthisme.engine.query_view import QueryView
from isthisme.engine.regions import cut, propose_regions
from isthisme.engine.scaling import Sizes
from isthisme.engine.side_by_side import drawn, matched_points, measured
from isthisme.engine.thresholds import ALIKE_SIMILARITY, CERTAIN_SCORE, NEARLY_AS_SIMILAR
from isthisme.engine.verdict import Examined, judge
from isthisme.engine.verification import examine

PREVIEW_SIDE = 640  # pixels; all that verification has of a photo
PREVIEW_BYTES = 80_000  # about; a busier photo is compressed harder
QUERY_SIDE = 1280  # pixels; small parts of big screenshots stay readable
_HASH_SIDE = 320  # pixels; more than enough for a perceptual hash


@dataclass(frozen=True, slots=True)
class _Seen:
    """A query image as it was looked at."""

    content_hash: bytes  # SHA-256
    picture: Picture
    sizes: Sizes  # of its pixels
    regions: tuple[Region, ...]


class Engine:
    """Describes photos and query images, and verifies candidates."""

    def __init__(self, models: Models, *, limits: DecodeLimits = DEFAULT_LIMITS, remembered: int = 1) -> None:
        """`remembered`: so many query images, of some 6 MB, are not decoded again when they are asked about again."""
        cv2.setNumThreads(1)
        self._models = models
        self._limits = limits
        self._remembered = remembered
        self._seen: OrderedDict[tuple[bytes, bool], _Seen] = OrderedDict()  # verification mostly follows description

    @property
    def model(self) -> str | None:
        """The name recorded with every vector; None without a model."""
        return self._models.small.name if self._models.small else None

    def describe_photo(self, data: bytes) -> PhotoDescription:
        """What the index keeps of a photo. Raises UnreadableImage and ImageTooLarge."""
        picture = decode_photo(data, target_side=PREVIEW_SIDE, limits=self._limits)
        small = self._models.small
        return PhotoDescription(
            self.model,
            picture.width,
            picture.height,
            photo_hash(picture.pixels),
            quantised(_photo_vector(small, picture.pixels))[0] if small else None,
            _preview(picture.pixels),
        )

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        """What searching needs of a query image. Raises UnreadableImage and ImageTooLarge."""
        seen = self._look(data, deep=deep)
        picture, plain = seen.picture, too_plain(seen.sizes)
        regions = () if plain else seen.regions
        small = self._models.small
        vectors = small.describe(cut(seen.sizes, regions, small.side)) if small and regions else None
        factor = picture.width / picture.pixels.shape[1]
        return QueryDescription(
            self.model,
            picture.width,
            picture.height,
            seen.content_hash,
            query_hashes(seen.sizes.fitted(_HASH_SIDE)),
            tuple(_scaled(each, factor) for each in regions),
            None if vectors is None else quantised(vectors),
            plain,
        )

    def _look(self, data: bytes, *, deep: bool) -> _Seen:
        content_hash = hashlib.sha256(data).digest()
        seen = self._seen.get((content_hash, deep))
        if seen is None:
            picture = decode(data, target_side=QUERY_SIDE, limits=self._limits)
            sizes = Sizes(picture.pixels)
            seen = _Seen(content_hash, picture, sizes, propose_regions(sizes, deep=deep))
            if len(self._seen) >= self._remembered:
                self._seen.popitem(last=False)
            self._seen[content_hash, deep] = seen
        self._seen.move_to_end((content_hash, deep))
        return seen

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        """Which of the candidates the query image shows. Raises UnreadableImage and ImageTooLarge."""
        return judge(self.examined(data, references, deep=deep))

    def examined(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> list[Examined]:
        """What was measured about the candidates that could be aligned, in the order given.

        After one that is certain only candidates about as similar are looked at: near-duplicates among the photos.
        """
        seen = self._look(data, deep=deep)
        factor = seen.picture.width / seen.picture.pixels.shape[1]
        view = QueryView(seen.picture.pixels, seen.regions)
        found: list[Examined] = []
        taken: Polygon | None = None
        for reference in references:
            if found and _is_settled(found[-1].evidence, reference.candidate):
                break
            photo = decode(reference.preview, target_side=PREVIEW_SIDE).pixels
            evidence = examine(view, _seen_at(reference, 1 / factor), photo, self._models.full, taken=taken, deep=deep)
            if evidence is None:
                continue
            found.append(Examined(evidence, reference.width / photo.shape[1], factor))
            if evidence.score > CERTAIN_SCORE and not deep:
                taken = projected(evidence.alignment.matrix, (photo.shape[1], photo.shape[0]))
        return found

    def compare(self, data: bytes, reference: ReferencePreview, photo_region: Polygon) -> Comparison:
        """The query image beside a photo that it was found to show. Raises UnreadableImage and ImageTooLarge.

        The candidate's region and `photo_region`, both in pixels of the originals, are outlined where the two cannot
        be laid over each other now.
        """
        seen = self._look(data, deep=True)
        view = QueryView(seen.picture.pixels, seen.regions)
        factor = seen.picture.width / seen.picture.pixels.shape[1]
        photo = decode(reference.preview, target_side=PREVIEW_SIDE).pixels
        photo_factor = reference.width / photo.shape[1]
        reference = _seen_at(reference, 1 / factor)
        evidence = examine(view, reference, photo, self._models.full, taken=None, deep=True)
        if evidence is None:
            region = reference.candidate.region
            outlines = (_times(photo_region, 1 / photo_factor), region.corners if region else ())
            sheet, width, height = drawn(photo, view.pixels, _NO_POINTS, outlines)
            return Comparison(sheet, width, height, None)
        points = matched_points(photo, view, evidence)
        shown = evidence.close_up or evidence.frame
        sheet, width, height = drawn(photo, view.pixels, points, (shown.photo_region, shown.query_region))
        return Comparison(sheet, width, height, measured(Examined(evidence, photo_factor, factor), len(points[0])))

    def redraw(self, data: bytes, side: int) -> bytes:
        """A picture as a JPEG whose longer side has at most `side` pixels. Raises UnreadableImage and ImageTooLarge."""
        return _jpeg(decode(data, target_side=side, limits=self._limits).pixels, _REDRAWN)

    def camera_notes(self, data: bytes) -> CameraNotes:
        """What the camera wrote into a photo's file. Raises UnreadableImage and ImageTooLarge."""
        return camera_notes(data, self._limits)

    def shrink(self, data: bytes) -> SmallCopy:
        """A small JPEG of a picture, for showing, and its hash. Raises UnreadableImage and ImageTooLarge."""
        pixels = decode(data, target_side=PREVIEW_SIDE, limits=self._limits).pixels
        return SmallCopy(_preview(pixels), int(photo_hash(pixels)[0]))


def _photo_vector(model: Descriptor, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(1, 512) the mean of the descriptors at two sizes: nearer to copies of any sharpness than either (measured)."""
    vectors = model.describe([pixels]) + model.describe([pixels], side=Models.PHOTO_SIDE)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _preview(pixels: NDArray[np.uint8]) -> bytes:
    """JPEG, at a quality that keeps it near PREVIEW_BYTES."""
    best, *harder = _PREVIEW_QUALITIES
    preview = _jpeg(pixels, best)
    room = PREVIEW_BYTES / len(preview)
    if room >= 1:
        return preview
    return _jpeg(pixels, next((quality for quality in harder if _PREVIEW_QUALITIES[quality] <= room), _HARDEST))


# JPEG qualities with about how many bytes a photo takes at each, against the best one (2026-11).
_PREVIEW_QUALITIES = {88: 1.0, 80: 0.77, 70: 0.58, 60: 0.49}
_HARDEST = 60
_REDRAWN = 88  # letters on a screenshot stay sharp


def _jpeg(pixels: NDArray[np.uint8], quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _is_settled(found: Evidence, candidate: Candidate) -> bool:
    """Whether a candidate is no near-duplicate of the photo that was found, which would be about as similar."""
    least = min(ALIKE_SIMILARITY, found.candidate.similarity - NEARLY_AS_SIMILAR)
    return found.score > CERTAIN_SCORE and candidate.similarity < least


_NO_POINTS = np.zeros((0, 2)), np.zeros((0, 2))


def _times(polygon: Polygon, factor: float) -> Polygon:
    return tuple((x * factor, y * factor) for x, y in polygon)


def _scaled(region: Region, factor: float) -> Region:
    return Region(region.name, _times(region.corners, factor))


def _seen_at(reference: ReferencePreview, factor: float) -> ReferencePreview:
    """The reference with its region in pixels of the picture that is compared."""
    candidate = reference.candidate
    region = _scaled(candidate.region, factor) if candidate.region else None
    return replace(reference, candidate=replace(candidate, region=region))
