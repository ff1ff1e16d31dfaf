"""A folder that all users of this computer may enter, as /tmp is, and nothing of it left afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def common() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="isthisme-common-", dir="/tmp"))
    made.chmod(0o1777)
    yield made
    shutil.rmtree(made)
