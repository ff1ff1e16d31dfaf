"""The log of who opened, exported or deleted what. Append-only: the tables refuse changes, and hashes would show them.

It names numbers and hashes, never addresses or names: what the user deletes is gone from here, too.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

from isthisme.catalog.database import Connection
from isthisme.domain import Moment

type Event = Literal[
    "opened", "exported", "deleted", "bundle_saved", "bundle_verified", "notice_drafted", "timestamped", "rechecked"
]
# Of a team: who asked about whom, and what was refused.
type TeamEvent = Literal[
    "team_asked",
    "team_listed",
    "team_opened",
    "team_drafted",
    "team_read_draft",
    "team_revised",
    "team_approved",
    "team_exported",
    "team_refused",
    "team_invited",
    "team_revoked",
    "team_owner_added",
    "team_owner_removed",
    "team_read_log",
]

_START = bytes(32)
_PORTION = 500


@dataclass(frozen=True, slots=True)
class Entry:
    entry_id: int
    moment: Moment
    event: str
    detail: dict[str, object]
    previous: bytes
    hash: bytes


class Journal:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, event: Event | TeamEvent, detail: Mapping[str, object]) -> bytes:
        """The hash of the new entry: whoever keeps it can see later that the entry is still there."""
        now, text = Moment.now(), json.dumps(detail, sort_keys=True)
        with self._connection.transaction():
            row = self._connection.row("select hash from journal order by id desc limit 1")
            previous = _START if row is None else bytes(row[0])
            digest = _hash(previous, now, event, text)
            self._connection.run(
                "insert into journal (at, utc_offset, event, detail, previous, hash) values (?, ?, ?, ?, ?, ?)",
                (now.at, now.utc_offset, event, text, previous, digest),
            )
        return digest

    def entries(self, *, after: int = 0, limit: int = _PORTION) -> list[Entry]:
        """The oldest first."""
        rows = self._connection.rows(
            "select id, at, utc_offset, event, detail, previous, hash from journal where id > ? order by id limit ?",
            (after, limit),
        )
        return [
            Entry(number, Moment(at, offset), event, json.loads(detail), previous, digest)
            for number, at, offset, event, detail, previous, digest in rows
        ]

    def broken_at(self) -> int | None:
        """The first entry that is not as it was written, or that another one before it is missing from; None: whole.

        What was cut off at the end does not show.
        """
        previous, after = _START, 0
        for _ in count():
            entries = self.entries(after=after)
            for entry in entries:
                text = json.dumps(entry.detail, sort_keys=True)
                if entry.previous != previous or entry.hash != _hash(previous, entry.moment, entry.event, text):
                    return entry.entry_id
                previous, after = entry.hash, entry.entry_id
            if not entries:
                break
        return None


def _hash(previous: bytes, moment: Moment, event: str, detail: str) -> bytes:
    text = json.dumps([moment.at, moment.utc_offset, event, detail])
    return hashlib.sha256(previous + text.encode()).digest()
