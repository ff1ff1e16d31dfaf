"""The engine's methods, carried out by worker processes."""

from collections.abc import Sequence
from concurrent.futures import Future

import msgspec

from isthisme.domain import (
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
from isthisme.workers import form, wire
from isthisme.workers.confinement import Confinement
from isthisme.workers.pool import Priority, WorkerPool


class WorkerEngine:
    """Looks like the engine, blocks the calling thread, and runs in a worker at the given priority.

    Every method raises what the engine's own would raise, and WorkerCrashed when a picture ends its worker, or has it
    answer what the engine never would.
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
        made = _expect(wire.QueryDescribed, self._ask(wire.DescribeQuery(data, deep))).value
        form.check_query(made)
        return made

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        made = _expect(wire.Verified, self._ask(wire.Verify(data, tuple(references), deep))).value
        form.check_judgement(made, references)
        return made

    def shrink(self, data: bytes) -> SmallCopy:
        """A small JPEG of a picture, for showing, and its hash."""
        made = _expect(wire.Shrunk, self._ask(wire.Shrink(data))).value
        form.check_small_copy(made)
        return made

    def read_page(self, data: bytes, charset: str | None, address: str) -> PageContents:
        """What is worth a look on a page. Its addresses are as hostile as the page."""
        return _expect(wire.PageRead, self._ask(wire.ReadPage(data, charset, address))).value

    def compare(self, data: bytes, reference: ReferencePreview, photo_region: Polygon) -> Comparison:
        """A picture and a photo that it was found to show, beside each other."""
        made = _expect(wire.Compared, self._ask(wire.Compare(data, reference, photo_region))).value
        form.check_drawing(made.sheet)
        return made

    def redraw(self, data: bytes, side: int) -> bytes:
        """A picture as a JPEG whose longer side has at most `side` pixels."""
        jpeg = _expect(wire.Redrawn, self._ask(wire.Redraw(data, side))).jpeg
        form.check_drawing(jpeg)
        return jpeg

    def camera_notes(self, data: bytes) -> CameraNotes:
        """What the camera wrote into a photo's file."""
        found = _expect(wire.CameraNotesRead, self._ask(wire.ReadCameraNotes(data))).value
        form.check_notes(found)
        return found

    def _ask(self, request: wire.Request) -> wire.Reply:
        return self._pool.submit(request, self._priority).result()


def _expect[R: msgspec.Struct](kind: type[R], reply: wire.Reply) -> R:
    if not isinstance(reply, kind):
        raise WorkerCrashed(f"a worker answered {type(reply).__name__} where {kind.__name__} was asked")
    return reply


def _hand_on(reply: "Future[wire.Reply]", described: "Future[PhotoDescription]") -> None:
    if reply.cancelled():
        described.cancel()
        return
    try:
        made = _expect(wire.PhotoDescribed, reply.result()).value
        form.check_photo(made)
        described.set_result(made)
    except Exception as error:  # noqa: BLE001 whatever it is, it belongs to whoever waits
        described.set_exception(error)
