"""Every door for hostile bytes: its seeds, a number of inputs that are the same each time, and all that once failed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser_driver import ROOT
from tests.fuzz.campaign import go_through
from tests.fuzz.catalogue import NAMES, load
from tests.fuzz.findings import kept_findings
from tests.fuzz.mutation import Mutator
from tests.fuzz.target import Broken, Source, Target, pieces, promise

_SEED = 20_261_123
_CONTAINED = "pictures"  # decoders are libraries in C: theirs run in a process of their own, within its limits


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Short, for sockets have short names."""
    with tempfile.TemporaryDirectory(prefix="isthisme-fuzz-") as folder:
        yield Path(folder)


@pytest.mark.parametrize("name", [name for name in NAMES if name != _CONTAINED])
def test_a_target_stands_its_seeds_and_what_becomes_of_them(name: str, scratch: Path) -> None:
    target = load(name, scratch)
    runs = target.runs_in_ci
    tried = held = 0

    def attempt(data: bytes) -> None:
        nonlocal tried, held
        tried += 1
        try:
            held += target.attack(data)
        except Exception as error:
            kept = scratch.parent / f"isthisme-fuzz-{name}-{tried}.bin"
            kept.write_bytes(data)
            error.add_note(f"input {tried} of seed {_SEED}; do it again with: scripts/fuzz {name} --input {kept}")
            raise

    try:
        go_through(target, attempt, lambda done: done < runs, _SEED)
    finally:
        target.close()
    assert tried == runs
    assert held > 0, "no input was let in as far as it should be"


def test_pictures_are_stood_within_the_memory_that_a_worker_has(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", _CONTAINED, "--plain", "--runs", "1500", "--seed", str(_SEED)]
    done = subprocess.run([*command, "--into", tmp_path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + "\n".join(path.read_text() for path in tmp_path.glob("*/*.txt"))
    assert "| pictures | 1,500 | 1,500 |" in done.stdout


@pytest.mark.parametrize(
    ("name", "path"), kept_findings(), ids=lambda each: each if isinstance(each, str) else each.stem
)
def test_what_once_failed_is_stood(name: str, path: Path, scratch: Path) -> None:
    target = load(name, scratch)
    try:
        target.attack(path.read_bytes())
    finally:
        target.close()


def _broken_target(scratch: Path) -> Target:
    def attack(data: bytes) -> int:
        promise(b"\xff" not in data, "there is a byte that must not be")
        return 1

    return Target("broken", attack, (b"a" * 20,), (), 500, words=(b"\xff",))


def test_a_promise_that_does_not_hold_is_found(scratch: Path) -> None:
    target = _broken_target(scratch)

    def attempt(data: bytes) -> None:
        target.attack(data)

    with pytest.raises(Broken, match="a byte that must not be"):
        go_through(target, attempt, lambda done: done < 500, _SEED)


def test_the_same_number_makes_the_same_inputs() -> None:
    one, other, third = (Mutator((b"a seed", b"another"), (b"word",), 40, number) for number in (7, 7, 8))
    first = [one.next() for _ in range(300)]
    assert first == [other.next() for _ in range(300)]
    assert first != [third.next() for _ in range(300)]
    assert max(map(len, first)) <= 40


def test_a_stream_comes_whole_however_it_is_cut() -> None:
    for cut in (0, 1, 2, 3, 77, 255):
        assert b"".join(pieces(bytes(range(256)) * 3, cut)) == bytes(range(256)) * 3


def test_numbers_drawn_past_the_end_are_zero() -> None:
    source = Source(b"\x05")
    assert (source.number(7), source.number(7), source.rest()) == (5, 0, b"")
