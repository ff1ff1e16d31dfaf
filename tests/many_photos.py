"""More photos than are taken in at once, and programs beside which indexing them waits."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

_CORES = os.cpu_count() or 1
# Enough that a daemon of any speed is still at them when it notices the other programs, some seconds later: it may
# take a hundredth of all cores, and each photo takes it some thousandths of a second.
MANY = 100 + 100 * _CORES
RESTRAINED = 'model = "none"\nworkers = 1\nbusy_percent = 1\nindexing_cpu_percent = 1\n'  # settings

# About a tenth of a core.
_WORKS = """
import time
while True:
    end = time.process_time() + 0.01
    while time.process_time() < end: pass
    time.sleep(0.09)
"""


def write_many_photos(folder: Path) -> None:
    """Small ones."""
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(1)
    for number in range(MANY):
        _, data = cv2.imencode(".png", random.integers(0, 256, (130, 130), np.uint8))
        (folder / f"{number:04}.png").write_bytes(data.tobytes())


@contextmanager
def busy_programs() -> Iterator[None]:
    """That take a twentieth of all cores: enough for a daemon that minds a hundredth."""
    programs = [subprocess.Popen([sys.executable, "-c", _WORKS]) for _ in range((_CORES + 1) // 2)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()
