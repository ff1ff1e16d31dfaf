"""Taking apart compressed answers without ever holding more than was agreed."""

import zlib

from isthisme.errors import FetchFailed

_GZIP_MARK = b"\x1f\x8b"
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's way of naming the format
ACCEPTED_ENCODINGS = "gzip, deflate"


class Inflater:
    """Turns the chunks of one answer into the picture's bytes, at most so many at a time."""

    def __init__(self, encoding: str) -> None:
        """`encoding` is the answer's Content-Encoding. Raises FetchFailed for one that was not asked for."""
        self._encoding = encoding.strip().lower() or "identity"
        self._is_plain = self._encoding == "identity"
        if not self._is_plain and self._encoding not in _WINDOW_BITS:
            raise FetchFailed(
                f"the site packed the picture as {self._encoding[:40]!r}, and was asked for {ACCEPTED_ENCODINGS}"
            )
        self._stream = None if self._is_plain else zlib.decompressobj(_WINDOW_BITS[self._encoding])
        self._has_begun = False
        self._behind = b""  # the first byte behind a packed file, too little to tell what follows
        self._is_over = False  # what still comes is padding, which browsers ignore

    def inflate(self, chunk: bytes, max_bytes: int) -> bytes:
        """What the chunk adds, cut off behind `max_bytes` + 1: enough to see that it is too much."""
        if self._stream is None:
            return chunk
        try:
            return self._inflate(chunk, max_bytes + 1)
        except zlib.error as error:
            raise FetchFailed(f"the site's answer says that it is {self._encoding} and is not ({error})") from error

    def finish(self) -> None:
        """Raises FetchFailed when the packed answer broke off."""
        if self._stream is not None and self._has_begun and not self._stream.eof:
            raise FetchFailed(f"the site's {self._encoding} answer broke off; try again later")

    def _inflate(self, chunk: bytes, room: int) -> bytes:
        assert self._stream is not None  # noqa: S101 - for the type checker
        pieces = []
        while chunk and room > 0:
            if self._stream.eof and not (chunk := self._next_file(chunk)):
                break
            if not self._has_begun and self._encoding == "deflate" and chunk[0] & 0x0F != 8:
                self._stream = zlib.decompressobj(-15)  # some servers leave the zlib header out
            self._has_begun = True
            piece = self._stream.decompress(chunk, room)
            room -= len(piece)
            pieces.append(piece)
            chunk = self._stream.unconsumed_tail or self._stream.unused_data
        return b"".join(pieces)

    def _next_file(self, chunk: bytes) -> bytes:
        """What is left to unpack, as gzip files may follow one another; empty for padding, or too little to tell."""
        chunk, self._behind = self._behind + chunk, b""
        self._is_over = self._is_over or self._encoding == "deflate" or not _GZIP_MARK.startswith(chunk[:2])
        if self._is_over:
            return b""
        if len(chunk) < len(_GZIP_MARK):
            self._behind = chunk
            return b""
        self._stream = zlib.decompressobj(31)
        self._has_begun = False
        return chunk
