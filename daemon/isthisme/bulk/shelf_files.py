"""Files of a shelf: whole or not there, in a folder or in a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow

from isthisme.bulk.stores import Store, open_store
from isthisme.bulk.whole_files import UNFINISHED, write_whole
from isthisme.errors import DiskFull, IsThisMeError, ShelfUnusable
from isthisme.new_files import FULL


class ShelfFiles:
    """Those below one address. Errors are ShelfUnusable and DiskFull, in words."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._store: Store
        self._store, self._root = open_store(url)

    def names(self, folder: str) -> set[str]:
        """The names of the files in a folder; none where it is not there."""
        return set(self.sizes(folder))

    def sizes(self, folder: str) -> dict[str, int]:
        """The files in a folder, and their bytes."""
        listed = [each for each in self._listed(folder) if each["type"] == "file"]
        named = {str(each["name"]).rpartition("/")[2]: int(each.get("size") or 0) for each in listed}
        return {name: size for name, size in named.items() if not name.startswith(UNFINISHED)}

    def folders(self, folder: str) -> list[str]:
        """The names of the folders in a folder."""
        listed = [str(each["name"]) for each in self._listed(folder) if each["type"] == "directory"]
        return sorted(name.rstrip("/").rpartition("/")[2] for name in listed)

    def has(self, path: str) -> bool:
        with self._in_words():
            return bool(self._store.exists(f"{self._root}/{path}"))

    def read(self, path: str) -> bytes | None:
        """None where it is not there."""
        with self._in_words():
            try:
                return bytes(self._store.cat_file(f"{self._root}/{path}"))
            except FileNotFoundError:
                return None

    def write(self, path: str, data: bytes) -> None:
        """Whole or not at all, in place of what is there."""
        with self._in_words():
            write_whole(self._store, f"{self._root}/{path}", data)

    def remove(self, path: str) -> None:
        with self._in_words():
            try:
                self._store.rm_file(f"{self._root}/{path}")
            except FileNotFoundError:
                return

    def sweep(self, folder: str) -> None:
        """Removes what was being written when its program was killed."""
        for each in self._listed(folder):
            if str(each["name"]).rpartition("/")[2].startswith(UNFINISHED):
                self.remove(f"{folder}/{str(each['name']).rpartition('/')[2]}")

    @contextmanager
    def opened(self, path: str) -> Iterator[BinaryIO]:
        with self._in_words(), self._store.open(f"{self._root}/{path}", "rb") as stream:
            yield stream

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        path = f"{self._root}/{folder}".rstrip("/")
        with self._in_words():
            try:
                return list(self._store.ls(path, detail=True))
            except FileNotFoundError:
                return []

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except IsThisMeError:
            raise
        except pyarrow.ArrowException as error:
            raise ShelfUnusable(f"a part of the shelf {self.url} is damaged: {error}") from error
        except Exception as error:  # whatever the store's own library raises
            if isinstance(error, OSError) and error.errno in FULL:
                raise DiskFull(
                    f"the disk of the shelf {self.url} is full; free some space and run the same command again: it "
                    "goes on where it was"
                ) from error
            words = str(error) or type(error).__name__
            raise ShelfUnusable(f"the shelf {self.url} cannot be used: {words[:300]}") from error
