"""Files of a shelf: whole or not there, in a folder or in a bucket."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pyarrow
from fsspec.implementations.local import LocalFileSystem

from isthisme.bulk.stores import Store, open_store
from isthisme.errors import DiskFull, IsThisMeError, ShelfUnusable
from isthisme.new_files import FULL
from isthisme_host.private_files import make_private, sync_folder

_UNFINISHED = ".unfinished-"


class ShelfFiles:
    """Those below one address. Errors are ShelfUnusable and DiskFull, in words."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Store
        self._store, self._root = open_store(url)

    def names(self, folder: str) -> set[str]:
        """The names of the files in a folder; none where it is not there."""
        path = f"{self._root}/{folder}".rstrip("/")
        with self._in_words():
            try:
                listed = self._store.ls(path, detail=True)
            except FileNotFoundError:
                return set()
        names = {str(each["name"]).rpartition("/")[2] for each in listed if each["type"] == "file"}
        return {name for name in names if not name.startswith(_UNFINISHED)}

    def has(self, path: str) -> bool:
        with self._in_words():
            return bool(self._store.exists(f"{self._root}/{path}"))

    def write(self, path: str, data: bytes) -> None:
        """In place of what is there. Buckets keep an object whole or not at all by themselves."""
        with self._in_words():
            if isinstance(self._store, LocalFileSystem):
                _write_whole(f"{self._root}/{path}", data)
            else:
                self._store.pipe_file(f"{self._root}/{path}", data)

    def remove(self, path: str) -> None:
        with self._in_words():
            try:
                self._store.rm_file(f"{self._root}/{path}")
            except FileNotFoundError:
                return

    @contextmanager
    def opened(self, path: str) -> Iterator[BinaryIO]:
        with self._in_words(), self._store.open(f"{self._root}/{path}", "rb") as stream:
            yield stream

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except IsThisMeError:
            raise
        except pyarrow.ArrowException as error:
            raise ShelfUnusable(f"a part of the shelf {self._url} is damaged: {error}") from error
        except Exception as error:  # whatever the store's own library raises
            if isinstance(error, OSError) and error.errno in FULL:
                raise DiskFull(
                    f"the disk of the shelf {self._url} is full; free some space and run the same command again: it "
                    "goes on where it was"
                ) from error
            words = str(error) or type(error).__name__
            raise ShelfUnusable(f"the shelf {self._url} cannot be used: {words[:300]}") from error


def _write_whole(path: str, data: bytes) -> None:
    folder, name = os.path.split(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
    unfinished = f"{folder}/{_UNFINISHED}{secrets.token_hex(8)}"
    handle = make_private(unfinished)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(handle)
        os.replace(unfinished, f"{folder}/{name}")  # noqa: PTH105
    except BaseException:
        os.unlink(unfinished)  # noqa: PTH108
        raise
    sync_folder(folder)
