"""The engine's methods, carried out by worker processes."""

from collections.abc import Sequence
from concurrent.futures import Future

import msgspec

from isthisme.domain import (
    DESCRIPTOR_LENGTH,
    CameraNotes,
    Comparison,
    Judgement,
    PhotoDescription,
    Polygon,
    QueryDescription,
    ReferencePreview,
    SmallCopy,
)
from isthisme.errors import WorkerCrashed
from isthisme.scanning.page_contents import PageContents
from isthisme.workers import wire
from isthisme.workers.confinement import Confinement
from isthisme.workers.pool import Priority, WorkerPool

_LARGEST_PREVIEW = 1 << 20  # bytes
_LARGEST_DRAWING = 8 << 20
_LONGEST_NOTE = 500  # characters


class WorkerEngine:
    """Looks like the engine, blocks the calling thread, and runs in a worker at the given priority.

    Every method raises what the engine's own would raise, and WorkerCrashed when a picture ends its worker.
    """

    def __init__(self, pool: WorkerPool, priority: Priority) -> None:
        self._pool = pool
        self._priority = priority

    def model(self) -> str | None:
        """The name of the descriptor model; None where there is none. Raises ModelUnusable."""
        return _expect(wire.Ready, self._ask(wire.NameModel())).model

    def confinement(self) -> Confinement:
        """What holds a worker on this system."""
        return _expect(wire.Ready, self._ask(wire.NameModel())).confinement

    def describe_photo(self, data: bytes) -> PhotoDescription:
        return self.begin_describing(data).result()

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        """The description to come, so that many photos can be under way."""
        described: Future[PhotoDescription] = Future()
        reply = self._pool.submit(wire.DescribePhoto(data), self._priority)
        reply.add_done_callback(lambda done: _hand_on(done, described))
        return described

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        return _expect(wire.QueryDescribed, self._ask(wire.DescribeQuery(data, deep))).value

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        return _expect(wire.Verified, self._ask(wire.Verify(data, tuple(references), deep))).value

    def shrink(self, data: bytes) -> SmallCopy:
        """A small JPEG of a picture, for showing, and its hash."""
        made = _expect(wire.Shrunk, self._ask(wire.Shrink(data))).value
        if len(made.jpeg) > _LARGEST_PREVIEW or not 0 <= (made.perceptual_hash or 0) < 1 << 64:
            raise WorkerCrashed("a worker gave a small copy of another form")
        return made

    def read_page(self, data: bytes, charset: str | None, address: str) -> PageContents:
        """What is worth a look on a page. Its addresses are as hostile as the page."""
        return _expect(wire.PageRead, self._ask(wire.ReadPage(data, charset, address))).value

    def compare(self, data: bytes, reference: ReferencePreview, photo_region: Polygon) -> Comparison:
        """A picture and a photo that it was found to show, beside each other."""
        made = _expect(wire.Compared, self._ask(wire.Compare(data, reference, photo_region))).value
        _check_jpeg(made.sheet)
        return made

    def redraw(self, data: bytes, side: int) -> bytes:
        """A picture as a JPEG whose longer side has at most `side` pixels."""
        jpeg = _expect(wire.Redrawn, self._ask(wire.Redraw(data, side))).jpeg
        _check_jpeg(jpeg)
        return jpeg

    def camera_notes(self, data: bytes) -> CameraNotes:
        """What the camera wrote into a photo's file."""
        found = _expect(wire.CameraNotesRead, self._ask(wire.ReadCameraNotes(data))).value
        if max(map(len, (found.taken, found.digitised, found.changed, found.camera))) > _LONGEST_NOTE:
            raise WorkerCrashed("a worker gave notes of another form")
        return found

    def _ask(self, request: wire.Request) -> wire.Reply:
        return self._pool.submit(request, self._priority).result()


def _expect[R: msgspec.Struct](kind: type[R], reply: wire.Reply) -> R:
    if not isinstance(reply, kind):
        raise WorkerCrashed(f"a worker answered {type(reply).__name__} where {kind.__name__} was asked")
    return reply


def _check_jpeg(data: bytes) -> None:
    if len(data) > _LARGEST_DRAWING or not data.startswith(b"\xff\xd8\xff"):
        raise WorkerCrashed("a worker gave a drawing of another form")


def _sound(description: PhotoDescription) -> PhotoDescription:
    """The description, whose form a worker that a picture has taken over may not choose: it is going to be stored."""
    descriptor = description.descriptor
    has_form = (
        description.hashes.shape == (1,)
        and (descriptor is None) == (description.model is None)
        and (descriptor is None or descriptor.shape == (DESCRIPTOR_LENGTH,))
        and len(description.preview) <= _LARGEST_PREVIEW
    )
    if not has_form:
        raise WorkerCrashed("a worker gave a description of another form")
    return description


def _hand_on(reply: "Future[wire.Reply]", described: "Future[PhotoDescription]") -> None:
    if reply.cancelled():
        described.cancel()
        return
    try:
        described.set_result(_sound(_expect(wire.PhotoDescribed, reply.result()).value))
    except Exception as error:  # noqa: BLE001 whatever it is, it belongs to whoever waits
        described.set_exception(error)
