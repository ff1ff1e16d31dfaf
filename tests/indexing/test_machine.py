"""What we see of the computer: its power from the files that Linux has, its processor from what programs took."""

import subprocess
import sys
from pathlib import Path

import pytest

from isthisme.indexing.machine import Machine

LAPTOP = {"AC": {"type": "Mains", "online": "0"}, "BAT0": {"type": "Battery", "status": "Discharging"}}

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have these files")


def power_supplies(folder: Path, supplies: dict[str, dict[str, str]]) -> Path:
    for name, files in supplies.items():
        (folder / name).mkdir(parents=True)
        for file, word in files.items():
            (folder / name / file).write_text(word + "\n")
    return folder


@linux
@pytest.mark.parametrize(
    ("supplies", "is_on_battery"),
    [
        ({}, False),
        (LAPTOP, True),
        (LAPTOP | {"AC": {"type": "Mains", "online": "1"}}, False),
        ({"BAT1": {"type": "Battery", "scope": "System", "status": "Discharging"}}, True),
        ({"BAT1": {"type": "Battery", "status": "Charging"}}, False),
        ({"BAT1": {"type": "Battery", "status": "Unknown"}}, False),
        (LAPTOP | {"BAT1": {"type": "Battery", "status": "Full"}}, True),
        (LAPTOP | {"ucsi-source-psy-1": {"type": "USB", "online": "1"}}, False),
        # A desktop with a wireless mouse.
        ({"hidpp_battery_0": {"type": "Battery", "scope": "Device", "status": "Discharging"}}, False),
        ({"broken": {}, "BAT0": LAPTOP["BAT0"]}, True),
    ],
)
def test_on_battery_is_what_runs_down_the_computers_own(
    tmp_path: Path, supplies: dict[str, dict[str, str]], is_on_battery: bool
) -> None:
    machine = Machine(power_supplies=power_supplies(tmp_path, supplies))
    assert machine.is_on_battery() is is_on_battery


def test_without_the_files_it_is_not_on_battery(tmp_path: Path) -> None:
    if sys.platform == "linux":
        assert not Machine(power_supplies=tmp_path / "nowhere").is_on_battery()
    assert isinstance(Machine().is_on_battery(), bool)


BURNS = "import sys, time\nwhile time.process_time() < 0.5: pass\nprint('done', flush=True)\nsys.stdin.read()"


def test_processor_time_is_told_apart_by_whose_it_is() -> None:
    """A worker burns half a second: it is ours with the worker, and another program's without."""
    with subprocess.Popen([sys.executable, "-c", BURNS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        knowing, unknowing = Machine(lambda: [worker.pid]), Machine()
        assert worker.stdout is not None
        assert worker.stdin is not None
        worker.stdout.readline()
        with_it, without_it = knowing.processor_times(), unknowing.processor_times()
        worker.stdin.close()
    assert with_it.ours - without_it.ours >= 0.45
    # Less than all of it: where the tests themselves give way, only what the system did for it counts.
    assert without_it.others - with_it.others >= 0.1


def test_a_worker_that_ended_is_no_trouble_and_its_time_stays_ours() -> None:
    before = Machine().processor_times().ours
    ended = subprocess.run([sys.executable, "-c", BURNS], input=b"", capture_output=True, check=True)
    assert ended.stdout == b"done\n"
    after = Machine(lambda: [2**22 + 1]).processor_times().ours
    assert after - before >= 0.45
