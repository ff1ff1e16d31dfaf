"""The daemon's door on Windows, on a Windows that is made up."""

import asyncio
import logging
from pathlib import Path

import pytest

from isthisme.server.messages import AnyRequest
from isthisme.server.pipe_door import open_door
from isthisme.server.session import Session
from isthisme_host import meeting_windows
from isthisme_host.frames import framed
from isthisme_host.pipes import PipeConnection
from tests.native_host.made_up_windows import MadeUpWindows

ANN, BOB = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"


async def handle(_session: Session, request: AnyRequest) -> tuple[str, dict[str, object]]:
    return type(request).__name__, {}


async def admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await Session(reader, writer, handle).serve()


def ask(windows: MadeUpWindows, home: Path) -> bytes:
    """What a host that says nothing but `status` hears."""
    with meeting_windows.connect(home, windows.calls_of(ANN)) as client:
        client.sendall(framed(b'{"id": 1, "type": "status"}'))
        return client.recv(1 << 16)


async def test_a_session_is_served_through_a_pipe(tmp_path: Path) -> None:
    windows = MadeUpWindows()
    listener = meeting_windows.listen_in(tmp_path, windows.calls_of(ANN))
    door = await open_door(listener, admit)
    for _ in range(2):
        assert b"hello_first" in await asyncio.to_thread(ask, windows, tmp_path)
    door.close()


async def test_a_stranger_is_refused_and_the_next_one_served(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    windows = MadeUpWindows()
    listener = meeting_windows.listen_in(tmp_path, windows.calls_of(ANN))
    windows.instances[0].descriptor = f"O:{ANN}D:P(A;;FA;;;WD)"
    name = rf"\\.\pipe\{(tmp_path / 'daemon.pipe').read_text()}"
    stranger = PipeConnection(windows.calls_of(BOB), windows.calls_of(BOB).open_pipe(name))
    with caplog.at_level(logging.WARNING):
        door = await open_door(listener, admit)
        assert await asyncio.to_thread(stranger.recv, 1) == b""
        assert b"hello_first" in await asyncio.to_thread(ask, windows, tmp_path)
    assert f"runs as {BOB}" in caplog.text  # said before the next one came in
    door.close()


async def test_nobody_comes_in_through_a_closed_door(tmp_path: Path) -> None:
    windows = MadeUpWindows()
    door = await open_door(meeting_windows.listen_in(tmp_path, windows.calls_of(ANN)), admit)
    door.close()
    with windows.changed:
        assert windows.changed.wait_for(lambda: not windows.instances, 30)
    with pytest.raises(meeting_windows.NothingAnswersError):
        meeting_windows.connect(tmp_path, windows.calls_of(ANN))
