"""The native host as a browser starts it, a real process: any bytes on its input, any daemon's end."""

import json
import os
import struct
import subprocess
import time
from pathlib import Path

from isthisme_host.frames import LARGEST_TO_DAEMON_BYTES, framed
from tests.fuzz.message_seeds import MESSAGES
from tests.fuzz.target import Source, Target, promise
from tests.native_host.browser_end import CALLER, HOST

_PATIENCE_SECONDS = 60.0  # of a busy machine; it takes a twentieth of one
_CALLERS = (CALLER, "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", "", "-c", "x\udcff", "/etc/passwd")


def target(scratch: Path) -> Target:
    home = scratch / "home"
    home.mkdir(mode=0o700)
    python = scratch / "no-daemon"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o700)
    environment = {"ISTHISME_HOME": str(home), "ISTHISME_PYTHON": str(python), "PATH": os.defpath, "HOME": str(scratch)}

    def attack(data: bytes) -> int:
        """Who calls, then what is sent, and the end of the input.

        The host ends by itself, with 0 or 1; what it writes are whole frames: at most one "starting", then at most one
        error with a code, and nothing after it.
        """
        source = Source(data)
        caller = _CALLERS[source.number(len(_CALLERS))]
        process = subprocess.Popen(
            [*HOST, *([os.fsencode(caller)] if caller else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        began = time.monotonic()
        try:
            written, complaints = process.communicate(source.rest(), _PATIENCE_SECONDS)
        finally:
            process.kill()
            process.wait()
        promise(time.monotonic() - began < _PATIENCE_SECONDS, "the host did not end")
        promise(process.returncode in (0, 1), f"the host ended with {process.returncode}")
        promise(b"Traceback" not in complaints, "the host broke")
        _check_words(written)
        return 1

    talk = framed(MESSAGES[0]) + framed(MESSAGES[1])
    return Target(
        name="native_host",
        attack=attack,
        seeds=(
            b"\x00",
            b"\x00" + talk,
            b"\x00" + talk[:-1],
            b"\x00" + struct.pack("=I", LARGEST_TO_DAEMON_BYTES + 1),
            b"\x01" + talk,
            b"\x02",
            b"\x03" + talk,
            b"\x04",
            b"\x05",
            b"\x00" + b"\x00" * 4000,
            b"\x00" + b"\xff" * 50,
        ),
        covers=(),  # it is another process
        runs_in_ci=8,
        unit="processes",
        words=(struct.pack("=I", 0), struct.pack("=I", 2**32 - 1), struct.pack("=I", LARGEST_TO_DAEMON_BYTES)),
        largest=8_000,
    )


def _check_words(written: bytes) -> None:
    said = []
    while written:
        promise(len(written) >= 4, "a part of a length")
        (length,) = struct.unpack("=I", written[:4])
        promise(len(written) >= 4 + length, "a part of a frame")
        said.append(json.loads(written[4 : 4 + length]))
        written = written[4 + length :]
    kinds = [each["type"] for each in said]
    promise(kinds in ([], ["starting"], ["error"], ["starting", "error"]), f"the host said {kinds}")
    promise(all(each.get("code", "x") for each in said), "an error without a code")
