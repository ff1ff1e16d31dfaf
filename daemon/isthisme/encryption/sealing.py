"""Encrypted files: AES-256-GCM in chunks, in order and with a marked end, so that nothing can be changed unseen.

    16 bytes  what begins every such file
    32 bytes  salt; the file's own key comes from it and from the home's (HKDF with SHA-256)
    chunks    of 65,536 plain bytes, the last one of 0 to 65,536, each followed by its tag of 16 bytes

A chunk's nonce is its number (11 bytes, big-endian) and a byte that is 1 for the last chunk alone: no chunk can be left
out, moved, or taken for the end, and no nonce serves twice under a key. (The STREAM construction, doi:10.1145/2810103.)
"""

import io
import os
import secrets
from collections.abc import Buffer
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from isthisme.errors import SealedFileDamaged

MAGIC = b"isthisme sealed\n"
CHUNK_BYTES = 1 << 16
_SALT_BYTES, _TAG_BYTES = 32, 16
_HEAD_BYTES = len(MAGIC) + _SALT_BYTES
_SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES


def subkey(key: bytes, purpose: bytes, salt: bytes = b"", length: int = 32) -> bytes:
    """A key of its own for each purpose, from which nothing of the others can be told."""
    return HKDF(SHA256(), length, salt, b"isthisme " + purpose).derive(key)


class SealedWriter(io.RawIOBase):
    """Takes plain bytes, from the beginning to the end, and writes the sealed file, whose end `finish` writes. The
    stream stays open."""

    def __init__(self, stream: BinaryIO, key: bytes) -> None:
        self._stream = stream
        salt = secrets.token_bytes(_SALT_BYTES)
        self._cipher = AESGCM(subkey(key, b"file", salt))
        self._pending = bytearray()
        self._chunk = self._size = 0
        stream.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: Buffer, /) -> int:
        view = memoryview(data).cast("B")
        self._pending += view
        self._size += len(view)
        # The last chunk is known by the end alone, so one is always kept back.
        whole = (len(self._pending) - 1) // CHUNK_BYTES if self._pending else 0
        for number in range(whole):
            self._put(self._pending[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES], is_last=False)
        del self._pending[: whole * CHUNK_BYTES]
        return len(view)

    def finish(self) -> None:
        """Writes the end; without it the file counts as cut off."""
        self._put(self._pending, is_last=True)
        self._pending.clear()

    def _put(self, plain: bytearray, *, is_last: bool) -> None:
        self._stream.write(self._cipher.encrypt(_nonce(self._chunk, is_last=is_last), bytes(plain), MAGIC))
        self._chunk += 1


class SealedReader(io.RawIOBase):
    """The plain bytes of a sealed file, in any order. Closes the stream with itself.

    Raises SealedFileDamaged as soon as a part is read that is not as it was written.
    """

    def __init__(self, stream: BinaryIO, key: bytes, name: str) -> None:
        self._stream, self._name = stream, name
        total = stream.seek(0, os.SEEK_END) - _HEAD_BYTES
        stream.seek(0)
        head = stream.read(_HEAD_BYTES)
        self._count, rest = divmod(total, _SEALED_CHUNK_BYTES)
        self._count += bool(rest)
        if head[: len(MAGIC)] != MAGIC or self._count < 1 or 0 < rest < _TAG_BYTES:
            raise self._damaged()
        self._size = total - self._count * _TAG_BYTES
        self._cipher = AESGCM(subkey(key, b"file", head[len(MAGIC) :]))
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")
        self._held = (self._count - 1, self._chunk(self._count - 1))  # the end tells whether the file is whole

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        number, start = divmod(self._at, CHUNK_BYTES)
        if self._at >= self._size:
            return 0
        if self._held[0] != number:
            self._held = (number, self._chunk(number))
        part = self._held[1][start : start + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        self._stream.seek(_HEAD_BYTES + number * _SEALED_CHUNK_BYTES)
        sealed = self._stream.read(_SEALED_CHUNK_BYTES)
        try:
            return self._cipher.decrypt(_nonce(number, is_last=number == self._count - 1), sealed, MAGIC)
        except InvalidTag as error:
            raise self._damaged() from error

    def _damaged(self) -> SealedFileDamaged:
        return SealedFileDamaged(
            f"{self._name} is not as it was encrypted: it was changed, cut off, or belongs to another home"
        )


def sealed_bytes(data: bytes, key: bytes) -> bytes:
    stream = io.BytesIO()
    writer = SealedWriter(stream, key)
    writer.write(data)
    writer.finish()
    return stream.getvalue()


def reading(stream: BinaryIO, key: bytes, name: str) -> io.BufferedReader:
    """The plain bytes of a sealed file, with all that is wanted of a file. Raises SealedFileDamaged."""
    return io.BufferedReader(SealedReader(stream, key, name), CHUNK_BYTES)


def is_sealed(stream: BinaryIO) -> bool:
    """By the beginning of the file, where the stream is put."""
    stream.seek(0)
    found = stream.read(len(MAGIC)) == MAGIC
    stream.seek(0)
    return found


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])
