"""What a program has open to a network."""

from contextlib import suppress
from typing import Any

import psutil


def open_connections(program: psutil.Process) -> list[Any]:
    """Of the process and of all that it started; those that end meanwhile have none."""
    found: list[Any] = []
    for each in (program, *program.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found += each.net_connections("inet")
    return found
