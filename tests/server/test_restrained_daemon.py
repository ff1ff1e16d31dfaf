"""The daemon beside programs that need the processor: it waits, says so, and goes on when the user says so."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.companion import client, isthisme, running_daemon, wait_until
from tests.pictures import drawn, encoded

pytestmark = pytest.mark.slow  # many processes

# Each about a tenth of a core, for two cores: enough for a daemon that minds a hundredth.
WORKS = """
import time
while True:
    end = time.process_time() + 0.01
    while time.process_time() < end: pass
    time.sleep(0.09)
"""


CORES = os.cpu_count() or 1
# Enough that a daemon of any speed is still at them when it notices the other programs, some seconds later: it may
# take a hundredth of all cores, and each photo takes it some thousandths of a second.
MANY = 100 + 100 * CORES


def write_many_photos(folder: Path) -> None:
    folder.mkdir()
    random = np.random.default_rng(1)
    for number in range(MANY):
        _, data = cv2.imencode(".png", random.integers(0, 256, (130, 130), np.uint8))
        (folder / f"{number:04}.png").write_bytes(data.tobytes())


@contextmanager
def busy_programs() -> Iterator[None]:
    programs = [subprocess.Popen([sys.executable, "-c", WORKS]) for _ in range((CORES + 1) // 2)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def test_many_photos_wait_while_others_are_busy_and_new_ones_and_the_user_do_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    # So slow that it is still at it when the other program is noticed.
    settings = 'model = "none"\nworkers = 1\nbusy_percent = 1\nindexing_cpu_percent = 1\n'
    (home / "settings.toml").write_text(settings)
    write_many_photos(tmp_path / "photos")
    isthisme(home, "folders", "add", str(tmp_path / "photos"))
    with busy_programs(), running_daemon(home), client(home) as asker:

        def waits() -> bool:
            progress = asker.ask("status")["progress"]
            return progress is not None and progress["waits_because"] == "busy"

        wait_until(waits, "it waits for the other program")
        known = asker.ask("status")["photos"]
        assert known < MANY
        (tmp_path / "photos" / "a new one.jpg").write_bytes(encoded(drawn(900)))
        wait_until(lambda: asker.ask("status")["photos"] == known + 1, "the new photo is found")
        assert asker.ask("index_now")["type"] == "status"
        wait_until(lambda: asker.ask("status")["state"] == "ready", "all is done")
        assert asker.ask("status")["photos"] == MANY + 1
