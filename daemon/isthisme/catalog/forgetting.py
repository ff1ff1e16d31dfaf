"""Forgetting photos for good: rows, previews, descriptors in every generation, and every trace of them in the files."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from pathlib import Path

from isthisme.catalog.database import Connection
from isthisme.catalog.facts import count_removal
from isthisme.catalog.sightings import drop_orphans
from isthisme.errors import Busy
from isthisme.presence import is_file

_PHOTOS_AT_ONCE = 100  # so that others can write between, and the log stays small: erasing writes what is erased
_PAGES_AT_ONCE = 2000


class Forgetting:
    """What is forgotten is overwritten with zeros where it lay (SQLite's secure deletion), and its space given back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named(self, path: Path) -> list[int]:
        """The photo that lies at a path, or has the bytes of the file there; else those that lay there last."""
        for name in {os.fsencode(path.absolute()), os.fsencode(path.resolve())}:
            found = self._ids("select photo_id from places where path = ? and photo_id is not null", (name,))
            if found:
                return found
        if is_file(path):
            with path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").digest()
            found = self._ids("select id from photos where content_hash = ?", (content,))
            if found:
                return found
        # Only of what is gone: reading a photo's last path reads its preview, too.
        return self._ids(
            """select id from photos where not exists (select 1 from places where photo_id = photos.id)
               and last_path in (?, ?)""",
            (os.fsencode(path.absolute()), os.fsencode(path.resolve())),
        )

    def gone(self) -> list[int]:
        """Photos that lie nowhere any more. What lies on a drive that is not plugged in is not gone."""
        return self._ids("select id from photos where not exists (select 1 from places where photo_id = photos.id)")

    def sightings_of(self, photo_ids: Iterable[int]) -> list[int]:
        """Sightings whose answers name one of the photos."""
        wanted = set(photo_ids)
        rows = self._connection.rows("select id, answer from sightings order by id")
        return [number for number, answer in rows if wanted & {each["photo_id"] for each in _matches(answer)}]

    def forget(self, photo_ids: Sequence[int], *, erase_vectors: Callable[[], None] | None = None) -> None:
        """Erases the photos from the catalog, and by `erase_vectors` from the files that are made from it.

        Sightings of them stay. `erase_vectors` brings all such files into step with the catalog. Killed anywhere, some
        photos are forgotten and the others not; the same call forgets the rest. Raises Busy when another program reads
        on and on from the log, which then holds what was deleted until that program ends.
        """
        for some in batched(photo_ids, _PHOTOS_AT_ONCE):
            with self._connection.transaction():
                for photo_id in some:
                    self._connection.run("delete from places where photo_id = ?", (photo_id,))
                    self._connection.run("delete from photos where id = ?", (photo_id,))  # and its descriptions
                self._connection.run("delete from verdicts")  # they may name the photos; none holds any longer
                count_removal(self._connection)
        if erase_vectors is not None:
            erase_vectors()
        self.wipe()

    def forget_in_sightings(self, photo_ids: Iterable[int]) -> None:
        """Takes the photos out of the sightings that name them; one that names nothing else is deleted. To be
        called before `forget`, which wipes what is left of them."""
        wanted = set(photo_ids)
        with self._connection.transaction():
            for number in self.sightings_of(wanted):
                ((answer,),) = self._connection.rows("select answer from sightings where id = ?", (number,))
                left = [each for each in _matches(answer) if each["photo_id"] not in wanted]
                if not left:
                    self._connection.run("delete from sightings where id = ?", (number,))
                    continue
                note = json.loads(answer) | {"matches": left, "verdict": left[0]["verdict"], "score": left[0]["score"]}
                text = json.dumps(note, ensure_ascii=False)
                self._connection.run("update sightings set answer = ? where id = ?", (text, number))
            drop_orphans(self._connection)

    def wipe(self) -> None:
        """Gives the space of what was deleted back, and empties the log, which held it too. Raises Busy.

        Step by step, so that others can work meanwhile, and at the cost of what was deleted: SQLite's `vacuum` would
        write all the rest anew. A catalog from before such steps were possible keeps the space, zeroed, for new photos.
        """
        ((can_shrink,),) = self._connection.rows("pragma auto_vacuum")
        while can_shrink and self._free_pages():
            self._connection.rows(f"pragma incremental_vacuum({_PAGES_AT_ONCE:d})")
        ((is_busy, _, _),) = self._connection.rows("pragma wal_checkpoint(truncate)")
        if is_busy:
            raise Busy(
                "forgotten, but another program reads from the catalog, whose log still holds what was deleted; "
                "it goes when that program ends"
            )

    def _free_pages(self) -> int:
        ((count,),) = self._connection.rows("pragma freelist_count")
        return int(count)

    def _ids(self, query: str, values: tuple[object, ...] = ()) -> list[int]:
        return [photo_id for (photo_id,) in self._connection.rows(query, values)]


def _matches(answer: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(answer).get("matches", [])
    return found
