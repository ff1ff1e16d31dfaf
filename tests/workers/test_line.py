"""Who takes which job: the urgent first, then what its worker knows, then what is new, then what others began."""

import threading

from isthisme.domain import ReferencePreview
from isthisme.workers import Priority, wire
from isthisme.workers.line import REMEMBERED, Line

_NO_REFERENCES: tuple[ReferencePreview, ...] = ()


def describe(line: Line, name: bytes, priority: Priority = Priority.PASSIVE) -> None:
    line.put(wire.DescribeQuery(name, deep=False), priority)


def verify(line: Line, name: bytes) -> None:
    line.put(wire.Verify(name, _NO_REFERENCES, deep=False), Priority.PASSIVE)


def taken(line: Line, taker: int) -> str:
    job = line.take(taker, 0)
    assert job is not None
    assert isinstance(job.request, wire.DescribeQuery | wire.Verify | wire.DescribePhoto)
    return f"{type(job.request).__name__} {job.request.data.decode()}"


def begun(*names: bytes) -> Line:
    """A line of two takers, the first of which has described these pictures."""
    line = Line(2)
    for name in names:
        describe(line, name)
        taken(line, 0)
    return line


def test_what_is_as_urgent_comes_in_the_order_in_which_it_was_asked_for() -> None:
    line = Line(1)
    for name in (b"one", b"two", b"three"):
        describe(line, name)
    assert [taken(line, 0) for _ in range(3)] == ["DescribeQuery one", "DescribeQuery two", "DescribeQuery three"]


def test_what_is_more_urgent_comes_first_whoever_knows_the_other() -> None:
    line = begun(b"known")
    verify(line, b"known")
    describe(line, b"asked", Priority.ASKED)
    assert taken(line, 0) == "DescribeQuery asked"


def test_a_worker_goes_on_with_what_it_knows_before_anything_new() -> None:
    line = begun(b"known")
    describe(line, b"new")
    verify(line, b"known")
    assert [taken(line, 0), taken(line, 0)] == ["Verify known", "DescribeQuery new"]


def test_another_one_takes_what_is_new_first_and_then_what_is_left() -> None:
    line = begun(b"known")
    verify(line, b"known")
    describe(line, b"new")
    assert [taken(line, 1), taken(line, 1)] == ["DescribeQuery new", "Verify known"]


def test_while_a_worker_verifies_the_others_take_what_else_it_began_in_its_turn() -> None:
    line = begun(b"first", b"second")
    verify(line, b"first")
    assert taken(line, 0) == "Verify first"
    describe(line, b"third")
    verify(line, b"second")
    describe(line, b"fourth")
    assert [taken(line, 1) for _ in range(3)] == ["Verify second", "DescribeQuery third", "DescribeQuery fourth"]


def test_a_worker_goes_on_with_the_picture_that_came_first() -> None:
    line = begun(b"first", b"second")
    verify(line, b"second")
    verify(line, b"first")
    assert [taken(line, 0), taken(line, 0)] == ["Verify first", "Verify second"]


def test_pictures_that_were_looked_at_too_long_ago_are_nobodys() -> None:
    line = begun(*(b"%d" % number for number in range(REMEMBERED + 1)))
    describe(line, b"new")
    verify(line, b"0")
    verify(line, b"1")
    assert [taken(line, 0) for _ in range(3)] == ["Verify 1", "DescribeQuery new", "Verify 0"]


def test_a_picture_that_is_asked_about_again_stays_known() -> None:
    line = begun(b"first", *(b"%d" % number for number in range(REMEMBERED - 1)))
    verify(line, b"first")
    taken(line, 0)
    describe(line, b"another")
    taken(line, 0)
    describe(line, b"new")
    verify(line, b"first")
    assert taken(line, 0) == "Verify first"


def test_photos_that_are_indexed_are_known_to_nobody() -> None:
    line = Line(2)
    for name in (b"same", b"other", b"same"):
        line.put(wire.DescribePhoto(name), Priority.INDEXING)
    assert [taken(line, 0) for _ in range(3)] == ["DescribePhoto same", "DescribePhoto other", "DescribePhoto same"]


def test_who_takes_waits_for_a_job_or_for_its_time() -> None:
    line = Line(1)
    assert line.take(0, 0.01) is None
    found: list[str] = []
    waiting = threading.Thread(target=lambda: found.append(taken_in_time(line)))
    waiting.start()
    describe(line, b"late")
    waiting.join()
    assert found == ["DescribeQuery late"]


def taken_in_time(line: Line) -> str:
    job = line.take(0)
    assert job is not None
    assert isinstance(job.request, wire.DescribeQuery)
    return f"DescribeQuery {job.request.data.decode()}"


def test_what_is_taken_out_is_all_that_waits() -> None:
    line = begun(b"known")
    verify(line, b"known")
    describe(line, b"new")
    assert len(line) == 2
    assert len(line.clear()) == 2
    assert len(line) == 0
    assert line.take(1, 0) is None
