"""Inputs that atheris chooses: those that reach new lines of ours are kept and changed further."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.attempts import Attempts, Note
from tests.fuzz.catalogue import load
from tests.fuzz.findings import Recorder

if TYPE_CHECKING:
    from tests.fuzz.campaign import Plan


def is_here() -> bool:
    """Whether atheris is installed: `fuzz` in pyproject.toml brings it, where it can be built."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        return False
    return True


def guided(
    plan: "Plan",
    runs: int | None,
    seconds: float | None,
    number: int,
    recorder: Recorder,
    note: Note,
    tell: Callable[[], None],
) -> None:
    """Ends the process: libFuzzer does so when it has done its runs."""
    import atheris

    folder = Path(tempfile.mkdtemp(prefix="isthisme-fuzz-"))
    (folder / "corpus").mkdir()
    (folder / "scratch").mkdir()
    with atheris.instrument_imports(include=["isthisme", "isthisme_host"]):
        target = load(plan.name, folder / "scratch")
    for place, seed in enumerate(target.seeds):
        (folder / "corpus" / str(place)).write_bytes(seed)
    (folder / "words").write_text("".join(f'"{_escaped(word)}"\n' for word in target.words if len(word) < 64))
    attempts = Attempts(target, recorder, note, plan.most_cpu_seconds)
    told = 0

    def attempt(data: bytes) -> None:
        nonlocal told
        attempts.attempt(data)
        if len(recorder.places) > told:  # libFuzzer ends without a word to us
            told = len(recorder.places)
            tell()

    arguments = [f"-seed={number % (1 << 31) or 1}", f"-max_len={target.largest}", f"-dict={folder / 'words'}"]
    arguments += [
        f"-artifact_prefix={plan.findings.absolute()}/",
        "-rss_limit_mb=0",
        "-timeout=1000",
        "-print_final_stats=0",
    ]
    arguments += [] if runs is None else [f"-runs={runs}"]
    arguments += [] if seconds is None else [f"-max_total_time={max(1, round(seconds))}"]
    plan.findings.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    atheris.Setup(["fuzz", *arguments, str(folder / "corpus")], attempt)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(chr(each) if 32 <= each < 127 and each not in b'"\\' else f"\\x{each:02x}" for each in word)
