"""A browser's end of a native host: starts one, and speaks with it in frames."""

import contextlib
import json
import select
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from isthisme_host.greeting import read_identity

ROOT = Path(__file__).parents[2] / "native_host"
HOST = [
    sys.executable,
    "-I",
    "-S",
    "-c",
    f"import sys; sys.path.append({str(ROOT)!r}); from isthisme_host.__main__ import main; main()",
]
CALLER = read_identity().chromium_origins[0]
PATIENCE_SECONDS = 30  # for machines that are busy


class BrowserEnd:
    """Holds the pipes of one host and speaks in frames."""

    def __init__(self, environment: dict[str, str], arguments: list[str], *, command: list[str] = HOST) -> None:
        self.process = subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0
        )
        assert self.process.stdin
        assert self.process.stdout
        self.input = self.process.stdin
        self.output = self.process.stdout

    def send(self, payload: bytes) -> None:
        self.send_bytes(struct.pack("=I", len(payload)) + payload)

    def send_bytes(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self.input.write(left) :]

    def ask(self, **message: Any) -> Any:
        self.send(json.dumps(message).encode())
        return self.answer()

    def receive(self) -> bytes:
        (length,) = struct.unpack("=I", self._read(4))
        return self._read(length)

    def answer(self) -> Any:
        """The next message, past the news that the daemon is starting."""
        while (message := json.loads(self.receive())) == {"type": "starting"}:
            pass
        return message

    def has_ended(self) -> bool:
        """The host said nothing more and closed its output."""
        readable, _, _ = select.select([self.output], [], [], PATIENCE_SECONDS)
        return bool(readable) and self.output.read(1) == b""

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        for pipe in (self.input, self.output):
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.kill()
        self.process.wait()

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            readable, _, _ = select.select([self.output], [], [], PATIENCE_SECONDS)
            assert readable, f"the host was silent for {PATIENCE_SECONDS} s after {len(data)} of {length} bytes"
            chunk = self.output.read(length - len(data))
            assert chunk, f"the host ended after {len(data)} of {length} bytes"
            data += chunk
        return data
