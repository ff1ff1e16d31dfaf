"""One poisonous picture cannot take others' answers with it."""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import ImageTooLarge, WorkerCrashed
from isthisme.workers import Priority, WorkerEngine, WorkerPool, wire
from tests.pictures import drawn, encoded
from tests.workers.confined import needs_door

_PROGRAM = (str(Path(__file__).with_name("poisonous_worker.py")),)
_PICTURES = [encoded(drawn(seed)) for seed in range(4)]
_DEADLY = [b"crash", b"abort", b"exit", b"hang", b"answer nonsense", b"answer twice"]


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with closing(WorkerPool("none", 2, job_seconds=4.0, program=_PROGRAM)) as made:
        yield made


@pytest.fixture(scope="module")
def right() -> list[wire.Reply]:
    engine = Engine(Models.none())
    return [wire.Shrunk(engine.shrink(picture)) for picture in _PICTURES]


def among_others(pool: WorkerPool, poison: bytes) -> tuple["Future[wire.Reply]", list[wire.Reply]]:
    """What came of a poison, and of the pictures that were asked before, beside and after it."""

    def asked(data: bytes) -> "Future[wire.Reply]":
        return pool.submit(wire.Shrink(data), Priority.PASSIVE)

    before = [asked(picture) for picture in _PICTURES[:2]]
    poisoned = asked(b"poison: " + poison)
    others = before + [asked(picture) for picture in _PICTURES[2:]]
    wait([*others, poisoned])
    return poisoned, [each.result() for each in others]


@pytest.mark.parametrize("poison", _DEADLY)
def test_a_worker_that_a_picture_ends_takes_no_other_answer_with_it(
    pool: WorkerPool, right: list[wire.Reply], poison: bytes
) -> None:
    poisoned, others = among_others(pool, poison)
    assert isinstance(poisoned.exception(), WorkerCrashed)
    assert others == right


def test_a_picture_that_wants_all_memory_is_refused_alone(pool: WorkerPool, right: list[wire.Reply]) -> None:
    poisoned, others = among_others(pool, b"allocate")
    assert isinstance(poisoned.exception(), ImageTooLarge)
    assert others == right


def test_what_libraries_print_gets_neither_between_the_answers_nor_into_the_log(
    pool: WorkerPool, right: list[wire.Reply], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    for poison in (b"chatter", b"flood"):
        poisoned, others = among_others(pool, poison)
        assert isinstance(poisoned.result(), wire.Shrunk)
        assert others == right
    assert capfd.readouterr() == ("", "")
    assert sum(map(len, caplog.messages)) < 4000


def test_the_log_says_shortly_and_in_printable_words_why_a_worker_was_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with closing(WorkerPool("none", 1, program=_PROGRAM)) as pool:
        engine = WorkerEngine(pool, Priority.ASKED)
        engine.shrink(_PICTURES[0])
        pool.submit(wire.Shrink(b"poison: chatter"), Priority.ASKED).result()
        with pytest.raises(WorkerCrashed):
            engine.shrink(b"poison: abort")
    (message,) = caplog.messages
    assert "corrupt JPEG data" in message or "\N{REPLACEMENT CHARACTER}" in message
    assert message.isprintable()
    assert len(message) < 1000


@needs_door
@pytest.mark.parametrize("poison", [b"fork", b"open a file", b"connect"])
def test_what_is_refused_costs_that_picture_its_answer_at_most(
    pool: WorkerPool, right: list[wire.Reply], poison: bytes
) -> None:
    poisoned, others = among_others(pool, poison)
    assert isinstance(poisoned.exception(), WorkerCrashed)
    assert others == right


@needs_door
def test_who_tries_what_no_picture_needs_is_ended_and_the_answer_says_so(pool: WorkerPool) -> None:
    poisoned, _ = among_others(pool, b"run a program")
    assert "as only bytes made to attack do" in str(poisoned.exception())


def test_a_poisonous_picture_is_tried_once(pool: WorkerPool) -> None:
    """Asked again it ends another worker: nobody but the asker asks again."""
    before = pool.process_ids
    with pytest.raises(WorkerCrashed):
        WorkerEngine(pool, Priority.ASKED).shrink(b"poison: exit")
    assert len(before - pool.process_ids) <= 1


def test_a_worker_that_ended_while_it_had_nothing_to_do_costs_nobody_an_answer() -> None:
    with closing(WorkerPool("none", 1)) as pool:
        engine = WorkerEngine(pool, Priority.ASKED)
        right = engine.shrink(_PICTURES[0])
        (process_id,) = pool.process_ids
        ended = os.pidfd_open(process_id)
        os.kill(process_id, 9)
        import select

        assert select.select([ended], [], [], 20)[0]
        os.close(ended)
        assert engine.shrink(_PICTURES[0]) == right
        assert process_id not in pool.process_ids
