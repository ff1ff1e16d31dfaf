"""The team's daemon: accepts members on its socket until it is told to stop, or nobody finds it any more."""

import asyncio
import logging
import signal
import socket
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

import msgspec

from isthisme.errors import InvalidMessage
from isthisme.server.eviction import until_evicted
from isthisme.server.parsing import envelope
from isthisme.server.session import Fields, Session
from isthisme.server.supplies import SupplyRoom
from isthisme.team import messages
from isthisme.team.handlers import TeamHandlers

if sys.platform != "win32":  # where nobody can listen
    from isthisme_host.meeting_posix import peer_uid

_log = logging.getLogger(__name__)

_MOST_CONNECTIONS = 64
_MOST_OF_AN_ACCOUNT = 16
_GREETING_SECONDS = 30.0  # then who only holds a place loses it
_MOST_FRAME_BYTES = 128 << 20  # of frames that have begun, of all connections

_decoder: msgspec.json.Decoder[messages.AnyTeamRequest] = msgspec.json.Decoder(messages.AnyTeamRequest.__value__)


def parse(body: bytes) -> messages.AnyTeamRequest:
    """Raises InvalidMessage with what is wrong and where."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidMessage(f"no message of a team has this form ({envelope(body).type!r}): {error}"[:500]) from error


class TeamSession(Session):
    """One connection of a member. Its frames are small until a token that holds was shown."""

    parse = staticmethod(parse)
    greeting = messages.Greet
    in_order = (messages.Greet,)


class TeamDaemon:
    def __init__(self, handlers: TeamHandlers, listener: socket.socket, is_in_place: Callable[[], bool]) -> None:
        """`is_in_place`: whether members still find this daemon, and the next daemon its lock. May block."""
        self._handlers = handlers
        self._listener = listener
        self._is_in_place = is_in_place
        self._sessions: dict[TeamSession, int] = {}  # and their accounts
        self._frame_room = SupplyRoom(_MOST_FRAME_BYTES)
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT, or its folder is gone."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopped.set)
        server = await asyncio.start_unix_server(self._accept, sock=self._listener)
        eviction = asyncio.create_task(self._leave_when_evicted())
        try:
            await self._stopped.wait()
        finally:
            server.close()
            eviction.cancel()
            for session in list(self._sessions):
                await session.close()

    async def _leave_when_evicted(self) -> None:
        await until_evicted(self._is_in_place)
        _log.warning("the team's folder or socket was deleted, moved, or is another daemon's: this one ends")
        self._stopped.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        account = peer_uid(writer.get_extra_info("socket"))
        of_account = Counter(self._sessions.values())[account]
        if len(self._sessions) >= _MOST_CONNECTIONS or of_account >= _MOST_OF_AN_ACCOUNT:
            _log.warning("a connection was refused: %d are open, %d of them its own", len(self._sessions), of_account)
            writer.close()
            return

        async def handle(session: Session, request: Any) -> tuple[str, Fields]:
            answer = await self._handlers.handle(account, cast(messages.AnyTeamRequest, request))
            session.has_greeted = True
            return answer

        session = TeamSession(reader, writer, handle, frame_room=self._frame_room)
        patience = asyncio.get_running_loop().call_later(_GREETING_SECONDS, _close_silent, session, writer)
        self._sessions[session] = account
        try:
            await session.serve()
        finally:
            patience.cancel()
            del self._sessions[session]


def _close_silent(session: Session, writer: asyncio.StreamWriter) -> None:
    if not session.has_greeted:
        _log.info("a connection is closed that did not show a token that holds")
        writer.transport.abort()
