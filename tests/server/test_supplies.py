"""Handing in pictures: what was asked for, in order, once, up to a size and within a time."""

import asyncio
from typing import Any

import pytest

from isthisme.errors import ImageTooLarge, InvalidMessage, NotFound, NotSupplied, Overloaded
from isthisme.server.messages import SupplyBytes, SupplyNothing
from isthisme.server.supplies import Supplies, SupplyRoom
from tests.acquire.site import until

REQUEST = 7


class Asked:
    """Remembers what the extension was asked for."""

    def __init__(self) -> None:
        self.frames: list[tuple[str, int, dict[str, Any]]] = []

    async def send(self, kind: str, request_id: int, fields: dict[str, Any]) -> None:
        self.frames.append((kind, request_id, fields))

    @property
    def keys(self) -> list[str]:
        return [fields["key"] for _, _, fields in self.frames]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def supplies(asked: Asked) -> Supplies:
    return Supplies(asked.send, most_bytes=10)


def part(data: bytes, number: int = 0, parts: int = 1, key: str = "a", target: int = REQUEST) -> SupplyBytes:
    return SupplyBytes(1, target, key, number, parts, data)


async def begin(supplies: Supplies, asked: Asked, key: str = "a") -> "asyncio.Task[bytes]":
    count = len(asked.frames)

    async def supplied() -> bytes:
        return await supplies.for_request(REQUEST)(key, False)

    task = asyncio.create_task(supplied())
    await until(lambda: len(asked.frames) > count)
    return task


async def test_a_picture_comes_whole(supplies: Supplies, asked: Asked) -> None:
    coming = await begin(supplies, asked)
    assert asked.frames == [("want_bytes", REQUEST, {"key": "a", "from_document_only": False})]
    supplies.take(part(b"pic"))
    assert await coming == b"pic"


async def test_a_picture_comes_in_parts(supplies: Supplies, asked: Asked) -> None:
    coming = await begin(supplies, asked)
    for number, piece in enumerate((b"a", b"pic", b"ture")):
        supplies.take(part(piece, number, 3))
    assert await coming == b"apicture"


async def test_what_was_not_asked_for_is_refused(supplies: Supplies, asked: Asked) -> None:
    coming = await begin(supplies, asked)
    for stray in (part(b"x", key="b"), part(b"x", target=8)):
        with pytest.raises(NotFound, match="nobody waits"):
            supplies.take(stray)
    with pytest.raises(NotFound):
        supplies.refuse(SupplyNothing(1, REQUEST, "b", "gone"))
    supplies.take(part(b"pic"))
    assert await coming == b"pic"


async def test_what_comes_late_is_refused(supplies: Supplies, asked: Asked) -> None:
    coming = await begin(supplies, asked)
    supplies.take(part(b"pic"))
    with pytest.raises(NotFound):
        supplies.take(part(b"pic"))
    await coming
    with pytest.raises(NotFound):
        supplies.take(part(b"pic"))
    with pytest.raises(NotFound):
        supplies.refuse(SupplyNothing(1, REQUEST, "a", "gone"))


@pytest.mark.parametrize(
    "second",
    [part(b"x", 0, 3), part(b"x", 2, 3), part(b"x", 1, 2), part(b"x", 1, 4), part(b"", 1, 3), part(b"x", 60, 64)],
    ids=["again", "skipped", "fewer", "more", "empty", "far"],
)
async def test_parts_that_break_the_rules_end_the_supply(supplies: Supplies, asked: Asked, second: SupplyBytes) -> None:
    coming = await begin(supplies, asked)
    supplies.take(part(b"x", 0, 3))
    with pytest.raises(InvalidMessage):
        supplies.take(second)
    with pytest.raises(NotFound):
        supplies.take(part(b"x", 1, 3))
    with pytest.raises(InvalidMessage):
        await coming


async def test_a_picture_over_the_limit_is_refused_where_it_goes_over(supplies: Supplies, asked: Asked) -> None:
    coming = await begin(supplies, asked)
    supplies.take(part(b"12345", 0, 3))
    supplies.take(part(b"67890", 1, 3))
    with pytest.raises(ImageTooLarge, match="more bytes than 10"):
        supplies.take(part(b"1", 2, 3))
    with pytest.raises(ImageTooLarge):
        await coming


async def test_all_that_is_incomplete_together_is_bounded_and_makes_room_again(asked: Asked) -> None:
    supplies = Supplies(asked.send, SupplyRoom(12), most_bytes=10)
    first, second = await begin(supplies, asked), await begin(supplies, asked, "b")
    supplies.take(part(b"1234567890", 0, 2))
    with pytest.raises(Overloaded):
        supplies.take(part(b"123", 0, 2, key="b"))
    with pytest.raises(Overloaded):
        await second
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    third = await begin(supplies, asked, "c")
    supplies.take(part(b"1234567890", key="c"))
    assert await third == b"1234567890"


async def test_the_browser_may_say_no(supplies: Supplies, asked: Asked) -> None:
    coming = await begin(supplies, asked)
    supplies.refuse(SupplyNothing(1, REQUEST, "a", "tainted"))
    with pytest.raises(NotSupplied, match="tainted"):
        await coming


async def test_a_browser_that_says_nothing_is_given_up(asked: Asked) -> None:
    supplies = Supplies(asked.send, seconds=0.01)
    with pytest.raises(NotSupplied, match=r"in 0\.01 seconds"):
        await supplies.for_request(REQUEST)("a", False)


async def test_parts_that_never_end_do_not_lengthen_the_time(asked: Asked) -> None:
    supplies = Supplies(asked.send, seconds=0.2)
    coming = await begin(supplies, asked)
    for number in range(63):
        supplies.take(part(b"x", number, 64))
    with pytest.raises(NotSupplied):
        await coming


async def test_a_page_whose_browser_is_silent_does_not_wait_for_each_picture(asked: Asked) -> None:
    supply = Supplies(asked.send, seconds=0.01).for_request(REQUEST)
    outcomes = await asyncio.gather(*(supply(str(key), False) for key in range(50)), return_exceptions=True)
    assert all(isinstance(outcome, NotSupplied) for outcome in outcomes)
    assert len(asked.frames) < 10


async def test_a_request_asks_for_few_at_once_and_no_other_request_waits_for_it(asked: Asked) -> None:
    supplies = Supplies(asked.send)
    one, other = supplies.for_request(1), supplies.for_request(2)
    slow = [asyncio.ensure_future(one(str(key), False)) for key in range(10)]
    await until(lambda: len(asked.frames) == 4)
    quick = asyncio.ensure_future(other("a", False))
    await until(lambda: len(asked.frames) == 5)
    supplies.take(part(b"pic", target=2))
    assert await quick == b"pic"
    assert asked.keys[:4] == ["0", "1", "2", "3"]
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_two_pictures_with_one_key_are_told_apart_by_refusing_the_second(
    supplies: Supplies, asked: Asked
) -> None:
    coming = await begin(supplies, asked)
    with pytest.raises(InvalidMessage, match="have the key 'a'"):
        await supplies.for_request(REQUEST)("a", False)
    supplies.take(part(b"pic"))
    assert await coming == b"pic"
