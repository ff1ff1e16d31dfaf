"""The folders whose photos are the user's own."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from isthisme.catalog.database import Connection
from isthisme.catalog.facts import count_removal
from isthisme.errors import UsageError


@dataclass(frozen=True, slots=True)
class Folder:
    folder_id: int
    path: Path
    photos: int
    unreadable: int
    is_present: bool


class Folders:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, path: Path) -> None:
        """Adds a folder; one that is there already, or lies inside one that is, changes nothing.

        Raises UsageError when the path is not a folder that can be read.
        """
        resolved = path.expanduser().resolve()
        if not resolved.is_dir():
            raise UsageError(f"{path} is not a folder; give the folder that holds your photos")
        if not os.access(resolved, os.R_OK | os.X_OK):
            raise UsageError(f"{path} may not be read by this user; change its permissions or give another folder")
        if any(resolved.is_relative_to(folder.path) for folder in self.all()):
            return
        self._connection.run("insert into folders (path, added_at) values (?, ?)", (os.fsencode(resolved), time.time()))

    def remove(self, path: Path) -> None:
        """Removes a folder, and its photos save those that lie in another folder too, also if their files are gone.

        Raises UsageError when there is no such folder.
        """
        resolved = path.expanduser().resolve()
        with self._connection.transaction():
            row = self._connection.row("select id from folders where path = ?", (os.fsencode(resolved),))
            if row is None:
                known = ", ".join(str(folder.path) for folder in self.all()) or "none"
                raise UsageError(f"{path} is not one of your folders; they are: {known}")
            held = self._connection.rows(
                "select distinct photo_id from places where folder_id = ? and photo_id is not null", (row[0],)
            )
            self._connection.run("delete from folders where id = ?", (row[0],))  # and its places with it
            # Only what this folder held: a photo whose file is gone has no place at all, and stays.
            for photo in held:
                self._connection.run(
                    "delete from photos where id = ? and id not in (select photo_id from places where photo_id = ?)",
                    photo * 2,
                )
            # What was deleted from this folder before it was removed.
            below = os.fsencode(resolved / "x")[:-1]
            self._connection.run(
                """delete from photos where substr(last_path, 1, ?) = ?
                   and id not in (select photo_id from places where photo_id is not null)""",
                (len(below), below),
            )
            count_removal(self._connection)

    def has(self, folder_id: int) -> bool:
        return self._connection.row("select 1 from folders where id = ?", (folder_id,)) is not None

    def count(self) -> int:
        return int((self._connection.row("select count(*) from folders") or (0,))[0])

    def all(self) -> list[Folder]:
        rows = self._connection.rows(
            """select folders.id, folders.path, count(distinct places.photo_id), count(places.trouble)
               from folders left join places on places.folder_id = folders.id
               group by folders.id order by folders.id"""
        )
        return [
            Folder(folder_id, path, photos, unreadable, path.is_dir())
            for folder_id, raw_path, photos, unreadable in rows
            for path in [Path(os.fsdecode(raw_path))]
        ]
