"""Other users of this computer, really: child processes that run under another user id."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY, SOMEBODY = 65534, 65533
HOST = str(Path(__file__).parents[2] / "native_host")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")


def program_of(user: int, words: str, *, before: str = "") -> list[str]:
    """A command that runs Python as another user. `before` runs while it is still this one."""
    program = (
        f"import os, socket, stat, sys; sys.path.insert(0, {HOST!r}); from isthisme_host.connect import *\n{before}\n"
        f"os.setgroups([]); os.setgid({user}); os.setuid({user}); os.umask(0)\n{words}"
    )
    return [sys.executable, "-I", "-S", "-c", program]


def run_as(user: int, words: str, folder: Path, *, before: str = "") -> str:
    """What the program says. It works in the folder, which it need not be able to reach by its path."""
    done = subprocess.run(
        program_of(user, words, before=f"os.chdir({str(folder)!r})\n{before}"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
