"""Nothing leaves: the runtime of the models reports nothing to its maker, and keeps no number for this computer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_DESCRIBE = """
import os, sys
import numpy as np
from isthisme.engine.descriptor import Models
Models.packaged().small.describe([np.zeros((8, 8, 3), np.uint8)])
print(len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1)
"""


@pytest.mark.parametrize("said", [{}, {"ORT_DISABLE_TELEMETRY": "0"}])
def test_running_the_models_starts_no_thread_and_leaves_no_file(tmp_path: Path, said: dict[str, str]) -> None:
    """Its reports go out from threads of their own, and wait in a file of its cache; under CI=true there are none."""
    environment = {"PATH": os.defpath, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), **said}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, "-I", "-c", _DESCRIBE], env=environment, capture_output=True, check=True)
    assert ran.stdout.split() == [b"1"]
    assert list(tmp_path.rglob("*")) == []
