"""The pipes of Windows to real workers, here: the same answers, and the same ends of what goes wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from isthisme.errors import WorkerCrashed
from isthisme.workers import wire
from isthisme.workers.child import Child
from isthisme.workers.threaded_pipes import ThreadedPipes
from tests.pictures import drawn, encoded

PATIENCE_SECONDS = 60.0


@contextmanager
def worker(tmp_path: Path, program: str | None = None) -> Iterator[Child]:
    """The poisonous worker, or a program that only pretends to be one."""
    path = Path(__file__).with_name("poisonous_worker.py") if program is None else tmp_path / "worker.py"
    if program is not None:
        path.write_text(f"import os, struct, sys, time\n{program}")
    child = Child((str(path),), "none", 0, ThreadedPipes)
    try:
        yield child
    finally:
        child.end()


def test_a_worker_answers_and_its_complaints_are_heard(tmp_path: Path) -> None:
    with worker(tmp_path) as child:
        assert isinstance(child.first_reply(PATIENCE_SECONDS), wire.Ready)
        for seed in range(3):
            assert isinstance(child.ask(wire.Shrink(encoded(drawn(seed))), PATIENCE_SECONDS), wire.Shrunk)
        large = wire.Shrink(encoded(drawn(1)) + b"\0" * (4 << 20))  # more than any pipe holds
        assert isinstance(child.ask(large, PATIENCE_SECONDS), wire.Shrunk)
        for poison in (b"chatter", b"flood"):
            assert isinstance(child.ask(wire.Shrink(b"poison: " + poison), PATIENCE_SECONDS), wire.Shrunk)
        with pytest.raises(WorkerCrashed, match="ended"):
            child.ask(wire.Shrink(b"poison: exit"), PATIENCE_SECONDS)
        assert "this picture is odd" in child.last_words


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("time.sleep(60)", "more than 0.05 s"),
        ("os.write(1, bytes(2))", "ended"),
        ("os.write(1, struct.pack('=I', 2) + b'{}' * 2)\ntime.sleep(60)", "nonsense: it answered more"),
        ("os.write(1, b'\\xff' * 8)\ntime.sleep(60)", "nonsense: frame of 4294967295 bytes"),
        ("os.write(1, struct.pack('=I', 2) + b'\\xc1\\xc1')\ntime.sleep(60)", "nonsense"),
    ],
)
def test_what_is_no_answer_is_a_crash(tmp_path: Path, program: str, words: str) -> None:
    seconds = 0.05 if "0.05" in words else PATIENCE_SECONDS
    with worker(tmp_path, program) as child, pytest.raises(WorkerCrashed, match=words):
        child.first_reply(seconds)


def test_a_worker_that_sends_without_end_is_made_to_wait(tmp_path: Path) -> None:
    most = wire.LARGEST_REPLY >> 20
    sent = tmp_path / "sent"
    program = f"while True:\n    os.write(1, bytes(1 << 20))\n    open({str(sent)!r}, 'a').write('.')"
    with worker(tmp_path, program) as child:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not sent.exists() or sent.stat().st_size < most:  # MiB
            assert time.monotonic() < give_up
            time.sleep(0.01)
        time.sleep(0.2)  # for what would not wait
        assert sent.stat().st_size <= most + 3  # what is kept, one chunk over it, and what a pipe holds
        with pytest.raises(WorkerCrashed, match="nonsense"):
            child.first_reply(PATIENCE_SECONDS)
    assert child.has_ended


def test_nothing_is_left_open(tmp_path: Path) -> None:
    with worker(tmp_path, "sys.stdin.read()") as child:
        pass
    process = child._process
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    assert (process.stdin.closed, process.stdout.closed, process.stderr.closed) == (True, True, True)
