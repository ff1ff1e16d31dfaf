"""Giving way, in a process of its own: none of it can be taken back."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from isthisme.indexing.priority import idle_disk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems rank processes otherwise")


def told_by(script: str) -> list[str]:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, start_new_session=True)
    return done.stdout.split()


def test_a_process_that_gives_way_is_nicer_and_reads_the_disk_when_it_is_idle() -> None:
    script = (
        "import os, psutil\n"
        "from isthisme.indexing.priority import give_way\n"
        "wanted = min(os.nice(0) + 10, 19)\n"
        "give_way()\n"
        "print(os.nice(0) == wanted, psutil.Process().ionice().ioclass.name)"
    )
    assert told_by(script) == ["True", "IOPRIO_CLASS_IDLE"]


def test_threads_started_with_an_idle_disk_keep_it_and_the_main_thread_does_not() -> None:
    # A process that a thread starts has the thread's rank: so it can be read without knowing of threads.
    script = (
        "import subprocess, sys, threading\n"
        "from isthisme.indexing.priority import idle_disk\n"
        "tell = [sys.executable, '-c', 'import psutil; print(psutil.Process().ionice().ioclass.name)']\n"
        "go = threading.Event()\n"
        "thread = threading.Thread(target=lambda: (go.wait(), subprocess.run(tell)))\n"
        "with idle_disk():\n"
        "    thread.start()\n"
        "go.set()\n"
        "thread.join()\n"
        "subprocess.run(tell)"
    )
    of_thread, of_main = told_by(script)
    assert of_thread == "IOPRIO_CLASS_IDLE"
    assert of_main != "IOPRIO_CLASS_IDLE"


def test_a_system_that_refuses_an_idle_disk_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: psutil.Process, *_: object) -> None:
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "ionice", refuse)
    with idle_disk():
        pass


def test_a_session_of_our_own_gives_way_and_one_of_others_is_left_alone() -> None:
    if not Path("/proc/self/autogroup").exists():
        pytest.skip("this kernel does not group programs by session")
    give = "from isthisme.indexing.priority import give_way_as_session; give_way_as_session(7)"
    read = "print(open('/proc/self/autogroup').read())"
    assert told_by(f"{give}; {read}")[-1] == "7"
    inner = f"{give!r}"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner}], check=True); {read}"
    assert told_by(script)[-1] == "0"
