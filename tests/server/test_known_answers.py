"""Answers by content: one description for many addresses, as long as the index stays as it is."""

import asyncio
import hashlib

from isthisme.answer_note import AnswerNote
from isthisme.catalog.generations import IndexMark
from isthisme.server.known_answers import KnownAnswers

MARK = IndexMark(1, 2, 0)
NOTE = AnswerNote("no_copy", 0.0, None, [], 9, 9, 1)


def hashed(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_an_answer_is_known_until_the_index_changes() -> None:
    answers = KnownAnswers()
    answers.remember(hashed(b"a"), MARK, NOTE)
    assert answers.known(hashed(b"a"), MARK) is NOTE
    assert answers.known(hashed(b"b"), MARK) is None
    assert answers.known(hashed(b"a"), IndexMark(1, 3, 0)) is None


def test_the_oldest_answer_makes_room() -> None:
    answers = KnownAnswers(most=2)
    for data in (b"a", b"b", b"c"):
        answers.remember(hashed(data), MARK, NOTE)
    assert [answers.known(hashed(data), MARK) for data in (b"a", b"b", b"c")] == [None, NOTE, NOTE]


async def test_the_same_picture_is_judged_by_one_at_a_time_and_another_beside_it() -> None:
    answers, inside, most = KnownAnswers(), 0, 0
    release, others = asyncio.Event(), []

    async def judge(data: bytes) -> None:
        nonlocal inside, most
        async with answers.alone_with(data):
            if data != b"same":
                others.append(data)
                release.set()
                return
            inside += 1
            most = max(most, inside)
            await release.wait()
            inside -= 1

    await asyncio.gather(*(judge(b"same") for _ in range(5)), judge(b"other"))
    assert (most, others) == (1, [b"other"])


async def test_one_who_goes_away_lets_the_next_one_in() -> None:
    answers, entered = KnownAnswers(), asyncio.Event()

    async def hold() -> None:
        async with answers.alone_with(b"a"):
            entered.set()
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold())
    await entered.wait()
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    async with asyncio.timeout(60), answers.alone_with(b"a"):
        pass
