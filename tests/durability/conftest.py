"""A place without a slow disk below it, and the mother of the processes that die."""

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability import doomed

_MEMORY = Path("/dev/shm")  # noqa: S108 a killed process needs no disk, and waiting for one would take minutes


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    if not _MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix="isthisme-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def mother(tmp_path_factory: pytest.TempPathFactory) -> Iterator[doomed.Mother]:
    with doomed.mother(tmp_path_factory.mktemp("acknowledged")) as made:
        yield made


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("ISTHISME_SEED", random.randrange(10**6)))
    print(f"ISTHISME_SEED={seed}")  # noqa: T201 to repeat a failure
    return random.Random(seed)
