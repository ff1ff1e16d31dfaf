"""The program as a user runs it, with a home folder of its own."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from isthisme.errors import EnvironmentFault
from isthisme_host.connect import LOCK_NAME, MeetingError, connect


def run_program(home: Path, *words: str) -> str:
    """What `isthisme WORDS` says. Raises EnvironmentFault where it fails."""
    done = subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-I", "-m", "isthisme", *words],
        env={**os.environ, "ISTHISME_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise EnvironmentFault(f"isthisme {' '.join(words)} failed: {done.stderr.strip()}")
    return done.stdout


def stop_daemon(home: Path) -> None:
    """Ends the daemon that a browser started. Its lock may be stale: ask first."""
    with suppress(OSError, ValueError, MeetingError):
        connect(home).close()
        os.kill(int((home / LOCK_NAME).read_text()), signal.SIGTERM)
