"""Which Milvus server, as a setting names it, and what to show it: never an address with a secret in it."""

import os
import stat
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from isthisme.errors import UsageError
from isthisme_host.private_files import open_private

_PREFIX = "milvus+"
_PORT = 19530
_LONGEST_TOKEN = 4096


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    host: str
    port: int
    is_encrypted: bool

    @classmethod
    def parse(cls, setting: str) -> "MilvusAddress":
        """From `milvus+https://host:19530`; `milvus+http` is for a server on this computer. Raises UsageError."""
        shown = setting[:200]
        try:
            parts = urlsplit(setting.removeprefix(_PREFIX))
            host, port = parts.hostname or "", parts.port or _PORT
        except ValueError as error:
            raise UsageError(f"{shown!r} is no address of a Milvus server: {error}") from error
        if parts.username is not None or parts.password is not None:
            # Not shown: it may hold the very secret that should not be there.
            raise UsageError("an address of a Milvus server names no user and no token: those lie in a file")
        is_address = setting.startswith(_PREFIX) and parts.scheme in ("http", "https") and host
        if not is_address or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise UsageError(f"{shown!r} is no address of a Milvus server; write milvus+https://host:{_PORT}")
        if parts.scheme == "http" and not _is_this_computer(host):
            raise UsageError(f"{shown!r} would send vectors unencrypted; milvus+http is for a server on this computer")
        return cls(host, port, parts.scheme == "https")

    @property
    def uri(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.is_encrypted else 'http'}://{host}:{self.port}"

    def __str__(self) -> str:
        return f"{_PREFIX}{self.uri}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What tells the server who asks, and us who answers."""

    token: str = field(default="", repr=False)  # `user:password`, or an API key; empty for a server without users
    authority: Path | None = None  # PEM: the root that the server's certificate rests on; None: those of the system
    certificate: Path | None = None  # PEM: ours, for a server that asks for one
    key: Path | None = field(default=None, repr=False)  # and its key

    def __post_init__(self) -> None:
        """Raises UsageError where the parts do not belong together."""
        if (self.certificate is None) != (self.key is None):
            raise UsageError("a certificate and its key are given together (index_certificate_file, index_key_file)")
        if self.certificate is not None and self.authority is None:
            raise UsageError("with a certificate of one's own the server's root is named too (index_authority_file)")
        for path in (self.authority, self.certificate, self.key):
            if path is not None and not path.is_file():
                raise UsageError(f"there is no file {path}")
        if self.key is not None:
            _check_kept_secret(self.key, self.key.stat())


def read_token(file: Path) -> str:
    """The token in a file that only its owner may read. Raises UsageError where the file is not fit for a secret."""
    try:
        with os.fdopen(open_private(file, os.O_RDONLY), "rb") as stream:
            _check_kept_secret(file, os.fstat(stream.fileno()))
            token = stream.read(_LONGEST_TOKEN + 1).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the token in {file} cannot be read: {error}") from error
    if not token or len(token) > _LONGEST_TOKEN or not token.isprintable():
        raise UsageError(f"{file} holds no token: one line is expected, user:password or an API key")
    return token


def _is_this_computer(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_kept_secret(path: Path, state: os.stat_result) -> None:
    if os.name == "posix" and stat.S_IMODE(state.st_mode) & 0o077:
        raise UsageError(f"{path} can be read by others; 'chmod 600 {path}' mends that")
