"""What runs on the workers of a cluster, besides `read_unit` and `split`: from pictures to a part on the shelf."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from distributed import Reschedule

from isthisme.bulk.reading import Picture
from isthisme.bulk.sandboxes import sandboxes_here
from isthisme.bulk.shelf import Generation, ShelvedPhoto, Trouble, photo_id
from isthisme.domain import PhotoDescription
from isthisme.errors import EnvironmentFault, IsThisMeError, ModelUnusable, WorkerCrashed
from isthisme.indexing.photo_tasks import SMALLEST_SIDE
from isthisme.scanning.found import Unread

_TRIES = 3  # of a picture whose worker died, before it is taken for the picture's fault


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a unit."""

    rows: int  # of its part
    described: int
    left_out: int  # icons
    unread: int
    worker: str
    processor_seconds: float  # of this worker, since it began


def name_model(_number: int) -> str | None:
    """Whatever the number: the model that this worker's sandbox loaded. Raises ModelUnusable."""
    return sandboxes_here().engine.model()


def glance(read: Sequence[Picture | Unread]) -> tuple[bytes | None, ...]:
    """The content hashes of a unit; None for what could not be read."""
    return tuple(each.content_hash if isinstance(each, Picture) else None for each in read)


def describe(read: Sequence[Picture | Unread], new: frozenset[int], unit: str, generation: Generation) -> Report:
    """Describes the pictures at these places of a unit, and writes its part.

    Raises ShelfUnusable, DiskFull, and ModelUnusable where this worker's model is another one than the generation's.
    """
    sandboxes = sandboxes_here()
    troubles = [Trouble.of(each) for each in read if isinstance(each, Unread)]
    pictures = [each for place, each in enumerate(read) if place in new and isinstance(each, Picture)]
    photos: list[ShelvedPhoto] = []
    icons = 0
    begun = [sandboxes.engine.begin_describing(each.data) for each in pictures]
    for picture, description in zip(pictures, begun, strict=True):
        try:
            found = _patiently(description, partial(sandboxes.engine.describe_photo, picture.data))
        except EnvironmentFault:
            raise  # not this picture's fault
        except IsThisMeError as error:
            if sandboxes.is_closing:
                raise Reschedule from error  # another worker gets the unit
            its_id = photo_id(generation.owner, picture.content_hash)
            troubles.append(Trouble.of(Unread.because(picture.address, error), its_id))
            continue
        if max(found.width, found.height) < SMALLEST_SIDE:
            icons += 1
        else:
            photos.append(_shelved(picture, found, generation))
    rows = generation.write(unit, photos, troubles)
    return Report(rows, len(photos), icons, len(troubles), sandboxes.worker, sandboxes.processor_seconds)


def _patiently(begun: Future[PhotoDescription], again: Callable[[], PhotoDescription]) -> PhotoDescription:
    """A worker may die of anything; three that die of one picture die of the picture. Raises what describing raises."""
    tries = begun.result, *([again] * (_TRIES - 1))
    for attempt in tries:
        try:
            return attempt()
        except WorkerCrashed:  # how it ended is told by chance, and rows of errors are not
            continue
    raise WorkerCrashed(f"ended each process that read it, {_TRIES} times over")


def _shelved(picture: Picture, found: PhotoDescription, generation: Generation) -> ShelvedPhoto:
    if found.model != generation.model:
        raise ModelUnusable(
            f"a worker describes with {found.model or 'no model'}, the shelf with {generation.model or 'none'}; give "
            "all workers the same version and the same model"
        )
    return ShelvedPhoto(
        photo_id(generation.owner, picture.content_hash),
        picture.content_hash,
        picture.address,
        found.width,
        found.height,
        found.model,
        int(found.hashes[0]),
        None if found.descriptor is None else found.descriptor.tobytes(),
        found.preview,
    )
