"""Single values that all processes share: the key of the keyed hashes, the indexer's progress."""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Literal

from isthisme.catalog.database import Connection
from isthisme.domain import Presence

# Progress that was not renewed for so long is nobody's: its process hangs, or another one has its number by now.
_STALE_SECONDS = 120.0
_RENEWED_SECONDS = 86_400.0  # what a browser says of itself is written again after so long
_MONTH_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the indexer is."""

    task: Literal["indexing", "rebuilding"]
    step: Literal["looking", "describing", "switching"]  # looking: through the folders, for what is to be described
    done: int  # photos; while looking, the files that were looked at
    total: int  # 0 while looking
    photos_per_second: float  # over the last seconds of work; 0 where there is no telling
    seconds_left: float | None  # None where there is no telling
    unreadable: int
    waits_because: Literal["on_battery", "busy"] | None = None  # busy: other programs need the processor
    cpu_percent: int | None = None  # the share of the processor that it is slowed to; None at full speed


def count_removal(connection: Connection) -> None:
    """To be called in every transaction that takes photos out of the index, so that readers notice."""
    connection.run(
        "insert into facts (name, value) values ('removals', 1) on conflict (name) do update set value = value + 1"
    )


_PROGRESS_FIELDS = frozenset(field.name for field in fields(Progress))


class Facts:
    def __init__(self, connection: Connection, *, wall_clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._wall_clock = wall_clock

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
        value = json.dumps({"at": self._wall_clock(), "version": extension_version})
        self._put(f"greeting {browser}", value)

    def greetings(self) -> dict[str, float]:
        """When each browser's extension last began to speak to the daemon, seconds since 1970."""
        rows = self._connection.rows("select name, value from facts where name like 'greeting %'")
        return {name.removeprefix("greeting "): float(json.loads(value)["at"]) for name, value in rows}

    def put_who_fetches(self, browser: str, *, is_browser_alone: bool) -> None:
        """Records whether a browser lets the companion fetch pictures."""
        name = f"fetches {browser}"
        row = self._connection.row("select value from facts where name = ?", (name,))
        now = self._wall_clock()
        if row is not None:
            known = json.loads(row[0])
            if known["alone"] == is_browser_alone and 0 <= now - known["at"] < _RENEWED_SECONDS:
                return
        self._put(name, json.dumps({"at": now, "alone": is_browser_alone}))

    def browsers_that_fetch(self) -> list[str]:
        """The browsers that last said, within a month, that only they fetch pictures."""
        rows = self._connection.rows("select name, value from facts where name like 'fetches %' order by name")
        told = [(name.removeprefix("fetches "), json.loads(value)) for name, value in rows]
        return [name for name, known in told if known["alone"] and self._wall_clock() - known["at"] < _MONTH_SECONDS]

    def put_recheck_hours(self, hours: int) -> None:
        """How often it is looked whether reported pictures are still there; 0: never."""
        self._put("recheck_hours", str(hours))

    def recheck_hours(self) -> int:
        row = self._connection.row("select value from facts where name = 'recheck_hours'")
        return 0 if row is None else int(row[0])

    def put_news(self, sighting_id: int, presence: Presence) -> None:
        """To be told to a browser: a picture has gone, or come back. What was not told yet of it is old."""
        self._put(f"news {sighting_id}", presence)

    def news(self) -> dict[int, Presence]:
        """By the ids of the sightings, which may have been deleted since."""
        rows = self._connection.rows("select name, value from facts where name like 'news %' order by name")
        return {int(name.removeprefix("news ")): value for name, value in rows}

    def drop_news(self, sighting_id: int, presence: Presence) -> None:
        """It was told; what came since is not."""
        self._connection.run("delete from facts where name = ? and value = ?", (f"news {sighting_id}", presence))

    def put_progress(self, progress: Progress | None) -> None:
        with self._connection.unsynced():
            if progress is None:
                self._connection.run("delete from facts where name = 'progress'")
                return
            value = json.dumps({"at": self._wall_clock(), "process": os.getpid(), **asdict(progress)})
            self._put("progress", value)

    def progress(self) -> Progress | None:
        """The indexer's progress, in whichever process it runs; None when nothing is being indexed."""
        row = self._connection.row("select value from facts where name = 'progress'")
        if row is None:
            return None
        value = json.loads(row[0])
        # In both directions: a clock that was set back must not keep a dead process's progress alive.
        if abs(self._wall_clock() - value["at"]) > _STALE_SECONDS or not _is_alive(value["process"]):
            return None
        if not value.keys() >= _PROGRESS_FIELDS:
            return None  # an older program is at it
        return Progress(**{name: value[name] for name in _PROGRESS_FIELDS})

    def put_hurry(self, *, is_wanted: bool) -> None:
        """Whether the user wants what is being indexed done without restraint."""
        if is_wanted:
            self._put("hurry", "yes")
        else:
            self._connection.run("delete from facts where name = 'hurry'")

    def is_hurried(self) -> bool:
        return self._connection.row("select 1 from facts where name = 'hurry'") is not None

    def _put(self, name: str, value: str) -> None:
        self._connection.run(
            "insert into facts (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            (name, value),
        )


if sys.platform == "win32":

    def _is_alive(process_id: int) -> bool:
        import psutil  # os.kill with 0 presses Ctrl-C there, in every program of the console

        return psutil.pid_exists(process_id)

else:

    def _is_alive(process_id: int) -> bool:
        try:
            os.kill(process_id, 0)
        except OSError:  # there is none, or it is another user's, and so never was our indexer
            return False
        return True
