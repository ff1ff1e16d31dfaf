"""The worker process: reads requests on stdin, answers on stdout, ends at end of file.

Started as `python -I -m isthisme.workers.process MODEL NICENESS`.
"""

import os
import sys
from collections.abc import Callable
from typing import BinaryIO

from isthisme.engine.engine import Engine
from isthisme.errors import IsThisMeError
from isthisme.workers import limits, wire
from isthisme.workers.confinement import close_door
from isthisme.workers.preparation import page, prepared


def main(prepare: Callable[[str], Engine] = prepared) -> None:
    limits.give_way(int(sys.argv[2]))
    limits.limit_memory()
    # Whatever a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    try:
        engine = prepare(sys.argv[1])
    except IsThisMeError as error:
        _send(answers, wire.Failed(error.code, str(error)))
        return
    ready = wire.Ready(engine.model, close_door({0, 1, 2, answers.fileno()}))
    _send(answers, ready)
    while body := _receive(requests):
        request = wire.decode_request(body)
        _send(answers, ready if isinstance(request, wire.NameModel) else _answer(engine, request))


def _answer(engine: Engine, request: wire.Work) -> wire.Reply:
    try:
        return _worked(engine, request)
    except IsThisMeError as error:
        return wire.Failed(error.code, str(error))
    except MemoryError:
        return wire.Failed("image_too_large", "the picture needs more memory than a worker may use")


def _worked(engine: Engine, request: wire.Work) -> wire.Reply:
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
            return wire.PageRead(page.read_page(data, charset, address))


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
