"""A stand-in for the daemon, started by real hosts: real lock, real socket, answers that a test asks for.

Started like the daemon (`-I -m isthisme daemon`, which it ignores). ISTHISME_STAND_IN chooses how it starts: nothing
(at once), `late` (when there is a file `may-start` beside the home), `fails` (exit code 3), `explains` (says why it
ends), `yields` (ends with 0), `yields_once` (does so the first time only). A frame's JSON asks for an answer: `{"do":
"echo"}` sends the frame back, `measure` its length, `grow` a frame of `bytes` bytes, `half` half a frame and the end,
`die` ends the process, `deafen` reads nothing more, `leave` answers with three frames and closes.
"""

import json
import os
import struct
import sys
import threading
import time
from pathlib import Path
from socket import socket
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "native_host"))

from isthisme_host.connect import AlreadyRunningError, daemon_lock, home_folder, listen
from isthisme_host.meeting_posix import check_peer

LIFETIME_SECONDS = 60


def main() -> None:
    ending = threading.Timer(LIFETIME_SECONDS, os._exit, [0])
    ending.daemon = True
    ending.start()
    home = Path(home_folder())
    start = os.environ.get("ISTHISME_STAND_IN", "")
    while start == "late" and not home.with_name("may-start").exists():
        time.sleep(0.02)
    if start == "fails":
        sys.exit(3)
    if start == "explains":
        sys.exit("isthisme [catalog_damaged]: the catalog is damaged; run 'isthisme doctor --repair'")
    if start == "yields" or (start == "yields_once" and not (home / "yielded").exists()):
        with (home / "yielded").open("a") as times:
            times.write(".")
        sys.exit(0)
    try:
        lock = daemon_lock(home)
    except AlreadyRunningError:
        sys.exit(0)
    (home / f"surroundings.{os.getpid()}.json").write_text(json.dumps(dict(os.environ)))
    listener = listen(lock)
    while True:
        connection, _ = listener.accept()
        check_peer(connection)
        threading.Thread(target=serve, args=[connection], daemon=True).start()


def serve(connection: socket) -> None:
    with connection, connection.makefile("rb") as stream:
        while len(length := stream.read(4)) == 4:
            payload = stream.read(struct.unpack("=I", length)[0])
            answer(connection, payload)


def answer(connection: socket, payload: bytes) -> None:
    asked: dict[str, Any] = json.loads(payload) if payload.startswith(b"{") else {"do": "echo"}
    match asked["do"]:
        case "echo":
            send(connection, payload)
        case "measure":
            send(connection, b'{"length": %d}' % len(payload))
        case "grow":
            send(connection, b" " * asked["bytes"])
        case "half":
            connection.sendall(struct.pack("=I", 100) + b"x" * 50)
            os._exit(0)
        case "die":
            os._exit(0)
        case "deafen":
            time.sleep(LIFETIME_SECONDS)
        case "leave":
            for number in range(3):
                send(connection, b'{"number": %d}' % number)
            connection.shutdown(2)


def send(connection: socket, payload: bytes) -> None:
    connection.sendall(struct.pack("=I", len(payload)) + payload)


if __name__ == "__main__":
    main()
