"""How connections come in through a Unix socket: from processes of the same user alone."""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable

from isthisme_host.connect import MeetingError
from isthisme_host.meeting_posix import check_peer

if sys.platform == "win32":
    raise ImportError("not for Windows: pipe_door is")

_log = logging.getLogger(__name__)


async def open_door(
    listener: socket.socket, admit: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
) -> asyncio.AbstractServer:
    """Admits who comes, until it is closed."""

    async def check_and_admit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            check_peer(writer.get_extra_info("socket"))
        except MeetingError as error:
            _log.warning("a connection was refused: %s", error)
            writer.close()
            return
        await admit(reader, writer)

    return await asyncio.start_unix_server(check_and_admit, sock=listener)
