"""One worker process as its parent sees it: started, asked with a deadline, ended."""

import contextlib
import fcntl
import os
import select
import subprocess
import sys
import time

import msgspec

from isthisme.errors import WorkerCrashed
from isthisme.workers import wire

_CHUNK = 1 << 20  # bytes; the most that Linux lets a pipe hold without privileges


class Child:
    """A worker process. Any failure leaves it ended; the owner makes another."""

    def __init__(self, model: str, niceness: int) -> None:
        # One thread each: the pool has as many workers as there are cores.
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8", "PATH": os.defpath}
        self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-I", "-m", "isthisme.workers.process", model, str(niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        assert self._process.stdin is not None  # noqa: S101 Popen makes both pipes
        assert self._process.stdout is not None  # noqa: S101
        self._to = self._process.stdin.fileno()
        self._from = self._process.stdout.fileno()
        _widen(self._to)
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)

    @property
    def process_id(self) -> int:
        return self._process.pid

    def first_reply(self, timeout_seconds: float) -> wire.Reply:
        """Ready, or Failed when the model cannot be loaded."""
        return self._exchange(bytearray(), timeout_seconds)

    def ask(self, request: wire.Request, timeout_seconds: float) -> wire.Reply:
        """The worker's reply. Raises WorkerCrashed when it dies, hangs or answers nonsense."""
        return self._exchange(wire.encode(request), timeout_seconds)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _exchange(self, frame: bytearray, timeout_seconds: float) -> wire.Reply:
        try:
            return wire.decode_reply(self._transfer(frame, time.monotonic() + timeout_seconds))
        except TimeoutError as error:
            raise WorkerCrashed(f"reading this picture took more than {timeout_seconds:g} s") from error
        except (OSError, EOFError) as error:
            code = self._process.poll()
            raise WorkerCrashed(f"the process that read this picture ended (status {code})") from error
        except (msgspec.DecodeError, ValueError) as error:
            raise WorkerCrashed(f"the process that read this picture answered nonsense: {error}") from error

    def _transfer(self, frame: bytearray, deadline: float) -> bytes:
        """Writes the frame and reads one back, whichever the pipes allow first."""
        outgoing = memoryview(frame)
        incoming = bytearray()
        while True:
            remaining = deadline - time.monotonic()
            writers = [self._to] if outgoing else []
            readable, writable, _ = select.select([self._from], writers, [], max(0.0, remaining))
            if not readable and not writable:
                raise TimeoutError
            if writable:
                outgoing = outgoing[os.write(self._to, outgoing[:_CHUNK]) :]
            if readable:
                chunk = os.read(self._from, _CHUNK)
                if not chunk:
                    raise EOFError
                incoming += chunk
                body = _whole(incoming)
                if body is not None:
                    return body


def _widen(pipe: int) -> None:
    """Lets a photo pass in a few pieces instead of forty, each of which wakes both ends; where the system can."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # the user's pipes hold as much as they may already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)


def _whole(incoming: bytearray) -> bytes | None:
    if len(incoming) < wire.LENGTH.size:
        return None
    (length,) = wire.LENGTH.unpack_from(incoming)
    if length > wire.LARGEST_REPLY:
        raise ValueError(f"frame of {length} bytes")
    end = wire.LENGTH.size + length
    return bytes(incoming[wire.LENGTH.size : end]) if len(incoming) >= end else None
