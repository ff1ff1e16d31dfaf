"""How many requests are under way at once."""

import asyncio

import pytest

from isthisme.acquire.slots import Slots, SlotsWithReserve


class Crowd:
    """Many that take a slot for a moment."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.inside: list[str] = []
        self.most = 0

    async def visit(self, host: str) -> None:
        async with self.slots.taken(host):
            self.inside.append(host)
            self.most = max(self.most, len(self.inside))
            await asyncio.sleep(0.005)
            self.inside.remove(host)


async def test_one_host_has_so_many() -> None:
    crowd = Crowd(Slots(per_host=3, total=100))
    await asyncio.gather(*(crowd.visit("a") for _ in range(20)))
    assert crowd.most == 3


async def test_all_hosts_together_have_so_many() -> None:
    crowd = Crowd(Slots(per_host=3, total=5))
    await asyncio.gather(*(crowd.visit(host) for host in "abcdef" * 4))
    assert crowd.most == 5


async def test_a_crowd_at_one_host_does_not_keep_others_waiting() -> None:
    crowd = Crowd(Slots(per_host=1, total=2))
    waiting = [asyncio.create_task(crowd.visit("a")) for _ in range(50)]
    await asyncio.sleep(0)
    await crowd.visit("b")
    assert sum(task.done() for task in waiting) < 50
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_nothing_is_remembered_of_hosts_that_are_done_with() -> None:
    slots = Slots(per_host=1, total=1)
    crowd = Crowd(slots)
    tasks = [asyncio.create_task(crowd.visit(host)) for host in "aabbcc"]
    await asyncio.sleep(0)
    assert slots.hosts == {"a", "b", "c"}
    tasks[-1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert slots.hosts == frozenset()


async def test_a_slot_is_given_back_when_its_user_fails() -> None:
    slots = Slots(per_host=1, total=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="fails"):
            async with slots.taken("a"):
                raise ValueError("fails")


async def settled() -> None:
    """All who can take a slot have taken it: nobody waits for anything but another one."""
    for _ in range(20):
        await asyncio.sleep(0)


async def enter(slots: SlotsWithReserve, host: str, entered: list[str], *, is_urgent: bool = False) -> None:
    """Takes a slot and keeps it until cancelled."""
    async with slots.taken(host, is_urgent=is_urgent):
        entered.append(host)
        await asyncio.Event().wait()


async def test_one_more_slot_is_there_for_what_is_urgent() -> None:
    slots = SlotsWithReserve(per_host=2, total=3)
    entered: list[str] = []
    tasks = [asyncio.create_task(enter(slots, host, entered)) for host in "aaabbb"]
    await settled()
    assert sorted(entered) == ["a", "a", "b"]
    entered.clear()
    tasks += [asyncio.create_task(enter(slots, "a", entered, is_urgent=True)) for _ in range(2)]
    await settled()
    assert entered == ["a"]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert slots.hosts == frozenset()


async def test_what_is_urgent_gets_the_next_slot_that_is_free() -> None:
    slots = SlotsWithReserve(per_host=1, total=1)
    entered: list[str] = []
    first = asyncio.create_task(enter(slots, "a", entered))
    waits = asyncio.create_task(enter(slots, "b", entered))
    await settled()
    urgent = [asyncio.create_task(enter(slots, host, entered, is_urgent=True)) for host in "cd"]
    await settled()
    first.cancel()
    await settled()
    assert entered == ["a", "c", "d"]
    for task in (waits, *urgent):
        task.cancel()
    await asyncio.gather(first, waits, *urgent, return_exceptions=True)
