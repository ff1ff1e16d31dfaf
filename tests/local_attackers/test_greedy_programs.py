"""Another program of the user's at the daemon's door: it may hinder, and neither end nor exhaust the daemon."""

import asyncio
import json
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from isthisme.server import session as sessions
from isthisme.server.session import Session
from isthisme.server.supplies import SupplyRoom
from isthisme_host.connect import NothingAnswersError, connect
from tests.companion import Client, client, running_daemon, wait_until

_CONNECTED = "03"  # SS_CONNECTED, in /proc/net/unix


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("greedy") / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    with running_daemon(made):
        yield made


def connections(home: Path) -> int:
    """That the daemon has accepted and not closed."""
    open_files = set()
    for each in Path(f"/proc/{int((home / 'daemon.lock').read_text())}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since
            open_files.add(str(each.readlink()))
    rows = (line.split() for line in Path("/proc/net/unix").read_text().splitlines())
    # With the name of the socket that they came in through, which it had before it was renamed.
    named = [row for row in rows if len(row) == 8 and row[7].endswith("daemon.sock.new")]
    return sum(state == _CONNECTED and f"socket:[{inode}]" in open_files for *_, state, inode, _ in named)


def is_served(home: Path) -> bool:
    with suppress(EOFError, ConnectionError, AssertionError, NothingAnswersError), client(home) as browser:
        return browser.ask("status")["type"] == "status"
    return False


@pytest.mark.slow
def test_a_flood_of_connections_is_refused_and_leaves_nothing_open(home: Path) -> None:
    assert is_served(home)
    wait_until(lambda: connections(home) == 0, "the connections of before are closed")
    with ExitStack() as flood:
        for _ in range(200):
            with suppress(NothingAnswersError):  # as many wait as the system lets wait
                flood.enter_context(connect(home))
        wait_until(lambda: connections(home) == 64, "as many are open as may be")
    wait_until(lambda: is_served(home), "the next one is served")
    for _ in range(300):
        with suppress(NothingAnswersError):
            connect(home).close()
    wait_until(lambda: is_served(home), "the next one is served")
    wait_until(lambda: connections(home) == 0, "what was opened is closed")


@pytest.mark.slow
def test_who_has_not_greeted_may_send_little(home: Path) -> None:
    with client(home, greets=False) as stranger:
        stranger.socket.sendall(struct.pack("=I", (1 << 16) + 1))
        assert stranger.receive_answer()["code"] == "frame_too_large"
    assert is_served(home)


@pytest.mark.slow
def test_half_frames_of_all_connections_together_take_no_more_than_their_room(home: Path) -> None:
    """Twelve connections begin frames of 15 MB each and end none: 180 MB, where 128 MiB may be held."""
    half = bytes(14_900_000)
    with ExitStack() as greedy:
        opened = [greedy.enter_context(client(home)) for _ in range(12)]
        for each in opened:
            with suppress(ConnectionError):
                each.socket.sendall(struct.pack("=I", 15_000_000) + half)
        wait_until(lambda: sum(map(is_closed, opened)) >= 3, "those that there is no room for are closed")
        refused = [each.receive_answer() for each in opened if is_closed(each)]
        assert len(refused) < 12
        assert {answer["code"] for answer in refused} == {"overloaded"}
    wait_until(lambda: is_served(home), "others are served, and the room is free again")


def is_closed(browser: Client) -> bool:
    """Whether the daemon has hung up, whatever it said before."""
    looking = select.poll()
    looking.register(browser.socket, select.POLLRDHUP)
    return bool(looking.poll(0))


class Deaf:
    """A connection whose other end reads nothing."""

    def __init__(self) -> None:
        self.is_aborted = False
        self.transport = self

    def abort(self) -> None:
        self.is_aborted = True

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass

    async def drain(self) -> None:
        await asyncio.Event().wait()


async def nothing(session: Session, request: Any) -> Any:
    raise AssertionError


async def test_who_reads_nothing_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_READING_SECONDS", 0.0)
    deaf = Deaf()
    session = Session(asyncio.StreamReader(), deaf, nothing)  # type: ignore[arg-type]
    with pytest.raises(ConnectionError, match="it read nothing"):
        await session.send("status", 1, {})
    assert deaf.is_aborted


async def test_answers_that_nobody_reads_do_not_pile_up() -> None:
    deaf = Deaf()
    session = Session(asyncio.StreamReader(), deaf, nothing)  # type: ignore[arg-type]
    large = {"bytes": "x" * 1_000_000}
    sent = [asyncio.create_task(session.send("preview", number, large)) for number in range(20)]
    done, waiting = await asyncio.wait(sent, timeout=60, return_when=asyncio.FIRST_EXCEPTION)
    assert deaf.is_aborted
    assert len(waiting) == 16
    assert all(isinstance(each.exception(), ConnectionError) for each in done)
    for each in waiting:
        each.cancel()


async def test_the_room_for_frames_is_given_back_when_a_connection_ends() -> None:
    room = SupplyRoom(100)
    reader = asyncio.StreamReader()
    session = Session(reader, Deaf(), nothing, frame_room=room)  # type: ignore[arg-type]
    serving = asyncio.create_task(session.serve())
    reader.feed_data(struct.pack("=I", 80) + bytes(76))
    while room._left == 100:  # noqa: ASYNC110 nobody tells of it
        await asyncio.sleep(0)
    assert room._left == 20
    reader.feed_eof()
    await serving
    assert room._left == 100


def test_a_frame_in_json_that_nests_without_end_is_answered(home: Path) -> None:
    with client(home) as odd:
        odd.send_raw(b'{"id":9,"type":' + b"[" * 60_000)
        assert odd.receive_answer()["code"] == "invalid_message"
        odd.send_raw(json.dumps({"id": 10, "type": "status"}).encode())
        assert odd.receive_answer()["id"] == 10


def test_a_connection_without_an_end_of_its_own_is_cleared_away(home: Path) -> None:
    wait_until(lambda: connections(home) == 0, "the connections of before are closed")
    with connect(home) as half_open:
        wait_until(lambda: connections(home) == 1, "it is accepted")
        half_open.sendall(b"\1")
        half_open.shutdown(socket.SHUT_WR)
        wait_until(lambda: connections(home) == 0, "it is closed")
