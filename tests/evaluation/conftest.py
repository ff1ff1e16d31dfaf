"""An interpreter that runs another program than the one it is given: stands for environments that are not there."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

LOOP = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    answer = {}
    BODY
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], Path]:
    """Makes an interpreter whose program answers each question as `body` says: Python that fills `answer`."""

    def make(body: str) -> Path:
        program, python = tmp_path / "program.py", tmp_path / "python"
        program.write_text(LOOP.replace("BODY", body.strip().replace("\n", "\n    ")))
        python.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{program}'\n")
        python.chmod(0o700)
        return python

    return make
