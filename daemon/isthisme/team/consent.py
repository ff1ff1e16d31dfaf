"""The owner's consent to vectors leaving their computer: a record in their own home folder, kept with its withdrawal.

Nothing may be sent to a server for an owner unless `granted` says so, each time anew. What is sent is sent within
`consented`, and what a withdrawal deletes is deleted while `nobody_sends`: so nothing arrives after it was deleted,
whichever program of ours was sending.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from isthisme.domain import Moment
from isthisme.errors import Busy, InputError, UsageError
from isthisme.index.milvus_address import MilvusAddress
from isthisme.names import checked_name
from isthisme.new_files import in_words
from isthisme.team.consent_words import VERSION, Language, consent_words
from isthisme_host.private_files import lock, make_private, open_private, sync_folder

FILE_NAME = "consents.json"
_LOCK_NAME = "sending.lock"
_LARGEST = 1 << 20  # bytes
_WAIT_SECONDS = 150.0  # for a batch under way: its sender gives up before
_LOOK_SECONDS = 0.05


class ConsentMissing(InputError):
    """Vectors were about to leave, and their owner has not agreed to that, or not any more."""

    code = "consent_missing"


class Consent(Struct, frozen=True):
    server: str  # as `server_name` has it
    owner: str
    at: float  # seconds since 1970
    utc_offset: int  # seconds east of UTC
    version: int  # of the words that were shown
    language: Language
    words_sha256: str  # of the words as they were shown
    withdrawn_at: float | None = None  # nothing is sent from then on
    deleted_at: float | None = None  # the server said that it has none of the owner's vectors any more

    @property
    def holds(self) -> bool:
        return self.withdrawn_at is None and self.version == VERSION

    @property
    def is_being_withdrawn(self) -> bool:
        """The server may still have vectors."""
        return self.withdrawn_at is not None and self.deleted_at is None


class _File(Struct, frozen=True):
    consents: list[Consent]


def server_name(address: str) -> str:
    """One name for each server, however its address was written. Raises UsageError."""
    return MilvusAddress.parse(f"milvus+{address.strip().removeprefix('milvus+')}").uri


def granted(home: Path, server: str, owner: str) -> bool:
    """Whether the owner agreed, to the words as they are now, and has not taken it back. In doubt not."""
    try:
        return _standing(consents(home), server_name(server), owner) is not None
    except UsageError:
        return False


def check_granted(home: Path, server: str, owner: str) -> None:
    """Raises ConsentMissing."""
    if not granted(home, server, owner):
        raise ConsentMissing(
            f"{owner!r} has not agreed to vectors going to {server_name(server)}, so nothing is sent; "
            f"'isthisme team consent --server {server_name(server)} --owner {owner}' says what that means, and asks"
        )


@contextmanager
def consented(home: Path, server: str, owner: str) -> Iterator[None]:
    """What is sent within is sent with the owner's consent, which cannot be taken back in between. Raises
    ConsentMissing. One sender of a home at a time: the next waits."""
    with _sole(home, seconds=None):
        check_granted(home, server, owner)
        yield


@contextmanager
def nobody_sends(home: Path, *, seconds: float = _WAIT_SECONDS) -> Iterator[None]:
    """No program of ours sends anything from this home within. Raises Busy where one does not come to an end."""
    with _sole(home, seconds=seconds):
        yield


def grant(home: Path, server: str, owner: str, language: Language) -> Consent:
    """Records that the words were shown and agreed to. Only who has just heard the owner say so calls this."""
    name, now = server_name(server), Moment.now()
    words = consent_words(language, name, checked_name(owner))
    digest = hashlib.sha256(words.encode()).hexdigest()
    made = Consent(name, owner, now.at, now.utc_offset, VERSION, language, digest)
    known = consents(home)
    if any(each.is_being_withdrawn and (each.server, each.owner) == (name, owner) for each in known):
        raise UsageError(
            f"vectors of {owner!r} may still be on {name} from before; finish that first: isthisme team withdraw"
        )
    _write(home, [*(each for each in known if (each.server, each.owner) != (name, owner) or not each.holds), made])
    return made


def withdraw(home: Path, server: str, owner: str, delete: Callable[[], None]) -> None:
    """Takes the consent back, then has the server delete. Where that fails the consent stays withdrawn, and the same
    call tries the deletion again. Raises UsageError where there is nothing to withdraw, and what `delete` raises."""
    name, now = server_name(server), Moment.now().at
    known = consents(home)
    mine = [each for each in known if (each.server, each.owner) == (name, owner)]
    if not any(each.withdrawn_at is None or each.is_being_withdrawn for each in mine):
        raise UsageError(f"{owner!r} has not agreed to anything going to {name}; 'isthisme team consents' lists it")
    withdrawn = [
        msgspec.structs.replace(each, withdrawn_at=now) if each in mine and each.withdrawn_at is None else each
        for each in known
    ]
    _write(home, withdrawn)
    delete()
    deleted_at = Moment.now().at
    _write(
        home,
        [
            msgspec.structs.replace(each, deleted_at=deleted_at)
            if each.is_being_withdrawn and (each.server, each.owner) == (name, owner)
            else each
            for each in withdrawn
        ],
    )


def consents(home: Path) -> list[Consent]:
    """All that was ever agreed to, the oldest first. Raises UsageError where the record cannot be read."""
    path = home / FILE_NAME
    try:
        with os.fdopen(open_private(path, os.O_RDONLY), "rb") as stream:
            read = stream.read(_LARGEST)
        return msgspec.json.decode(read, type=_File).consents
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}; nothing is sent as long as that is so. Move it away to begin anew"
        ) from error


@contextmanager
def _sole(home: Path, *, seconds: float | None) -> Iterator[None]:
    handle = open_private(home / _LOCK_NAME, os.O_RDWR | os.O_CREAT)
    try:
        if seconds is None:
            lock(handle, wait=True)
        else:
            _lock_within(handle, seconds)
        yield
    finally:
        os.close(handle)


def _lock_within(handle: int, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while True:
        try:
            lock(handle, wait=False)
        except BlockingIOError as error:
            if time.monotonic() > give_up:
                raise Busy("another program is still sending what it had begun; try again in a while") from error
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _standing(known: Sequence[Consent], server: str, owner: str) -> Consent | None:
    return next((each for each in known if (each.server, each.owner) == (server, owner) and each.holds), None)


def _write(home: Path, known: Sequence[Consent]) -> None:
    path = home / FILE_NAME
    new = home / f".{FILE_NAME}.{os.getpid()}"
    with in_words(home):
        handle = make_private(new)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(msgspec.json.format(msgspec.json.encode(_File(list(known))), indent=1))
                stream.flush()
                os.fsync(handle)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        sync_folder(home)
