"""The daemon: accepts connections on the socket until it is told to stop."""

import asyncio
import logging
import signal
import socket
from contextlib import suppress

from isthisme.server.captures import MOST_BYTES_OF_ALL
from isthisme.server.handlers import Handlers
from isthisme.server.messages import Status
from isthisme.server.session import Fields, Session
from isthisme.server.supplies import SupplyRoom
from isthisme_host.connect import MeetingError, check_peer

_log = logging.getLogger(__name__)

_STATUS_SECONDS = 1.0
_TELL_SECONDS = 5.0
_MOST_CONNECTIONS = 64


class Daemon:
    def __init__(self, handlers: Handlers, listener: socket.socket) -> None:
        self._handlers = handlers
        self._listener = listener
        self._sessions: set[Session] = set()
        self._supply_room = SupplyRoom()
        self._capture_room = SupplyRoom(MOST_BYTES_OF_ALL)
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopped.set)
        server = await asyncio.start_unix_server(self._accept, sock=self._listener)
        teller = asyncio.create_task(self._tell_changes())
        try:
            await self._stopped.wait()
        finally:
            server.close()
            teller.cancel()
            for session in list(self._sessions):
                await session.close()
            with suppress(asyncio.CancelledError):
                await teller

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            check_peer(writer.get_extra_info("socket"))
        except MeetingError as error:
            _log.warning("a connection was refused: %s", error)
            writer.close()
            return
        if len(self._sessions) >= _MOST_CONNECTIONS:
            _log.warning("a connection was refused: %d are open", len(self._sessions))
            writer.close()
            return
        session = Session(reader, writer, self._handlers.handle, self._supply_room, self._capture_room)
        self._sessions.add(session)
        try:
            await session.serve()
        finally:
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


async def _tell(session: Session, kind: str, fields: Fields) -> bool:
    """Whether it was heard. A browser that does not read keeps no other from hearing."""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(_TELL_SECONDS):
            await session.send(kind, None, fields)
            return True
    return False
