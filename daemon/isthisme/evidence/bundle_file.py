"""One zip file, written whole or not at all; and the lists in it that say what belongs to it."""

import contextlib
import hashlib
import json
import os
import secrets
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from isthisme import __version__
from isthisme.domain import Moment
from isthisme.encryption import PLAIN, Vault
from isthisme.errors import DiskFull, TooManyAtOnce, UsageError
from isthisme.evidence.timestamps import Timestamp
from isthisme.new_files import FULL, put_in_place
from isthisme_host.private_files import lock, make_private, open_private

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
TIMESTAMP = "SHA256SUMS.tsr"
ROOT = "SHA256SUMS.root.pem"
VERIFY = "VERIFY.txt"
FORMAT = "isthisme evidence 1"

# What `verify` reads, and old programs for zip files, too.
LARGEST_FILE = 1 << 30  # bytes, unpacked
LARGEST_BUNDLE = (1 << 31) - (1 << 26)
LARGEST_MANIFEST = 64 << 20

_BEGINNING, _UNFINISHED = ".isthisme-", ".unfinished"
_PACKED = frozenset({"image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/heif"})  # as they are
_TRIES = 1000


class Sink(Protocol):
    """What a file is written into, from its beginning to its end."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file to be, made when its turn comes."""

    path: str  # in the bundle: ASCII, with slashes
    media_type: str
    what: str  # in English, for the manifest
    write: Callable[[Sink], object]


@dataclass(frozen=True, slots=True)
class Saved:
    path: Path
    sha256: bytes  # of the whole bundle, not encrypted
    byte_size: int  # on the disk
    files: tuple[str, ...]  # their names


type Stamp = Callable[[bytes], Timestamp | None]  # SHA256SUMS to a timestamp of it; None where there is to be none


def save(
    target: Path,
    files: Sequence[BundledFile],
    facts: dict[str, Any],
    made: Moment,
    *,
    stamp: Stamp = lambda _sums: None,
    vault: Vault = PLAIN,
    open_file: Callable[[int], BinaryIO] = lambda handle: os.fdopen(handle, "wb", closefd=False),
) -> Saved:
    """Writes the bundle under a free name like `target`, in the order given; `facts` become part of the manifest.

    Raises DiskFull, or UsageError where the folder cannot be written to; then nothing is left behind.
    """
    folder = target.parent
    with _in_words(target):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clean(folder)
        unfinished = folder / f"{_BEGINNING}{secrets.token_hex(8)}{_UNFINISHED}"
        handle = make_private(unfinished)
        try:
            lock(handle, wait=True)  # until it is closed: tells `clean` that somebody is at work
            with open_file(handle) as stream, vault.writing(target, stream) as plain:
                names = _write(plain, files, facts, made, stamp)
            os.fsync(handle)
            byte_size = os.fstat(handle).st_size
            with vault.open(unfinished) as whole:
                digest = hashlib.file_digest(whole, "sha256").digest()
            final = put_in_place(handle, unfinished, target, tries=_TRIES)
        except BaseException:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
        finally:
            os.close(handle)
    return Saved(final, digest, byte_size, names)


def clean(folder: Path) -> None:
    """Removes what a process that was killed left unfinished in the folder."""
    for path in folder.glob(f"{_BEGINNING}*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            handle = open_private(path, os.O_RDONLY)
            try:
                lock(handle, wait=False)
                path.unlink()
            finally:
                os.close(handle)


def _write(
    stream: IO[bytes], files: Sequence[BundledFile], facts: dict[str, Any], made: Moment, stamp: Stamp
) -> tuple[str, ...]:
    listed: list[dict[str, Any]] = []
    sums: list[str] = []
    with zipfile.ZipFile(stream, "w", allowZip64=False) as archive:

        def put(path: str, media_type: str, write: Callable[[Sink], object]) -> _Counted:
            with archive.open(_info(path, made, media_type), "w") as member:
                counted = _Counted(member)
                write(counted)
            if stream.tell() > LARGEST_BUNDLE:
                raise _too_large()
            sums.append(f"{counted.digest.hexdigest()}  {path}\n")
            return counted

        for file in files:
            counted = put(file.path, file.media_type, file.write)
            listed.append(
                {
                    "path": file.path,
                    "bytes": counted.size,
                    "sha256": counted.digest.hexdigest(),
                    "media_type": file.media_type,
                    "what": file.what,
                }
            )
        manifest = {
            "format": FORMAT,
            "program": f"Is This Me? {__version__}",
            "made_at": iso_time(made),
            "files": listed,
            **facts,
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        # Half a character, as pages can write it into a title, is no Unicode.
        manifest_bytes = text.encode("utf-8", "backslashreplace")
        if len(manifest_bytes) > LARGEST_MANIFEST:
            raise _too_large()
        put(MANIFEST, "application/json", lambda out: out.write(manifest_bytes))
        listing = "".join(sums).encode("ascii")
        archive.writestr(_info(SUMS, made, "text/plain"), listing)
        stamped = stamp(listing)
        if stamped is not None:
            archive.writestr(_info(TIMESTAMP, made, "application/timestamp-reply"), stamped.tsr)
            archive.writestr(_info(ROOT, made, "application/x-pem-file"), stamped.root)
        return tuple(archive.namelist())


class _Counted:
    """Passes on what is written, and knows how much it was, and its SHA-256."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        if self.size > LARGEST_FILE:
            raise _too_large()
        self.digest.update(data)
        return self._out.write(data)

    def flush(self) -> None:
        self._out.flush()


def _too_large() -> TooManyAtOnce:
    return TooManyAtOnce("the bundle would be larger than others can handle; save fewer sightings at once")


def iso_time(moment: Moment) -> str:
    """2026-11-23T14:05:09.123+08:00"""
    return moment.there.isoformat(timespec="milliseconds")


def _info(path: str, made: Moment, media_type: str) -> zipfile.ZipInfo:
    moment = time.gmtime(max(made.at, 315_532_800))  # zip knows no year before 1980
    info = zipfile.ZipInfo(path, moment[:6])
    info.create_system = 3  # so that the permissions count
    info.external_attr = 0o100600 << 16
    info.compress_type = zipfile.ZIP_STORED if media_type in _PACKED else zipfile.ZIP_DEFLATED
    return info


@contextlib.contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(
                f"the disk is full: {target.name} was not saved, and nothing of it was left behind; free some space, "
                "or name another folder with --to, and save again. What it is made of is still there"
            ) from error
        raise UsageError(
            f"{target.parent} cannot be written to: {error.strerror or error}; name another folder with --to"
        ) from error
