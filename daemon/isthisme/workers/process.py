"""The worker process: reads requests on stdin, answers on stdout, ends at end of file.

Started as `python -I -m isthisme.workers.process MODEL NICENESS`.
"""

import contextlib
import os
import resource
import sys
from pathlib import Path
from typing import BinaryIO

from isthisme.config import NO_MODEL, PACKAGED_MODEL
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import IsThisMeError
from isthisme.workers import wire

# Enough for the full model and the largest picture that the decoder accepts; a bomb ends the worker, not the machine.
_MEMORY_BYTES = 3 << 30


def main() -> None:
    _limit()
    # Whatever a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    try:
        engine = Engine(_models(sys.argv[1]))
    except IsThisMeError as error:
        _send(answers, wire.Failed(error.code, str(error)))
        return
    _send(answers, wire.Ready(engine.model))
    while body := _receive(requests):
        _send(answers, _answer(engine, wire.decode_request(body)))


def _answer(engine: Engine, request: wire.Request) -> wire.Reply:
    try:
        return _worked(engine, request)
    except IsThisMeError as error:
        return wire.Failed(error.code, str(error))
    except MemoryError:
        return wire.Failed("image_too_large", "the picture needs more memory than a worker may use")


def _worked(engine: Engine, request: wire.Request) -> wire.Reply:
    match request:
        case wire.DescribePhoto(data):
            return wire.PhotoDescribed(engine.describe_photo(data))
        case wire.DescribeQuery(data, deep):
            return wire.QueryDescribed(engine.describe_query(data, deep=deep))
        case wire.Verify(data, references, deep):
            return wire.Verified(engine.verify(data, references, deep=deep))
        case wire.Shrink(data):
            return wire.Shrunk(engine.shrink(data))
        case wire.Compare(data, reference, photo_region):
            return wire.Compared(engine.compare(data, reference, photo_region))
        case wire.Redraw(data, side):
            return wire.Redrawn(engine.redraw(data, side))
        case wire.ReadCameraNotes(data):
            return wire.CameraNotesRead(engine.camera_notes(data))
        case wire.ReadPage(data, charset, address):
            from isthisme.scanning.page import read_page  # few workers ever need it

            return wire.PageRead(read_page(data, charset, address))
        case wire.NameModel():
            return wire.Ready(engine.model)


def _models(name: str) -> Models:
    if name == PACKAGED_MODEL:
        return Models.packaged()
    return Models.none() if name == NO_MODEL else Models.from_file(Path(name).expanduser())


def _limit() -> None:
    os.nice(int(sys.argv[2]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # macOS refuses limits on address space
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _receive(stream: BinaryIO) -> bytes:
    head = stream.read(wire.LENGTH.size)
    if len(head) < wire.LENGTH.size:
        return b""
    return stream.read(wire.LENGTH.unpack(head)[0])


def _send(stream: BinaryIO, message: wire.Reply) -> None:
    try:
        stream.write(wire.encode(message))
        stream.flush()
    except BrokenPipeError:  # the daemon was killed: nobody wants answers, and its log no complaint
        os._exit(0)


if __name__ == "__main__":
    main()
