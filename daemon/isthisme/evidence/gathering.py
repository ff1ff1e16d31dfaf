"""Everything that is kept of some sightings, for a bundle. Nothing is fetched, and no picture is decoded here."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from isthisme.answer_note import AnswerNote, MatchNote, without
from isthisme.catalog import Catalog
from isthisme.catalog.captures import Capture, Part
from isthisme.catalog.sightings import Sighting
from isthisme.domain import (
    CameraNotes,
    Candidate,
    Comparison,
    Moment,
    Polygon,
    ReferencePhoto,
    ReferencePreview,
    Region,
)
from isthisme.errors import IsThisMeError, NotFound, NothingToSave, TooManyAtOnce
from isthisme.evidence.dossier import Compared, Dossier, FileState, Finding, OwnPhoto
from isthisme.evidence.media_types import media_type_of

MOST_FINDINGS = 200  # of one bundle; each comparison takes some seconds
_SCREEN_SIDE = 1600  # pixels
_LEAST_CORNERS = 3


class PhotoFile(NamedTuple):
    """A file of the user's own as it is now."""

    data: bytes
    changed_at: float | None  # what the file system says, seconds since 1970; None inside an archive


class Draughtsman(Protocol):
    """Decodes and draws pictures in a process of its own. Raises IsThisMeError for what is no picture."""

    def compare(self, data: bytes, reference: ReferencePreview, photo_region: Polygon) -> Comparison: ...

    def camera_notes(self, data: bytes) -> CameraNotes: ...

    def redraw(self, data: bytes, side: int) -> bytes:
        """JPEG, its longer side at most `side` pixels."""
        ...


@dataclass(frozen=True, slots=True)
class Gathering:
    catalog: Catalog
    draughtsman: Draughtsman
    read_photo: Callable[[Path], PhotoFile | None]  # None: it is not there; raises OSError or IsThisMeError otherwise
    manifests_of: Callable[[bytes], Sequence[str]] = lambda _sha256: ()  # dated lists that name a file

    def dossier(self, sighting_ids: Sequence[int], case_id: int | None = None) -> Dossier:
        """Of these sightings, or of all those of a case. Raises NotFound, and UsageError for too many or none."""
        case = None if case_id is None else self.catalog.cases.one(case_id)
        events = () if case is None else tuple(self.catalog.cases.events(case.case_id))
        chosen = list(dict.fromkeys(sighting_ids if case is None else self.catalog.cases.sightings_of(case.case_id)))
        if not chosen:
            raise NothingToSave("there is no sighting to save evidence of; name one, or put one into the case")
        if len(chosen) > MOST_FINDINGS:
            raise TooManyAtOnce(f"{len(chosen):,} sightings are too many for one bundle; {MOST_FINDINGS} fit")
        sightings = [self._sighting(number) for number in sorted(chosen)]
        photos: dict[int, OwnPhoto] = {}
        return Dossier(tuple(self._finding(each, photos) for each in sightings), Moment.now(), case, events)

    def _sighting(self, number: int) -> Sighting:
        sighting = self.catalog.sightings.one(number)
        if sighting is None:
            raise NotFound(f"there is no sighting {number}; 'isthisme sightings list' names them")
        return sighting

    def _finding(self, sighting: Sighting, photos: dict[int, OwnPhoto]) -> Finding:
        note = self._standing(sighting)
        observations = tuple(self.catalog.observations.of(sighting.sighting_id))
        picture = partial(self._picture, sighting)
        data = picture()
        capture = self.catalog.captures.latest(sighting.page_address)
        for match in note.matches:
            if match.photo_id not in photos:
                photos[match.photo_id] = self._photo(match)
        first_offset = sighting.utc_offset
        if first_offset is None:  # kept by an older program
            first_offset = Moment.now().utc_offset
        seen = [each for each in observations if each.presence == "there"]
        last_offset = seen[-1].moment.utc_offset if seen else first_offset
        return Finding(
            sighting=sighting,
            note=note,
            first_seen=Moment(sighting.first_seen, first_offset),
            last_seen=Moment(sighting.last_seen, last_offset),
            observations=observations,
            compared=tuple(self._compared(data, match, photos[match.photo_id]) for match in note.matches),
            picture=picture,
            is_original=sighting.original_bytes is not None,
            media_type=media_type_of(data),
            capture=capture,
            read_part=self._part,
            screen=self._screen(capture),
        )

    def _standing(self, sighting: Sighting) -> AnswerNote:
        """The answer without the photos that the user said are not in the picture."""
        note = msgspec.json.decode(sighting.answer, type=AnswerNote)
        hashes = self.catalog.sightings.hashes_of(sighting.sighting_id)
        photo_ids = [match.photo_id for match in note.matches]
        if hashes is None or not photo_ids:
            return note
        return without(note, self.catalog.decisions.dismissed(photo_ids, *hashes))

    def _picture(self, sighting: Sighting) -> bytes:
        original = self.catalog.sightings.original(sighting.picture_hash)
        if original is not None:
            return original
        small = self.catalog.sightings.picture(sighting.sighting_id)
        if small is None:
            raise NotFound(f"sighting {sighting.sighting_id} was deleted meanwhile")
        return small[0]

    def _part(self, part: Part) -> bytes:
        data = self.catalog.captures.data(part.part_id)
        if data is None:
            raise NotFound("a page that was captured was deleted meanwhile")
        return data

    def _screen(self, capture: Capture | None) -> bytes | None:
        """The visible part of the page for the report; None where there is none that can be drawn."""
        part = next((each for each in capture.parts if each.kind == "screen"), None) if capture else None
        if part is None:
            return None
        try:
            return self.draughtsman.redraw(self._part(part), _SCREEN_SIDE)
        except IsThisMeError:
            return None  # the bundle has the bytes all the same

    def _photo(self, match: MatchNote) -> OwnPhoto:
        photos = self.catalog.photos
        preview = photos.previews([match.photo_id]).get(match.photo_id)
        sha256, path = photos.content_hash_of(match.photo_id), photos.path_of(match.photo_id)
        if preview is None or sha256 is None or path is None:
            return OwnPhoto(match.photo_id, Path(match.photo).name, "forgotten")
        state, file = self._file(path, sha256)
        known_since = photos.known_since(match.photo_id)
        # Only where it is asked for: it looks through all sightings.
        found_first = photos.found_first(match.photo_id) if known_since is None else None
        return OwnPhoto(
            match.photo_id,
            path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            state,
            sha256,
            None if file is None else len(file.data),
            preview.width,
            preview.height,
            preview.preview,
            self._camera(file.data) if file and state == "same" else CameraNotes(),
            file.changed_at if file else None,
            known_since,
            found_first,
            tuple(self.manifests_of(sha256)),
        )

    def _file(self, path: Path, sha256: bytes) -> tuple[FileState, PhotoFile | None]:
        try:
            file = self.read_photo(path)
        except (OSError, IsThisMeError):
            return "unreadable", None
        if file is None:
            return "gone", None
        return ("same" if hashlib.sha256(file.data).digest() == sha256 else "changed"), file

    def _camera(self, data: bytes) -> CameraNotes:
        try:
            return self.draughtsman.camera_notes(data)
        except IsThisMeError:
            return CameraNotes()  # a file of a kind whose head is not read

    def _compared(self, picture: bytes, match: MatchNote, photo: OwnPhoto) -> Compared:
        if photo.preview is None:
            return Compared(photo, match, None)
        corners: Polygon = tuple(match.query_region)
        region = Region("match", corners) if len(corners) >= _LEAST_CORNERS else None
        reference = ReferencePhoto(photo.preview, photo.width, photo.height)
        candidate = Candidate(match.photo_id, region, 1.0, 1.0)
        preview = ReferencePreview(candidate, reference.preview, reference.width, reference.height)
        try:
            return Compared(photo, match, self.draughtsman.compare(picture, preview, tuple(match.photo_region)))
        except IsThisMeError as error:
            return Compared(photo, match, None, str(error))
