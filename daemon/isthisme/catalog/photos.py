"""The user's photos: which files hold them, and what the matcher needs to see of them."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from isthisme.catalog.database import Connection
from isthisme.catalog.facts import count_removal
from isthisme.domain import PhotoDescription, ReferencePhoto

_PAGE = 2_000  # rows read at once


class FileState(NamedTuple):
    """What tells, without reading a file, that it has not changed."""

    byte_size: int
    changed_ns: int


class KnownPlace(NamedTuple):
    """A file as it was when it was last read."""

    path: bytes  # as the file system has it
    folder_id: int
    photo_id: int | None  # None where the file could not be read
    state: FileState
    has_trouble: bool


class Content(NamedTuple):
    """What a file held when it was last read."""

    photo_id: int
    content_hash: bytes
    byte_size: int


class Photos:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        return int((self._connection.row("select count(*) from photos") or (0,))[0])

    def has(self, photo_id: int) -> bool:
        return self._connection.row("select 1 from photos where id = ?", (photo_id,)) is not None

    def places_below(self, start: bytes) -> Iterator[KnownPlace]:
        """The known file of this path, then those below it, in the byte order of their paths.

        Read page by page: what is written meanwhile is seen where it lies ahead.
        """
        below = start if start.endswith(b"/") else start + b"/"
        end = below[:-1] + b"0"  # the byte after the slash
        yield from self._page("path = ?", start)
        last = below
        while page := self._page("path > ? and path < ?", last, end):
            yield from page
            last = page[-1].path

    def content_at(self, path: bytes) -> Content | None:
        row = self._connection.row(
            """select photos.id, photos.content_hash, places.byte_size
               from places join photos on photos.id = places.photo_id where places.path = ?""",
            (path,),
        )
        return None if row is None else Content(*row)

    def photo_with_content(self, content_hash: bytes) -> int | None:
        row = self._connection.row("select id from photos where content_hash = ?", (content_hash,))
        return None if row is None else int(row[0])

    def content_hashes(self) -> list[bytes]:
        """The SHA-256 of each photo's file."""
        return [bytes(row[0]) for row in self._connection.rows("select content_hash from photos")]

    def add(self, content_hash: bytes, description: PhotoDescription, path: bytes) -> int:
        """The photo with this content, made if it is not there yet."""
        with self._connection.transaction():
            known = self.photo_with_content(content_hash)
            if known is not None:
                return known
            return self._connection.add(
                """insert into photos (content_hash, width, height, preview, last_path, known_since)
                   values (?, ?, ?, ?, ?, ?)""",
                (content_hash, description.width, description.height, description.preview, path, time.time()),
            )

    def put_at(self, path: bytes, folder_id: int, state: FileState, photo_id: int) -> None:
        """Records that a file holds a photo."""
        with self._connection.transaction():
            self._put(path, folder_id, state, photo_id, None)
            self._connection.run("update photos set last_path = ? where id = ?", (path, photo_id))

    def put_trouble(self, path: bytes, folder_id: int, state: FileState, trouble: str) -> None:
        """Records that a file cannot be read, and why; it is tried again when it changes."""
        self._put(path, folder_id, state, None, trouble)

    def put_left_out(self, path: bytes, folder_id: int, state: FileState) -> None:
        """Records that a file is too small to be looked for; it is read again when it changes."""
        self._put(path, folder_id, state, None, None)

    def left_out(self) -> int:
        """How many files are too small."""
        row = self._connection.row("select count(*) from places where photo_id is null and trouble is null")
        return int((row or (0,))[0])

    def drop_excluded(self, paths: Iterable[bytes]) -> None:
        """Files that the user wants left out; and their photos, save those that lie elsewhere too."""
        with self._connection.transaction():
            for path in paths:
                row = self._connection.row("select photo_id from places where path = ?", (path,))
                self._connection.run("delete from places where path = ?", (path,))
                if row is not None and row[0] is not None:
                    self._drop_unplaced(row[0])

    def drop_places(self, paths: Iterable[bytes]) -> None:
        """Files that are gone. Their photos stay: the copy on the web may be the only one left."""
        with self._connection.transaction():
            for path in paths:
                self._connection.run("delete from places where path = ?", (path,))

    def move_places(self, source: bytes, target: bytes, folder_id: int) -> None:
        """A file, or a folder with all below it, has another path now, in the folder of that id."""
        with self._connection.transaction():
            for place in list(self.places_below(source)):
                path = target + place.path[len(source) :]
                self._connection.run(
                    "update or replace places set path = ?, folder_id = ? where path = ?", (path, folder_id, place.path)
                )
                self._connection.run("update photos set last_path = ? where id = ?", (path, place.photo_id))

    def drop_unfinished(self, photo_id: int) -> None:
        """Drops what was taken for a photo and was only the first part of a file, unless it lies somewhere as it is."""
        with self._connection.transaction():
            self._drop_unplaced(photo_id)

    def troubles(self) -> list[tuple[Path, str]]:
        """Unreadable files, each with the reason in words."""
        rows = self._connection.rows(
            "select path, trouble from places where photo_id is null and trouble is not null order by path"
        )
        return [(Path(os.fsdecode(path)), trouble) for path, trouble in rows]

    def content_hash_of(self, photo_id: int) -> bytes | None:
        """SHA-256 of a photo's file; None when there is no such photo."""
        row = self._connection.row("select content_hash from photos where id = ?", (photo_id,))
        return None if row is None else bytes(row[0])

    def known_since(self, photo_id: int) -> float | None:
        """When the file of a photo was first read (seconds since 1970); None where that was not noted."""
        row = self._connection.row("select known_since from photos where id = ?", (photo_id,))
        return None if row is None else row[0]

    def found_first(self, photo_id: int) -> float | None:
        """When a photo was first found in a picture of a page (seconds since 1970): it was known by then."""
        row = self._connection.row(
            """select min(first_seen) from sightings where exists (
                   select 1 from json_each(answer, '$.matches') where json_extract(value, '$.photo_id') = ?)""",
            (photo_id,),
        )
        return None if row is None else row[0]

    def files_of(self, photo_id: int) -> list[Path]:
        """Where a photo lies; empty when its last file is gone."""
        rows = self._connection.rows("select path from places where photo_id = ? order by path", (photo_id,))
        return [Path(os.fsdecode(path)) for (path,) in rows]

    def path_of(self, photo_id: int) -> Path | None:
        """Where a photo lies, or lay when it was last seen; None when there is no such photo."""
        row = self._connection.row(
            """select coalesce((select min(path) from places where photo_id = photos.id), last_path)
               from photos where id = ?""",
            (photo_id,),
        )
        return None if row is None else Path(os.fsdecode(row[0]))

    def previews(self, photo_ids: Sequence[int]) -> Mapping[int, ReferencePhoto]:
        """What geometric verification needs; a photo that was forgotten meanwhile is left out."""
        marks = ", ".join("?" * len(photo_ids))
        rows = self._connection.rows(
            f"select id, preview, width, height from photos where id in ({marks})",  # noqa: S608 only question marks
            tuple(photo_ids),
        )
        return {row[0]: ReferencePhoto(*row[1:]) for row in rows}

    def _drop_unplaced(self, photo_id: int) -> None:
        """Drops a photo that lies nowhere."""
        is_dropped = self._connection.run(
            "delete from photos where id = ? and id not in (select photo_id from places where photo_id = ?)",
            (photo_id, photo_id),
        )
        if is_dropped:
            count_removal(self._connection)

    def _page(self, condition: str, *values: bytes) -> list[KnownPlace]:
        rows = self._connection.rows(
            f"""select path, folder_id, photo_id, byte_size, changed_ns, trouble is not null from places
                where {condition} order by path limit {_PAGE}""",  # noqa: S608 words of ours alone
            values,
        )
        return [
            KnownPlace(path, folder_id, photo_id, FileState(byte_size, changed_ns), bool(has_trouble))
            for path, folder_id, photo_id, byte_size, changed_ns, has_trouble in rows
        ]

    def _put(self, path: bytes, folder_id: int, state: FileState, photo_id: int | None, trouble: str | None) -> None:
        self._connection.run(
            """insert into places (path, folder_id, photo_id, byte_size, changed_ns, trouble) values (?, ?, ?, ?, ?, ?)
               on conflict (path) do update set folder_id = excluded.folder_id, photo_id = excluded.photo_id,
               byte_size = excluded.byte_size, changed_ns = excluded.changed_ns, trouble = excluded.trouble""",
            (path, folder_id, photo_id, state.byte_size, state.changed_ns, trouble),
        )
