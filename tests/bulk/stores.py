"""Stores in memory that refuse: nobody may look, there is no room, or the machine stops."""

import errno
from typing import Any, ClassVar

import fsspec
from fsspec.implementations.memory import MemoryFileSystem


class ForbiddenStore(MemoryFileSystem):  # type: ignore[misc]
    """A bucket whose owner lets nobody look."""

    protocol = "forbidden"

    def info(self, path: str, **options: Any) -> Any:
        raise PermissionError(errno.EACCES, "Access Denied", path)

    ls = info


class SmallStore(MemoryFileSystem):  # type: ignore[misc]
    """A disk with room for so many bytes more."""

    protocol = "small"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    room: ClassVar[int] = 1 << 40

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        if len(value) > SmallStore.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        SmallStore.room -= len(value)
        super().pipe_file(path, value, mode, **options)


class Stopped(Exception):
    """The machine stops, here."""


class StoppingStore(MemoryFileSystem):  # type: ignore[misc]
    """A bucket whose user is killed after so many more changes."""

    protocol = "stopping"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    left: ClassVar[int] = 1 << 40

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        self._change()
        super().pipe_file(path, value, mode, **options)

    def rm_file(self, path: str) -> None:
        self._change()
        super().rm_file(path)

    def _change(self) -> None:
        if not StoppingStore.left:
            raise Stopped
        StoppingStore.left -= 1


for kind in (ForbiddenStore, SmallStore, StoppingStore):
    fsspec.register_implementation(kind.protocol, kind)
