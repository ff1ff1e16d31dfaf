"""The answers about pictures judged last, by content: the same picture under fifty addresses is described once."""

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from isthisme.answer_note import AnswerNote
from isthisme.catalog.generations import IndexMark

_MOST = 2_000
_LARGE = 1 << 20  # bytes whose hash would hold up the others


class KnownAnswers:
    """In memory only. An answer holds as long as the index stays as it is. Threads may share it."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._notes: OrderedDict[bytes, tuple[IndexMark, AnswerNote]] = OrderedDict()
        self._under_way: dict[bytes, tuple[asyncio.Lock, int]] = {}  # with how many hold or await it

    def known(self, picture_hash: bytes, mark: IndexMark) -> AnswerNote | None:
        with self._lock:
            known = self._notes.get(picture_hash)
        return known[1] if known is not None and known[0] == mark else None

    def remember(self, picture_hash: bytes, mark: IndexMark, note: AnswerNote) -> None:
        with self._lock:
            self._notes[picture_hash] = mark, note
            self._notes.move_to_end(picture_hash)
            while len(self._notes) > self._most:
                self._notes.popitem(last=False)

    @asynccontextmanager
    async def alone_with(self, data: bytes) -> AsyncIterator[None]:
        """While one judges this picture, the others wait for the answer."""
        picture_hash = await asyncio.to_thread(_hash, data) if len(data) > _LARGE else _hash(data)
        lock, users = self._under_way.get(picture_hash, (asyncio.Lock(), 0))
        self._under_way[picture_hash] = lock, users + 1
        try:
            async with lock:
                yield
        finally:
            lock, users = self._under_way.pop(picture_hash)
            if users > 1:
                self._under_way[picture_hash] = lock, users - 1


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
