"""Which evidence was saved to files, and where. The files are the user's; nothing here changes them."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from isthisme.catalog.database import Connection
from isthisme.domain import Moment


@dataclass(frozen=True, slots=True)
class Bundle:
    bundle_id: int
    moment: Moment
    path: Path
    sha256: bytes  # of the file when it was saved
    case_id: int | None
    sighting_ids: tuple[int, ...]  # they may be deleted by now


class Bundles:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, moment: Moment, path: Path, sha256: bytes, *, case_id: int | None, sighting_ids: Sequence[int]
    ) -> int:
        return self._connection.add(
            "insert into bundles (at, utc_offset, path, sha256, case_id, sighting_ids) values (?, ?, ?, ?, ?, ?)",
            (moment.at, moment.utc_offset, os.fsencode(path), sha256, case_id, json.dumps(list(sighting_ids))),
        )

    def one(self, bundle_id: int) -> Bundle | None:
        found = self._bundles("id = ?", bundle_id)
        return found[0] if found else None

    def all(
        self, *, case_id: int | None = None, sighting_id: int | None = None, before: int | None = None
    ) -> list[Bundle]:
        """The newest first; of a case, or of a sighting, and those before one, where asked."""
        older = "(? is null or id < ?)"
        if case_id is not None:
            return self._bundles(f"{older} and case_id = ?", before, before, case_id)
        if sighting_id is not None:
            of_sighting = "exists (select 1 from json_each(sighting_ids) where value = ?)"
            return self._bundles(f"{older} and {of_sighting}", before, before, sighting_id)
        return self._bundles(older, before, before)

    def _bundles(self, where: str, *values: int | None) -> list[Bundle]:
        rows = self._connection.rows(
            f"""select id, at, utc_offset, path, sha256, case_id, sighting_ids from bundles where {where}
                order by id desc""",  # noqa: S608 conditions of our own
            values,
        )
        return [
            Bundle(number, Moment(at, offset), Path(os.fsdecode(path)), sha256, case_id, tuple(json.loads(ids)))
            for number, at, offset, path, sha256, case_id, ids in rows
        ]
