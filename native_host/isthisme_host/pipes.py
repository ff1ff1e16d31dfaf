"""The ends of a named pipe of Windows, used as connected and listening sockets are used elsewhere.

One thread may read while another writes, and any thread may close: what is under way then ends.
"""

import threading
from functools import partial

from isthisme_host.refusals import StrangerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from isthisme_host.windows_calls import WindowsCalls
    from isthisme_host.windows_libraries import Overlapped

_TIMED_OUT = 0x102  # WAIT_TIMEOUT
_ABORTED = 995  # ERROR_OPERATION_ABORTED: it was cancelled
_PIECE_BYTES = 1 << 16


class PipeConnection:
    """An end of a pipe to one other process, with those of a socket's methods that are needed."""

    def __init__(self, calls: "WindowsCalls", handle: int) -> None:
        self._calls = calls
        self._handle = _Handle(calls, handle)
        self._timeout_seconds: float | None = None

    def settimeout(self, seconds: float | None) -> None:
        """For each call from now on; None waits for ever."""
        self._timeout_seconds = seconds

    def recv(self, most: int) -> bytes:
        """Bytes as they come, up to so many; none at the other end's end. Raises OSError."""
        winapi = self._calls.winapi
        try:
            read, _ = self._handle.carry_out(
                lambda number: winapi.ReadFile(number, most, overlapped=True)[0], self._timeout_seconds
            )
        except BrokenPipeError:
            return b""
        return read.getbuffer() or b""

    def sendall(self, data: bytes) -> None:
        """Raises OSError."""
        left = memoryview(data)
        while left:
            piece = left[:_PIECE_BYTES]
            _, count = self._handle.carry_out(partial(self._begin_writing, piece), self._timeout_seconds)
            left = left[count:]

    def close(self) -> None:
        """May be called again, and by any thread. The other end still reads what was sent."""
        self._handle.close()

    def __enter__(self) -> "PipeConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin_writing(self, piece: memoryview, number: int) -> "Overlapped":
        return self._calls.winapi.WriteFile(number, piece, overlapped=True)[0]


class PipeListener:
    """A pipe that is made anew for each client. Its name is taken as long as this is open."""

    def __init__(self, calls: "WindowsCalls", name: str, user: str) -> None:
        """Raises OSError, also where somebody else has made a pipe of that name."""
        self._calls = calls
        self._name = name
        self._user = user
        self._is_closed = False
        self._waiting = _Handle(calls, calls.make_pipe(name, user, is_first=True))

    def accept(self) -> PipeConnection:
        """The next client, one of the same user. Raises StrangerError and OSError, and the next one may be waited for;
        ConnectionAbortedError once this is closed."""
        while not (has_come := self._next()):
            pass
        try:
            client = self._calls.client_of(has_come.number)
            if client != self._user:
                raise StrangerError(
                    f"the other end of the pipe runs as {client} and this program as {self._user}; "
                    "run browser and daemon as one user"
                )
        except (OSError, StrangerError):
            has_come.close()
            raise
        return PipeConnection(self._calls, has_come.number)

    def close(self) -> None:
        """May be called again, and by any thread."""
        self._is_closed = True
        self._waiting.close()

    def __enter__(self) -> "PipeListener":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next(self) -> "_Handle | None":
        """Where a client has come; None where it has gone again. The next one can come at once."""
        if self._waiting.is_closed and not self._is_closed:
            self._make_another()
        has_come, winapi = self._waiting, self._calls.winapi
        try:
            has_come.carry_out(lambda number: winapi.ConnectNamedPipe(number, overlapped=True))
            is_there = True
        except BrokenPipeError:
            is_there = False
        try:
            self._make_another()  # first: a moment without any, and somebody else could make the pipe
        except OSError:
            has_come.close()
            raise
        if is_there:
            return has_come
        has_come.close()
        return None

    def _make_another(self) -> None:
        self._waiting = _Handle(self._calls, self._calls.make_pipe(self._name, self._user, is_first=False))
        if self._is_closed:
            self._waiting.close()


class _Handle:
    """A handle that is closed once nothing uses it any more."""

    def __init__(self, calls: "WindowsCalls", number: int) -> None:
        self.number = number
        self._calls = calls
        self._changing = threading.Lock()
        self._under_way: list[Overlapped] = []
        self.is_closed = False

    def carry_out(
        self, begin: "Callable[[int], Overlapped]", timeout_seconds: float | None = None
    ) -> "tuple[Overlapped, int]":
        """Begins a call, waits for its end, and gives it with the number of bytes that were moved.

        Raises OSError: ConnectionAbortedError where the handle is closed, TimeoutError where it takes too long.
        """
        with self._changing:
            if self.is_closed:
                raise ConnectionAbortedError("the pipe was closed")
            call = begin(self.number)
            self._under_way.append(call)
        is_late = False
        try:
            if timeout_seconds is not None:
                milliseconds = int(timeout_seconds * 1000)
                is_late = self._calls.winapi.WaitForSingleObject(call.event, milliseconds) == _TIMED_OUT
            if is_late:
                call.cancel()
            count, error = call.GetOverlappedResult(True)  # noqa: FBT003 it waits
        finally:
            with self._changing:
                self._under_way.remove(call)
                self._close_if_unused()
        if error == _ABORTED and is_late:
            raise TimeoutError("the other end of the pipe is silent")
        if error == _ABORTED:
            raise ConnectionAbortedError("the pipe was closed")
        return call, count

    def close(self) -> None:
        with self._changing:
            if self.is_closed:
                return
            self.is_closed = True
            for call in self._under_way:
                call.cancel()
            self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self.is_closed and not self._under_way:
            self._calls.winapi.CloseHandle(self.number)
