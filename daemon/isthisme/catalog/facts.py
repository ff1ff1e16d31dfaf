"""Single values that all processes share: the key of the keyed hashes, the indexer's progress."""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass

from isthisme.catalog.database import Connection

_STALE_SECONDS = 30.0  # progress that was not renewed for so long belongs to a process that died


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the indexer is."""

    task: str  # "indexing" or "rebuilding"
    done: int
    total: int
    photos_per_second: float
    seconds_left: float | None
    unreadable: int


def count_removal(connection: Connection) -> None:
    """To be called in every transaction that takes photos out of the index, so that readers notice."""
    connection.run(
        "insert into facts (name, value) values ('removals', 1) on conflict (name) do update set value = value + 1"
    )


class Facts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def address_key(self) -> bytes:
        """The secret under which addresses are hashed; made at the first call."""
        query = "select value from facts where name = 'address_key'"
        row = self._connection.row(query)
        if row is None:  # only then: writing waits for whoever else writes
            self._connection.run(
                "insert or ignore into facts (name, value) values ('address_key', ?)", (secrets.token_bytes(32),)
            )
            row = self._connection.row(query)
        return bytes(row[0]) if row else b""

    def put_greeting(self, browser: str, extension_version: str) -> None:
        """Records that the extension of a browser spoke to the daemon."""
        value = json.dumps({"at": time.time(), "version": extension_version})
        self._put(f"greeting {browser}", value)

    def greetings(self) -> dict[str, float]:
        """When each browser's extension last began to speak to the daemon, seconds since 1970."""
        rows = self._connection.rows("select name, value from facts where name like 'greeting %'")
        return {name.removeprefix("greeting "): float(json.loads(value)["at"]) for name, value in rows}

    def put_progress(self, progress: Progress | None) -> None:
        if progress is None:
            self._connection.run("delete from facts where name = 'progress'")
            return
        value = json.dumps({"at": time.time(), "process": os.getpid(), **asdict(progress)})
        self._put("progress", value)

    def progress(self) -> Progress | None:
        """The indexer's progress, in whichever process it runs; None when nothing is being indexed."""
        row = self._connection.row("select value from facts where name = 'progress'")
        if row is None:
            return None
        value = json.loads(row[0])
        if time.time() - value.pop("at") > _STALE_SECONDS:
            return None
        value.pop("process")
        return Progress(**value)

    def _put(self, name: str, value: str) -> None:
        self._connection.run(
            "insert into facts (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            (name, value),
        )
