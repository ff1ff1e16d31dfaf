"""What a home says of its own encryption: whether it is on, where its key lies, and the key itself for the recovery key
alone. Nothing in it is secret."""

import base64
import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from isthisme.encryption.sealing import subkey
from isthisme.errors import KeyMissing, UsageError
from isthisme.new_files import in_words
from isthisme_host.private_files import make_private, sync_folder

_FORM = 1


class State(StrEnum):
    TURNING_ON = "turning on"  # some files are encrypted already
    ON = "on"
    TURNING_OFF = "turning off"  # some files are plain already


@dataclass(frozen=True, slots=True)
class Record:
    home_id: str  # what the key is named by in the keyring
    state: State
    key_file: str | None  # None: the key is in the keyring
    fingerprint: str  # tells the right key from a wrong one
    wrapped: str  # the key, which the recovery key opens; base 64
    form: int = _FORM

    def is_of(self, key: bytes) -> bool:
        return fingerprint_of(key) == self.fingerprint

    @property
    def wrapped_key(self) -> bytes:
        return base64.b64decode(self.wrapped)


def fingerprint_of(key: bytes) -> str:
    return subkey(key, b"fingerprint", length=16).hex()


def written(wrapped_key: bytes) -> str:
    return base64.b64encode(wrapped_key).decode()


def read_record(path: Path) -> Record:
    """Raises KeyMissing where the file cannot be read, UsageError where a newer program wrote it."""
    try:
        fields = json.loads(path.read_text("utf-8"))
        form = fields["form"]
        if form == _FORM:
            record = Record(**{**fields, "state": State(fields["state"])})
            base64.b64decode(record.wrapped, validate=True)
            return record
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyMissing(
            f"{path} cannot be read ({error}), and without it the key cannot be found; put it back from a backup"
        ) from error
    raise UsageError(f"{path} has form {form}, of a newer program; install that one")


def write_record(path: Path, record: Record) -> None:
    """Whole or not at all. Raises DiskFull and UsageError."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with in_words(path.parent):
        with os.fdopen(make_private(unfinished), "wb") as stream:
            stream.write(json.dumps(asdict(record), indent=1).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)
