"""Where a home's key lies: in the keyring of the user's system, or in a file that the user names.

The keyring library would also take keyrings that write keys down in plain files, by its settings or by the environment.
So the ones that keep a secret are named here, and its own choice is not asked for.
"""

import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol

from isthisme.errors import EncryptionMissing, KeyOutOfReach, UsageError
from isthisme.new_files import in_words
from isthisme_host.private_files import make_private, sync_folder

SERVICE = "isthisme"
_SAFE = (
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.libsecret", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.kwallet", "DBusKeyringKWallet4"),
)
_PATIENCE_SECONDS = 15.0  # for somebody to unlock the keyring, where the desktop asks; the browser waits for 20


class Backend(Protocol):
    """What the keyring library calls one keyring."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class KeyPlace(Protocol):
    """Where one key lies."""

    def read(self) -> bytes | None:
        """None where the place can be looked into, and there is no key. Raises KeyOutOfReach, EncryptionMissing."""
        ...

    def write(self, key: bytes) -> None:
        """Raises KeyOutOfReach, EncryptionMissing."""
        ...

    def erase(self) -> None:
        """That there is none is fine. Raises KeyOutOfReach."""
        ...


def system_keyring(candidates: Iterable[tuple[str, str]] = _SAFE) -> Backend:
    """The keyring of this desktop. Raises KeyOutOfReach where there is none, EncryptionMissing without the library."""
    try:
        import keyring.backend  # noqa: F401
    except ImportError as error:
        raise EncryptionMissing(
            "the package that speaks to keyrings, keyring, is not installed; install isthisme[encryption] in the place "
            "of isthisme, as docs/encryption.md says"
        ) from error
    found: list[tuple[float, Backend]] = []
    for module, name in candidates:
        try:
            kind = getattr(import_module(module), name)
            found.append((float(kind.priority), kind()))
        except Exception:  # noqa: BLE001, S112 each says in its own way that it cannot serve here
            continue
    if not found:
        raise KeyOutOfReach(
            "this session has no keyring (Secret Service, KWallet, macOS Keychain or Windows Credential Locker); log "
            "in to the desktop, or keep the key in a file: isthisme encryption on --key-file FILE"
        )
    return max(found, key=lambda each: each[0])[1]


class InKeyring:
    """A key in a keyring, under the id of its home."""

    def __init__(self, home_id: str, find_keyring: Callable[[], Backend] = system_keyring) -> None:
        self._name = home_id
        self._find = find_keyring

    def read(self) -> bytes | None:
        found = self._asked(lambda backend: backend.get_password(SERVICE, self._name))
        try:
            return None if found is None else bytes.fromhex(str(found))
        except ValueError:
            return b""  # something else than a key of ours: the wrong one

    def write(self, key: bytes) -> None:
        self._asked(lambda backend: backend.set_password(SERVICE, self._name, key.hex()))
        if self.read() != key:
            raise KeyOutOfReach("the keyring took the key and does not give it back; nothing was encrypted")

    def erase(self) -> None:
        if self.read() is not None:
            self._asked(lambda backend: backend.delete_password(SERVICE, self._name))

    def __str__(self) -> str:
        return "the system's keyring"

    def _asked(self, question: Callable[[Backend], object]) -> object:
        """The keyring's answer, for which it may have to ask the user. Raises KeyOutOfReach."""
        answers: list[object] = []
        problems: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(question(self._find()))
            except Exception as error:  # noqa: BLE001 each keyring has errors of its own
                problems.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(_PATIENCE_SECONDS)
        if answers:
            return answers[0]
        error = problems[0] if problems else TimeoutError(f"no answer within {_PATIENCE_SECONDS:.0f} s")
        if isinstance(error, (KeyOutOfReach, EncryptionMissing)):
            raise error
        raise KeyOutOfReach(
            f"the system's keyring does not give the key ({type(error).__name__}: {error}); unlock it and try again, "
            "or put the key back with: isthisme encryption unlock"
        ) from error


class InFile:
    """A key in a file of the user's, on a memory stick for instance."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        try:
            handle = os.open(self._path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "rb") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                text = stream.read(200)
        except OSError as error:
            raise KeyOutOfReach(
                f"the key file {self._path} cannot be read ({error.strerror}); plug its disk in, or put the key "
                "elsewhere with your recovery key: isthisme encryption unlock --key-file FILE"
            ) from error
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise KeyOutOfReach(f"the key file {self._path} is open to other users; close it: chmod 600 '{self._path}'")
        try:
            return bytes.fromhex(text.decode("ascii"))
        except ValueError:
            return b""

    def check_new(self) -> None:
        """Raises UsageError where a file is there already."""
        if os.path.lexists(self._path):
            raise UsageError(f"{self._path} is there already; name a new file for the key")

    def write(self, key: bytes) -> None:
        """A new file, for its owner alone. Raises UsageError where there is one already."""
        self.check_new()
        unfinished = self._path.with_name(f".{self._path.name}-{secrets.token_hex(4)}")
        with in_words(self._path.parent):
            with os.fdopen(make_private(unfinished), "wb") as stream:
                stream.write(key.hex().encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.rename(self._path)
            sync_folder(self._path.parent)
        try:
            given_back = self.read()
        except KeyOutOfReach:
            self._path.unlink(missing_ok=True)
            raise
        if given_back != key:
            raise KeyOutOfReach(f"{self._path} does not hold what was written to it; nothing was encrypted")

    def erase(self) -> None:
        try:
            with self._path.open("r+b") as stream:
                stream.write(bytes(self._path.stat().st_size))
                stream.flush()
                os.fsync(stream.fileno())
            self._path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise KeyOutOfReach(f"the key file {self._path} cannot be removed: {error.strerror}") from error

    def __str__(self) -> str:
        return f"the file {self._path}"
