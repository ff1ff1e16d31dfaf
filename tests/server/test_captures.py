"""Pages that the user captured, on their way in: by parts, in order, up to a size and within a time."""

import asyncio
from typing import Any

import pytest

from isthisme.domain import Moment
from isthisme.errors import ImageTooLarge, InvalidMessage, NotFound, Overloaded
from isthisme.server.captures import IncomingCapture, WholeCapture
from isthisme.server.messages import CapturePage, Page
from isthisme.server.supplies import SupplyRoom
from tests.acquire.site import until

PNG = b"\x89PNG\r\n\x1a\n..."


def chunk(data: bytes = PNG, part: int = 0, parts: int = 1, **more: Any) -> CapturePage:
    fields: dict[str, Any] = {
        "id": 1,
        "capture": "a",
        "page": Page("https://a.example/", "A page"),
        "kind": "screen",
        "media_type": "image/png",
        "at": 100.5,
        "utc_offset": 3600,
        "width": 20,
        "height": 10,
    }
    return CapturePage(part=part, parts=parts, bytes_=data, **(fields | more))


TEXT = {"kind": "html", "media_type": "text/html", "width": 0, "height": 0}


def contents(capture: WholeCapture | None) -> dict[str, bytes]:
    assert capture is not None
    return {part.first.kind: part.data for part in capture.parts}


async def test_a_capture_comes_whole_with_its_last_part() -> None:
    coming = IncomingCapture()
    assert coming.take(chunk(PNG[:9], 0, 2)) is None
    assert coming.take(chunk(PNG[9:], 1, 2)) is None
    whole = coming.take(chunk(b"<p>", is_last=True, **TEXT))
    assert contents(whole) == {"screen": PNG, "html": b"<p>"}
    assert whole is not None
    assert (whole.page.title, whole.moment) == ("A page", Moment(100.5, 3600))


@pytest.mark.parametrize(
    "second",
    [
        chunk(b"x", 2, 3),
        chunk(b"x", 0, 3),
        chunk(b"x", 1, 2),
        chunk(b"x", 1, 3, kind="whole"),
        chunk(b"x", 1, 3, is_last=True),
    ],
    ids=["a gap", "twice", "another count", "another kind", "too early an end"],
)
async def test_what_is_out_of_order_ends_the_capture(second: CapturePage) -> None:
    coming = IncomingCapture()
    coming.take(chunk(PNG, 0, 3))
    with pytest.raises(InvalidMessage):
        coming.take(second)
    with pytest.raises(NotFound):
        coming.take(chunk(b"x", 1, 3))


@pytest.mark.parametrize(
    "part",
    [
        chunk(b"\xff\xd8\xff"),
        chunk(b"GIF89a", media_type="image/jpeg"),
        chunk(media_type="text/html"),
        chunk(b"<p>", kind="html"),
        chunk(width=0),
        chunk(b"x", 3, 2),
    ],
    ids=["a JPEG", "a GIF", "a text for a picture", "a picture for a text", "no size", "past the end"],
)
async def test_what_is_not_what_it_says_is_refused(part: CapturePage) -> None:
    with pytest.raises((InvalidMessage, NotFound)):
        IncomingCapture().take(part)


async def test_the_same_kind_twice_is_refused() -> None:
    coming = IncomingCapture()
    coming.take(chunk())
    with pytest.raises(InvalidMessage, match="already"):
        coming.take(chunk())


async def test_a_new_capture_takes_the_place_of_one_that_was_left() -> None:
    room = SupplyRoom(30)
    coming = IncomingCapture(room)
    coming.take(chunk(PNG, 0, 2))
    assert contents(coming.take(chunk(capture="b", is_last=True))) == {"screen": PNG}
    room.take(30)  # nothing is held any more


async def test_no_capture_is_over_its_limit_and_all_together_have_room() -> None:
    with pytest.raises(ImageTooLarge, match="the limit"):
        IncomingCapture(most_bytes=10).take(chunk())
    room = SupplyRoom(2 * len(PNG))
    first, second = IncomingCapture(room), IncomingCapture(room)
    first.take(chunk(PNG, 0, 2))
    second.take(chunk(PNG, 0, 2))
    with pytest.raises(Overloaded):
        first.take(chunk(b"x", 1, 2))
    second.take(chunk(PNG, 1, 2))  # what the first held is free again


async def test_a_capture_that_is_not_completed_in_its_time_is_forgotten() -> None:
    room = SupplyRoom(len(PNG))
    coming = IncomingCapture(room, seconds=0.01)
    coming.take(chunk(PNG, 0, 2))
    await until(lambda: _is_free(room, len(PNG)))
    with pytest.raises(NotFound, match="took too long"):
        coming.take(chunk(b"x", 1, 2))


async def test_a_connection_that_ends_leaves_nothing() -> None:
    room = SupplyRoom(len(PNG))
    coming = IncomingCapture(room, seconds=60)
    coming.take(chunk(PNG, 0, 2))
    coming.drop()
    coming.drop()
    assert _is_free(room, len(PNG))
    assert len(asyncio.all_tasks()) == 1


def _is_free(room: SupplyRoom, count: int) -> bool:
    try:
        room.take(count)
    except Overloaded:
        return False
    room.give_back(count)
    return True
