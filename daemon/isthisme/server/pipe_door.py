"""How connections come in through a named pipe of Windows, which has asked whose process the other end is."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from isthisme.server.threaded_streams import streams_of
from isthisme_host.connect import MeetingError
from isthisme_host.pipes import PipeConnection, PipeListener

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0


class PipeDoor:
    def __init__(
        self,
        listener: PipeListener,
        admit: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]],
    ) -> None:
        self._listener = listener
        self._admit = admit
        self._loop = asyncio.get_running_loop()
        self._admitted: set[asyncio.Task[None]] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._wait_for_clients, name="pipe door", daemon=True).start()

    def close(self) -> None:
        """Nobody comes in any more; who is in, stays."""
        self._closed.set()
        self._listener.close()

    def _wait_for_clients(self) -> None:
        while not self._closed.is_set():
            try:
                connection = self._listener.accept()
            except MeetingError as error:
                _log.warning("a connection was refused: %s", error)
            except OSError as error:
                if not self._closed.wait(_PAUSE_SECONDS):
                    _log.warning("no connection can come in: %s", error)
            else:
                with suppress(RuntimeError):  # the daemon has ended
                    self._loop.call_soon_threadsafe(self._let_in, connection)

    def _let_in(self, connection: PipeConnection) -> None:
        task = self._loop.create_task(self._admit(*streams_of(connection)))
        self._admitted.add(task)
        task.add_done_callback(self._admitted.discard)


async def open_door(
    listener: PipeListener, admit: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
) -> PipeDoor:
    """Admits who comes, until it is closed."""
    return PipeDoor(listener, admit)
