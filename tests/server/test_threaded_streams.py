"""Streams over connections that block: real sockets here, in the place of the pipes of Windows."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from isthisme.server.threaded_streams import streams_of

PATIENCE_SECONDS = 30
MIB = 1 << 20


class BlockingSocket:
    """A socket that ends what waits for it when it is closed, as a pipe of Windows does."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def recv(self, most: int) -> bytes:
        return self._inner.recv(most)

    def sendall(self, data: bytes) -> None:
        self._inner.sendall(data)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._inner.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def pair() -> Iterator[tuple[BlockingSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE_SECONDS)
    with ours, theirs:
        yield BlockingSocket(ours), theirs


def received(theirs: socket.socket) -> bytearray:
    found = bytearray()
    while chunk := theirs.recv(1 << 16):
        found += chunk
    return found


async def test_bytes_come_and_go(pair: tuple[BlockingSocket, socket.socket]) -> None:
    ours, theirs = pair
    reader, writer = streams_of(ours)
    theirs.sendall(b"question")
    assert await reader.readexactly(8) == b"question"
    writer.write(b"ans")
    writer.write(b"wer")
    await writer.drain()
    assert await asyncio.to_thread(theirs.recv, 3) == b"ans"
    assert await asyncio.to_thread(theirs.recv, 3) == b"wer"
    writer.close()


async def test_the_other_ends_end_is_read_after_all_that_it_sent(pair: tuple[BlockingSocket, socket.socket]) -> None:
    ours, theirs = pair
    reader, writer = streams_of(ours)
    theirs.sendall(b"x" * 10_000)
    theirs.close()
    assert len(await reader.read()) == 10_000
    await writer.wait_closed()


async def test_all_that_was_written_goes_out_before_the_end(pair: tuple[BlockingSocket, socket.socket]) -> None:
    ours, theirs = pair
    _reader, writer = streams_of(ours)
    writer.write(b"x" * MIB)
    writer.close()
    writer.write(b"too late")
    assert await asyncio.to_thread(received, theirs) == b"x" * MIB
    await writer.wait_closed()


async def test_who_writes_waits_for_who_does_not_read(pair: tuple[BlockingSocket, socket.socket]) -> None:
    ours, theirs = pair
    _reader, writer = streams_of(ours)
    writer.write(b"x" * 4 * MIB)
    draining = asyncio.create_task(writer.drain())
    done, _ = await asyncio.wait({draining}, timeout=0.05)
    assert not done
    assert writer.transport.get_write_buffer_size() == 4 * MIB
    writer.close()
    assert len(await asyncio.to_thread(received, theirs)) == 4 * MIB
    await draining
    await writer.wait_closed()


async def test_giving_up_ends_what_waits_at_once(pair: tuple[BlockingSocket, socket.socket]) -> None:
    ours, theirs = pair
    reader, writer = streams_of(ours)
    writer.write(b"x" * 4 * MIB)
    draining, reading = asyncio.create_task(writer.drain()), asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    writer.transport.abort()
    await draining
    assert await reading == b""
    with pytest.raises(ConnectionResetError):
        await writer.drain()
    assert len(await asyncio.to_thread(received, theirs)) < 4 * MIB


class EndlessConnection:
    """Sends without end, and counts how much was taken."""

    def __init__(self) -> None:
        self.chunks = 0
        self.is_closed = False

    def recv(self, most: int) -> bytes:
        if self.is_closed:
            raise ConnectionAbortedError
        self.chunks += 1
        return b"x" * most

    def sendall(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


async def test_no_more_is_taken_than_somebody_reads() -> None:
    connection = EndlessConnection()
    reader, writer = streams_of(connection)
    for step in range(1, 6):
        await reader.readexactly(1 << 18)
        await asyncio.sleep(0.01)
        assert connection.chunks <= 4 * step + 4  # 64 KiB each: what was read, and what the reader holds
    writer.close()
    await writer.wait_closed()
