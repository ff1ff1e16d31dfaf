"""Small files that other programs read: replaced whole, never written through a link, removed with empty folders."""

import os
from pathlib import Path


def read_bytes(path: Path) -> bytes | None:
    """None where there is no such file, or where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def read_text(path: Path) -> str | None:
    content = read_bytes(path)
    return None if content is None else content.decode("utf-8", "surrogateescape")


def replace_file(path: Path, content: bytes, *, mode: int) -> None:
    """Writes a small file whole or not at all, in a folder that is made for its owner alone. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(new, flags, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def remove_file(path: Path, *, below: Path) -> None:
    """Removes a file where there is one, and the folders above it that are empty then, down to `below`, which stays."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == below or below not in folder.parents:
            return
        try:
            folder.rmdir()
        except OSError:  # not empty, not there, or not ours to remove
            if folder.exists():
                return
