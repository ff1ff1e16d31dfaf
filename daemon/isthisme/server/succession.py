"""When a newer program is installed over the one that runs: noticed here, so that the new one takes over.

A daemon lives for weeks. What it starts later (workers) would be of the new program and not fit the old one.
"""

import asyncio
from pathlib import Path

import isthisme

_LOOK_SECONDS = 2.0
_LOOKS_WHILE_GONE = 30  # an installer takes the old one away first


class ProgramOnDisk:
    """The file that names the program's version, against what it said when this was made."""

    def __init__(self, file: Path = Path(isthisme.__file__)) -> None:
        self._file = file
        self._said = self.says()

    def says(self) -> bytes | None:
        """None where it is not there, or not now."""
        try:
            return self._file.read_bytes()
        except OSError:
            return None

    async def until_replaced(self, look_seconds: float = _LOOK_SECONDS) -> bool:
        """Returns when this program is no longer the installed one: True when another one is, False when none is.

        Another one counts once it has stayed the same from one look to the next.
        """
        before, looks_while_gone = self._said, 0
        while looks_while_gone < _LOOKS_WHILE_GONE:
            await asyncio.sleep(look_seconds)
            now = await asyncio.to_thread(self.says)
            if now is not None and now != self._said and now == before:
                return True
            looks_while_gone = looks_while_gone + 1 if now is None else 0
            before = now
        return False
