"""Proof of having had photos at a time: a dated list of the whole index, and what a stranger needs to check one photo.

A line of the list is the SHA-256 of a salt and of the SHA-256 of a photo's file, both as 64 hexadecimal digits. Every
photo has a salt of its own, made from the list's key, so that neither the list nor the proof for one photo tells
anything of the others, not even to somebody who has them. `sha256sum`, `grep` and `openssl ts` check it all.
"""

import errno
import hashlib
import hmac
import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from isthisme.domain import Moment
from isthisme.encryption import PLAIN, Vault
from isthisme.errors import NotFound, UsageError
from isthisme.evidence.timestamps import Timestamp
from isthisme.new_files import in_words, write_new
from isthisme_host.private_files import make_private, sync_folder

LIST, TIMESTAMP, ROOT, KEY, PROOF = "possession.txt", "possession.txt.tsr", "root.pem", "salts.key", "PROOF.txt"

_UNFINISHED = ".unfinished-"
_HEAD = """\
# Is This Me? list of photos, form 1
# made {made} by the clock of the computer that made it
# {count} photos, a line for each, sorted: the SHA-256 of a salt (64 hexadecimal digits) followed at once by the
# SHA-256 of the photo's file (64 hexadecimal digits). The salts are kept by whoever made the list.
"""

type Stamp = Callable[[bytes], Timestamp]  # the list to a timestamp of it


@dataclass(frozen=True, slots=True)
class PossessionList:
    """A list that was saved."""

    folder: Path
    sha256: bytes  # of the list
    photos: int
    timestamp: Timestamp | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that one photo is in a list."""

    folder: Path  # of the list
    photo_sha256: str
    salt: str
    line: str


def save_list(
    home: Path, content_hashes: Iterable[bytes], made: Moment, stamp: Stamp | None = None, vault: Vault = PLAIN
) -> PossessionList:
    """Writes a list of photos by the SHA-256 of their files, in a new folder below `home`, whole or not at all.

    Raises UsageError for no photos, DiskFull, and what `stamp` raises; then nothing is left behind.
    """
    key = secrets.token_bytes(32)
    lines = sorted(_line(_salt(key, each.hex()), each.hex()) for each in set(content_hashes))
    if not lines:
        raise UsageError("no photo is indexed yet: there is nothing to list")
    text = _HEAD.format(made=_iso(made), count=f"{len(lines):,}") + "".join(f"{line}\n" for line in lines)
    content = text.encode("ascii")
    timestamp = None if stamp is None else stamp(content)
    files = {LIST: content, KEY: key.hex().encode() + b"\n"}
    if timestamp is not None:
        files |= {TIMESTAMP: timestamp.tsr, ROOT: timestamp.root.encode("ascii")}
    sealed = {name: vault.sealed(home / name, content) for name, content in files.items()}
    with in_words(home):
        folder = _write_folder(home, f"{datetime.fromtimestamp(made.at, UTC):%Y-%m-%dT%H%M%SZ}", sealed)
    return PossessionList(folder, hashlib.sha256(content).digest(), len(lines), timestamp)


def lists(home: Path) -> list[Path]:
    """The folders of all lists, the oldest first."""
    return sorted(path.parent for path in home.glob(f"[0-9]*/{LIST}"))


def find_proof(home: Path, photo_sha256: bytes, vault: Vault = PLAIN) -> Proof:
    """The proof in the oldest list that holds the photo, one with a timestamp before all others. Raises NotFound."""
    found = sorted(lists(home), key=lambda folder: not (folder / TIMESTAMP).exists())
    for folder in found:
        with vault.open(folder / KEY) as stream:
            salt = _salt(bytes.fromhex(stream.read().decode("ascii")), photo_sha256.hex())
        line = _line(salt, photo_sha256.hex())
        with vault.open(folder / LIST) as stream:
            if any(each.rstrip() == line.encode() for each in stream):
                return Proof(folder, photo_sha256.hex(), salt, line)
    if not found:
        raise NotFound("there is no list of your photos yet; make one with 'isthisme evidence possession'")
    raise NotFound("the photo is in none of your lists: its file is another one, or it was indexed later")


def save_proof(proof: Proof, target: Path, instructions: str, vault: Vault = PLAIN) -> None:
    """Writes the proof as one zip: the list, its timestamp, and the instructions. Never over a file that is there."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PROOF, instructions)
        for name in (LIST, TIMESTAMP, ROOT):
            if (proof.folder / name).exists():
                with vault.open(proof.folder / name) as stream:
                    archive.writestr(name, stream.read())
    write_new(target, vault.sealed(target, packed.getvalue()), may_number=False)


def _salt(key: bytes, photo: str) -> str:
    return hmac.digest(key, photo.encode("ascii"), "sha256").hex()


def _line(salt: str, photo: str) -> str:
    return hashlib.sha256((salt + photo).encode("ascii")).hexdigest()


def _write_folder(home: Path, name: str, files: dict[str, bytes]) -> Path:
    home.mkdir(mode=0o700, exist_ok=True)
    unfinished = home / f"{_UNFINISHED}{secrets.token_hex(8)}"
    unfinished.mkdir(mode=0o700)
    try:
        for file, content in files.items():
            with os.fdopen(make_private(unfinished / file), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        sync_folder(unfinished)
        for folder in _free_names(home / name):
            try:
                unfinished.rename(folder)
            except OSError as error:
                if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
                    continue
                raise
            sync_folder(home)
            return folder
        raise AssertionError("names do not end")
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _free_names(folder: Path) -> Iterator[Path]:
    yield folder
    number = 1
    while number := number + 1:
        yield folder.with_name(f"{folder.name}-{number}")


def _iso(moment: Moment) -> str:
    return moment.there.isoformat(timespec="seconds")
