"""Our modules load, and a home folder is used, where the system lacks what Windows lacks."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)  # it loads everything twice
def test_everything_loads_and_a_home_is_used_without_what_windows_lacks(tmp_path: Path) -> None:
    program = Path(__file__).with_name("without_posix.py")
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "home")], capture_output=True, text=True, check=False
    )
    assert done.stdout + done.stderr == ""
    assert done.returncode == 0
