"""One target's campaign in processes of its own: limits as workers have them, crashes and hangs caught and recorded."""

import contextlib
import faulthandler
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.attempts import Attempts, Count, Note, opened, until
from tests.fuzz.catalogue import load
from tests.fuzz.findings import Recorder
from tests.fuzz.mutation import Mutator
from tests.fuzz.target import Target

MEMORY_BYTES = 3 << 30  # as the workers that read untrusted bytes
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one target."""

    name: str
    runs: int | None
    seconds: float | None
    number: int  # of the chance: the same number, the same inputs
    findings: Path
    is_guided: bool = False  # by coverage, with atheris
    silence_seconds: float = 60.0  # for one input, then it hangs
    most_cpu_seconds: float = 5.0  # for one input, then it is slow
    clock: Callable[[], float] = time.monotonic  # of that silence


@dataclass(frozen=True, slots=True)
class Outcome:
    runs: int
    units: int
    seconds: float
    places: dict[str, int]  # where something failed, and how often
    crashes: int

    @property
    def is_clean(self) -> bool:
        return not self.places and not self.crashes


def carry_out(plan: Plan) -> Outcome:
    """Does the campaign; after a crash or a hang goes on with the inputs that a new number makes."""
    began = time.monotonic()
    recorder = Recorder(plan.findings, plan.name)
    goes_on = until(plan.runs, plan.seconds)
    runs = units = crashes = 0
    while goes_on(runs):
        left = None if plan.runs is None else plan.runs - runs
        seconds = None if plan.seconds is None else max(0.0, plan.seconds - (time.monotonic() - began))
        count, places, ending = _in_a_process(plan, left, seconds, plan.number + 1_000_003 * crashes)
        runs, units = runs + count.begun, units + count.units
        for place, times in places.items():
            recorder.places[place] = recorder.places.get(place, 0) + times
        if ending is None:
            break
        crashes += 1
        words, data = ending
        recorder.record(data, words)
        if count.begun == 0:
            raise RuntimeError(f"{plan.name} ends before its first input: {words}")
    return Outcome(runs, units, time.monotonic() - began, recorder.places, crashes)


def _in_a_process(
    plan: Plan, runs: int | None, seconds: float | None, number: int
) -> tuple[Count, dict[str, int], tuple[str, bytes] | None]:
    """How far it came; and, where it did not end well, how it ended and at which input."""
    note = Note()
    told_read, told_write = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(told_read)
        _be_the_child(plan, runs, seconds, number, note, told_write)
    os.close(told_write)
    status = _wait(child, note, plan)
    with os.fdopen(told_read) as told:
        places: dict[str, int] = {}
        for line in told:
            times, _, place = line.rstrip("\n").partition(" ")
            places[place] = int(times)
    count, data = note.read()
    if status == 0:
        return count, places, None
    words = f"it hung for {plan.silence_seconds:g} s" if status is None else f"the process ended: {_name_of(status)}"
    return count, places, (words, data)


def _be_the_child(plan: Plan, runs: int | None, seconds: float | None, number: int, note: Note, told: int) -> None:
    """Never returns."""
    status = 1
    try:
        faulthandler.disable()  # the parent tells how this process ended
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        recorder = Recorder(plan.findings, plan.name)
        tell = _teller(recorder, told)
        with tempfile.TemporaryDirectory(prefix="isthisme-fuzz-") as scratch:
            if plan.is_guided:
                from tests.fuzz.guidance import guided

                guided(plan, runs, seconds, number, recorder, note, tell)
            else:
                with opened(load(plan.name, Path(scratch))) as target:
                    attempts = Attempts(target, recorder, note, plan.most_cpu_seconds)
                    go_through(target, attempts.attempt, until(runs, seconds), number)
        tell()
        status = 0
    except BaseException:  # noqa: BLE001 nothing may go on in the parent's name
        traceback.print_exc()
    finally:
        os._exit(status)


def _teller(recorder: Recorder, told: int) -> Callable[[], None]:
    def tell() -> None:
        lines = "".join(f"{times} {place}\n".replace("\r", " ") for place, times in recorder.places.items())
        os.write(told, lines.encode("utf-8", "replace"))

    return tell


def go_through(target: Target, attempt: Callable[[bytes], None], goes_on: Callable[[int], bool], number: int) -> None:
    """The seeds as they are, then what becomes of them."""
    done = 0
    for seed in target.seeds:
        if not goes_on(done):
            return
        attempt(seed)
        done += 1
    mutator = Mutator(target.seeds, target.words, target.largest, number)
    while goes_on(done):
        attempt(mutator.next())
        done += 1


def _wait(child: int, note: Note, plan: Plan) -> int | None:
    """The child's status; None where it had to be killed because nothing moved any more."""
    last, since = -1, plan.clock()
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        begun = note.read()[0].begun
        if begun != last:
            last, since = begun, plan.clock()
        elif plan.clock() - since > plan.silence_seconds:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(_LOOK_SECONDS)


def _name_of(status: int) -> str:
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit code {os.waitstatus_to_exitcode(status)}"
