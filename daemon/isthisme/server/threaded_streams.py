"""asyncio's streams over a connection that can only be waited for: two threads for each, one reads and one writes.

asyncio has transports for pipes of Windows. What makes and serves those is no part of its interface, though, and could
be tried on no other system. This one rests on what every connection can do.
"""

import asyncio
import queue
import threading
from contextlib import suppress
from typing import Any, Protocol

_CHUNK = 1 << 16
_MUCH_WAITING = 1 << 16  # bytes that are to be written, from which on who writes has to wait
_LITTLE_WAITING = 1 << 14


class Connection(Protocol):
    """What blocks the thread that calls it. Closing it, in any thread, ends what is under way: OSError, or no bytes."""

    def recv(self, most: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...
    def close(self) -> None: ...


def streams_of(connection: Connection) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To be called in the running loop, which the connection belongs to from then on."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport = _ThreadedTransport(connection, protocol, loop)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


class _ThreadedTransport(asyncio.Transport):
    """Its methods are for the loop's thread, save those that say so."""

    def __init__(
        self, connection: Connection, protocol: asyncio.StreamReaderProtocol, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__()
        self._connection = connection
        self._protocol = protocol
        self._loop = loop
        self._may_read = threading.Event()
        self._reading_paused = False
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()  # None is the end
        self._waiting_bytes = 0
        self._writing_paused = False
        self._is_closing = False
        self._is_lost = False
        protocol.connection_made(self)
        self._may_read.set()
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    def is_closing(self) -> bool:
        return self._is_closing

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        if self._is_closing or not data:
            return
        self._waiting_bytes += len(data)
        self._to_write.put(bytes(data))
        if self._waiting_bytes > _MUCH_WAITING and not self._writing_paused:
            self._writing_paused = True
            self._protocol.pause_writing()

    def get_write_buffer_size(self) -> int:
        return self._waiting_bytes

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self._reading_paused = True
        self._may_read.clear()

    def resume_reading(self) -> None:
        self._reading_paused = False
        self._may_read.set()

    def close(self) -> None:
        """Once all is written."""
        if not self._is_closing:
            self._is_closing = True
            self._to_write.put(None)

    def abort(self) -> None:
        """At once."""
        self._is_closing = True
        self._loop.call_soon(self._end)

    def _read(self) -> None:
        """In a thread of its own. At most one chunk is on its way to the loop."""
        while True:
            self._may_read.wait()
            try:
                chunk = self._connection.recv(_CHUNK)
            except OSError:
                chunk = b""
            self._may_read.clear()
            if not chunk:
                self._tell(self._end)
                return
            self._tell(self._received, chunk)

    def _write(self) -> None:
        """In a thread of its own."""
        while (data := self._to_write.get()) is not None:
            try:
                self._connection.sendall(data)
            except OSError:
                break
            self._tell(self._written, len(data))
        self._tell(self._end)

    def _tell(self, what: Any, *about: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(what, *about)

    def _received(self, chunk: bytes) -> None:
        if not self._is_lost:
            self._protocol.data_received(chunk)
        if self._is_lost or not self._reading_paused:
            self._may_read.set()

    def _written(self, count: int) -> None:
        self._waiting_bytes -= count
        if self._waiting_bytes < _LITTLE_WAITING and self._writing_paused:
            self._writing_paused = False
            self._protocol.resume_writing()

    def _end(self) -> None:
        """Both threads end with the connection."""
        if self._is_lost:
            return
        self._is_lost = self._is_closing = True
        self._connection.close()
        self._to_write.put(None)
        self._may_read.set()
        self._protocol.connection_lost(None)
