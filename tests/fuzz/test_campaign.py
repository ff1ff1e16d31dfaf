"""The long runs: what kills a process, hangs or fails is recorded with its input, and the campaign goes on."""

import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from tests.fuzz.campaign import Plan, carry_out
from tests.fuzz.target import Target, promise


class _ClockOfTheHanging:
    """Goes on only while a process hangs that noted its number: one that the machine lets wait is no other then."""

    def __init__(self, note: Path) -> None:
        self._note, self._now = note, 0.0

    def __call__(self) -> float:
        number = self._note.read_text() if self._note.exists() else ""
        self._now += bool(number) and psutil.pid_exists(int(number))
        return self._now


def _target_that(kind: str, note: Path) -> ModuleType:
    def attack(data: bytes) -> int:
        if b"bad" in data:
            if kind == "dies":
                os.kill(os.getpid(), signal.SIGSEGV)
            if kind == "hangs":
                note.with_suffix(".new").write_text(str(os.getpid()))
                note.with_suffix(".new").rename(note)
                time.sleep(600)
            promise(kind == "stands", "a promise that does not hold")
        return 1

    module = ModuleType("attack")
    module.__dict__["target"] = lambda _: Target("made", attack, (b"good", b"bad", b"good again"), (), 3)
    return module


@pytest.mark.parametrize(
    ("kind", "words"),
    [("dies", "the process ended: SIGSEGV"), ("hangs", "it hung for 1 s"), ("fails", "a promise that does not hold")],
)
def test_the_input_is_kept_with_what_it_did(
    kind: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, findings = tmp_path / "hangs", tmp_path / "findings"
    monkeypatch.setitem(sys.modules, "tests.fuzz.attack_made", _target_that(kind, note))
    outcome = carry_out(Plan("made", 3, None, 1, findings, silence_seconds=1.0, clock=_ClockOfTheHanging(note)))
    assert not outcome.is_clean
    assert outcome.runs == 3
    (kept,) = (findings / "made").glob("*.bin")
    assert kept.read_bytes() == b"bad"
    assert words in kept.with_suffix(".txt").read_text()


def test_a_campaign_without_findings_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.fuzz.attack_made", _target_that("stands", tmp_path / "hangs"))
    outcome = carry_out(Plan("made", 300, None, 1, tmp_path))
    assert outcome.is_clean
    assert (outcome.runs, outcome.units) == (300, 300)
    assert list(tmp_path.iterdir()) == []
