"""The long runs: what kills a process, hangs or fails is recorded with its input, and the campaign goes on."""

import os
import signal
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from tests.fuzz.campaign import Plan, carry_out
from tests.fuzz.target import Target, promise


def _target_that(kind: str) -> ModuleType:
    def attack(data: bytes) -> int:
        if b"bad" in data:
            if kind == "dies":
                os.kill(os.getpid(), signal.SIGSEGV)
            if kind == "hangs":
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
    monkeypatch.setitem(sys.modules, "tests.fuzz.attack_made", _target_that(kind))
    outcome = carry_out(Plan("made", 3, None, 1, tmp_path, silence_seconds=1.0))
    assert not outcome.is_clean
    assert outcome.runs == 3
    (kept,) = (tmp_path / "made").glob("*.bin")
    assert kept.read_bytes() == b"bad"
    assert words in kept.with_suffix(".txt").read_text()


def test_a_campaign_without_findings_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.fuzz.attack_made", _target_that("stands"))
    outcome = carry_out(Plan("made", 300, None, 1, tmp_path))
    assert outcome.is_clean
    assert (outcome.runs, outcome.units) == (300, 300)
    assert list(tmp_path.iterdir()) == []
