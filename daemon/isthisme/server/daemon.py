"""The daemon: accepts connections until it is told to stop."""

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import suppress

from isthisme.server.captures import MOST_BYTES_OF_ALL
from isthisme.server.eviction import until_evicted
from isthisme.server.handlers import Handlers
from isthisme.server.messages import Status
from isthisme.server.session import Fields, Session
from isthisme.server.succession import ProgramOnDisk
from isthisme.server.supplies import SupplyRoom
from isthisme_host.connect import Listener

if sys.platform == "win32":
    from isthisme.server.pipe_door import open_door
else:
    from isthisme.server.socket_door import open_door

_log = logging.getLogger(__name__)

_STATUS_SECONDS = 1.0
_TELL_SECONDS = 5.0
_MOST_CONNECTIONS = 64
_FAREWELL_LOOK_SECONDS = 0.1
_MOST_FAREWELL_LOOKS = 3_000
_GREETING_SECONDS = 30.0  # then who only holds a place loses it
_MOST_FRAME_BYTES = 128 << 20  # of frames that have begun, of all connections


class Daemon:
    def __init__(
        self,
        handlers: Handlers,
        listener: Listener,
        is_in_place: Callable[[], bool],
        stopped: asyncio.Event,
        program: ProgramOnDisk | None = None,
    ) -> None:
        """`is_in_place`: whether clients still find this daemon in its home folder, and the next daemon its lock."""
        self._handlers = handlers
        self._listener = listener
        self._is_in_place = is_in_place
        self._sessions: set[Session] = set()
        self._supply_room = SupplyRoom()
        self._capture_room = SupplyRoom(MOST_BYTES_OF_ALL)
        self._frame_room = SupplyRoom(_MOST_FRAME_BYTES)
        self._stopped = stopped
        self._program = program or ProgramOnDisk()
        self._has_successor = False

    async def run(self) -> bool:
        """Serves until it is stopped, or its home folder is gone, or another program was installed: True when that is
        to take over."""
        door = await open_door(self._listener, self._admit)
        duties = self._tell_changes(), self._make_way(), self._leave_when_evicted()
        tasks = [asyncio.create_task(duty) for duty in duties]
        try:
            await self._stopped.wait()
        finally:
            door.close()
            for task in tasks:
                task.cancel()
            for session in list(self._sessions):
                await session.close()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._has_successor

    async def _make_way(self) -> None:
        """Ends the daemon once its program was replaced and nobody waits for an answer. A rebuild goes on then."""
        is_other = await self._program.until_replaced()
        _log.info("another program was installed" if is_other else "the program was removed")
        for _ in range(_MOST_FAREWELL_LOOKS):
            if not any(session.is_at_work for session in self._sessions):
                break
            await asyncio.sleep(_FAREWELL_LOOK_SECONDS)
        if not self._stopped.is_set():
            self._has_successor = is_other
            self._stopped.set()

    async def _leave_when_evicted(self) -> None:
        await until_evicted(self._is_in_place)
        _log.warning("the home folder was deleted, moved, or has another daemon's lock: this one ends")
        self._stopped.set()

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._sessions) >= _MOST_CONNECTIONS:
            _log.warning("a connection was refused: %d are open", len(self._sessions))
            writer.close()
            return
        session = Session(
            reader, writer, self._handlers.handle, self._supply_room, self._capture_room, self._frame_room
        )
        patience = asyncio.get_running_loop().call_later(_GREETING_SECONDS, _close_silent, session, writer)
        self._sessions.add(session)
        try:
            await session.serve()
        finally:
            patience.cancel()
            self._sessions.discard(session)
            if not self._sessions:
                self._handlers.forget_sites()

    async def _tell_changes(self) -> None:
        """Sends the status to every connection when it changed."""
        last: Status | None = None
        while True:
            await asyncio.sleep(_STATUS_SECONDS)
            listeners = [session for session in self._sessions if session.has_greeted]
            if not listeners:
                continue
            try:
                await self._tell_news([session for session in listeners if session.is_browser])
                status = await self._handlers.status()
            except Exception:  # noqa: BLE001 the next second tries again
                _log.exception("the status cannot be told")
                continue
            if status != last:
                last = status
                await asyncio.gather(*(_tell(session, "status", status) for session in listeners))

    async def _tell_news(self, browsers: list[Session]) -> None:
        """Every browser hears what is new; what one has heard is not kept any longer."""
        for news in await self._handlers.news() if browsers else []:
            heard = await asyncio.gather(*(_tell(session, "news", news.fields()) for session in browsers))
            if any(heard):
                await self._handlers.drop_news(news)


def _close_silent(session: Session, writer: asyncio.StreamWriter) -> None:
    if not session.has_greeted:
        _log.info("a connection is closed that did not greet")
        writer.transport.abort()


async def _tell(session: Session, kind: str, fields: Fields) -> bool:
    """Whether it was heard. A browser that does not read keeps no other from hearing."""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(_TELL_SECONDS):
            await session.send(kind, None, fields)
            return True
    return False
