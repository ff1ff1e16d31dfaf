"""What the user wants left out of the photo folders, and which of our own exclusions they took back."""

import json
from collections.abc import Iterable

from isthisme.catalog.database import Connection


class Excluded:
    """Kept here and not in the settings, which are read once: a running daemon has to follow at the next look."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def patterns(self, defaults: Iterable[str]) -> list[str]:
        """All that hold now: the defaults that were not taken back, then the user's own."""
        own, taken_back = self._read()
        return [pattern for pattern in defaults if pattern not in taken_back] + own

    def exclude(self, pattern: str) -> None:
        with self._connection.transaction():
            own, taken_back = self._read()
            if pattern in taken_back:
                taken_back.remove(pattern)
            elif pattern not in own:
                own.append(pattern)
            self._write(own, taken_back)

    def include(self, pattern: str) -> None:
        """Takes an exclusion back, the user's own or a default."""
        with self._connection.transaction():
            own, taken_back = self._read()
            if pattern in own:
                own.remove(pattern)
            elif pattern not in taken_back:
                taken_back.append(pattern)
            self._write(own, taken_back)

    def _read(self) -> tuple[list[str], list[str]]:
        row = self._connection.row("select value from facts where name = 'excluded'")
        kept = {"own": [], "taken_back": []} if row is None else json.loads(row[0])
        return kept["own"], kept["taken_back"]

    def _write(self, own: list[str], taken_back: list[str]) -> None:
        value = json.dumps({"own": own, "taken_back": taken_back})
        self._connection.run("insert or replace into facts (name, value) values ('excluded', ?)", (value,))
        # Also of archives, which are not looked into again while they stay the same.
        self._connection.run("update facts set value = json_remove(value, '$.archive') where name like 'folder %'")
