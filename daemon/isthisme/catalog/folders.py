"""The folders whose photos are the user's own."""

import json
import os
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from isthisme.catalog.database import Connection
from isthisme.catalog.facts import count_removal
from isthisme.errors import FolderForbidden, NotAFolder, UsageError
from isthisme.presence import is_file, is_folder, is_same, is_there


@dataclass(frozen=True, slots=True)
class Folder:
    folder_id: int
    path: Path
    photos: int
    unreadable: int
    is_present: bool


@dataclass(frozen=True, slots=True)
class Root:
    """A folder as the indexer needs it."""

    folder_id: int
    path: bytes  # as the file system has it

    @property
    def shown(self) -> Path:
        return Path(os.fsdecode(self.path))

    @property
    def is_present(self) -> bool:
        return is_folder(self.shown) or self.is_archive

    @property
    def is_archive(self) -> bool:
        return is_file(self.shown)


@dataclass(frozen=True, slots=True)
class FolderNotes:
    """What the last look through a folder leaves for the next one."""

    device: int | None = None  # that it lay on
    mounts: tuple[str, ...] = ()  # folders in it at which other drives lay
    videos: int = 0
    archive: tuple[int, int] | None = None  # size and time of change of an archive


class Folders:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, path: Path) -> None:
        """Adds a folder or a zip archive. One that is there already, or lies inside one that is, changes nothing;
        folders inside the new one become part of it.

        Raises NotAFolder when the path is neither, and FolderForbidden when it may not be read.
        """
        resolved = as_listed(path.expanduser().resolve())
        is_archive = zipfile.is_zipfile(resolved) if is_file(resolved) else False
        if not (is_folder(resolved) or is_archive):
            raise NotAFolder(f"{path} is not a folder, nor a zip archive; give what holds your photos")
        if not os.access(resolved, os.R_OK | (0 if is_archive else os.X_OK)):
            raise FolderForbidden(f"{path} may not be read by this user; change its permissions or give another folder")
        while True:
            known = self.roots()
            # Drives are asked before the transaction: one that hangs must not hold up whoever else writes.
            if any(_covers(root, resolved) for root in known if root.is_archive or not is_archive):
                return
            # One that is not there now stays by itself: what is missing in it would count as deleted.
            inner = [root for root in known if root.shown.is_relative_to(resolved) and is_folder(root.shown)]
            with self._connection.transaction():
                if self.roots() == known:
                    self._put(resolved, [root.folder_id for root in inner])
                    return

    def remove(self, path: Path) -> None:
        """Removes a folder, and its photos save those that lie in another folder too, also if their files are gone.

        Raises UsageError when there is no such folder.
        """
        resolved = path.expanduser().resolve()
        if not any(root.shown == resolved for root in self.roots()):
            resolved = as_listed(resolved)
        with self._connection.transaction():
            row = self._connection.row("select id from folders where path = ?", (os.fsencode(resolved),))
            if row is None:
                known = ", ".join(str(root.shown) for root in self.roots()) or "none"
                raise UsageError(f"{path} is not one of your folders; they are: {known}")
            held = self._connection.rows(
                "select distinct photo_id from places where folder_id = ? and photo_id is not null", (row[0],)
            )
            self._connection.run("delete from folders where id = ?", (row[0],))  # and its places with it
            self._connection.run("delete from facts where name = ?", (f"folder {row[0]}",))  # ids are given again
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

    def files(self, folder_id: int) -> int:
        """How many files are known in a folder."""
        row = self._connection.row("select count(*) from places where folder_id = ?", (folder_id,))
        return int((row or (0,))[0])

    def notes(self, folder_id: int) -> FolderNotes:
        row = self._connection.row("select value from facts where name = ?", (f"folder {folder_id}",))
        kept = {} if row is None else json.loads(row[0])
        archive = kept.get("archive")
        return FolderNotes(
            kept.get("device"),
            tuple(kept.get("mounts", ())),
            kept.get("videos", 0),
            None if archive is None else (archive[0], archive[1]),
        )

    def videos(self) -> int:
        """How many videos were passed over when the folders were last looked through."""
        return sum(self.notes(root.folder_id).videos for root in self.roots())

    def put_notes(self, folder_id: int, notes: FolderNotes) -> None:
        if notes != self.notes(folder_id):
            self._connection.run(
                """insert or replace into facts (name, value)
                   select ?, ? where exists (select 1 from folders where id = ?)""",
                (f"folder {folder_id}", json.dumps(asdict(notes)), folder_id),
            )

    def has(self, folder_id: int) -> bool:
        return self._connection.row("select 1 from folders where id = ?", (folder_id,)) is not None

    def count(self) -> int:
        return int((self._connection.row("select count(*) from folders") or (0,))[0])

    def roots(self) -> list[Root]:
        """The folders without their numbers, which are slow to count; in the byte order of their paths."""
        return [Root(*row) for row in self._connection.rows("select id, path from folders order by path")]

    def all(self) -> list[Folder]:
        """With their numbers, in the order in which they were added."""
        rows = self._connection.rows(
            """select folders.id, folders.path, count(distinct places.photo_id), count(places.trouble)
               from folders left join places on places.folder_id = folders.id
               group by folders.id order by folders.id"""
        )
        return [
            Folder(folder_id, path, photos, unreadable, is_there(path))
            for folder_id, raw_path, photos, unreadable in rows
            for path in [Path(os.fsdecode(raw_path))]
        ]

    def _put(self, path: Path, inner: list[int]) -> None:
        """Adds a folder; the folders inside it become part of it."""
        folder_id = self._connection.add(
            "insert into folders (path, added_at) values (?, ?)", (os.fsencode(path), time.time())
        )
        for number in inner:
            self._connection.run("update places set folder_id = ? where folder_id = ?", (folder_id, number))
            self._connection.run("delete from folders where id = ?", (number,))
            self._connection.run("delete from facts where name = ?", (f"folder {number}",))


def as_listed(path: Path, names_in: Callable[[Path], Iterable[str]] = os.listdir) -> Path:
    """The path with each name as its folder lists it, where that differs only in case or in how accents are written.

    Some file systems take Photos and photos for the same, and not all of them also say that they are the same file.
    """
    listed = Path(path.anchor)
    for name in path.parts[1:]:
        try:
            names = set(names_in(listed))
        except OSError:  # it may be passed through and not listed
            names = {name}
        alike = [each for each in names if _spoken(each) == _spoken(name)]
        listed /= alike[0] if name not in names and len(alike) == 1 else name
    return listed


def _spoken(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _covers(root: Root, path: Path) -> bool:
    """Whether a path is a listed folder or lies inside it: by what they are, too, not only by how they are written.
    Some file systems take Photos and photos for the same."""
    if path.is_relative_to(root.shown):
        return True
    return root.is_present and any(is_same(parent, root.shown) for parent in (path, *path.parents))
