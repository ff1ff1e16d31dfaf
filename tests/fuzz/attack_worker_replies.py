"""What a worker that a picture has taken over may answer: bytes of its choice, in place of a reply."""

import struct
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

from isthisme import domain
from isthisme.errors import IsThisMeError, WorkerCrashed
from isthisme.scanning.page_contents import PageContents
from isthisme.workers import wire
from isthisme.workers.confinement import Confinement
from isthisme.workers.pool import Priority, WorkerPool
from isthisme.workers.proxy import WorkerEngine
from tests.fuzz.target import Target, promise

_PHOTO = domain.PhotoDescription("m", 9, 9, np.zeros(1, np.uint64), np.zeros(512, np.int8), b"\xff\xd8\xff")
_REGION = domain.Region("whole", ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)))
_QUERY = domain.QueryDescription(
    "m", 9, 9, b"0" * 32, np.zeros(8, np.uint64), (_REGION,), np.zeros((1, 512), np.int8), None
)
_MATCH = domain.Match(1, domain.Verdict.COPY, 0.9, (), "words", _REGION.corners, _REGION.corners)
_ASKED = domain.ReferencePreview(domain.Candidate(1, None, 0.9, 0.5), b"", 9, 9)
_REPLIES: tuple[wire.Reply, ...] = (
    wire.Ready("m", Confinement(7, "2.5.4", False, ("memory",))),
    wire.PhotoDescribed(_PHOTO),
    wire.QueryDescribed(_QUERY),
    wire.Verified(domain.Judgement(domain.Verdict.COPY, 0.9, (_MATCH,), None)),
    wire.Shrunk(domain.SmallCopy(b"\xff\xd8\xff", 5)),
    wire.Compared(domain.Comparison(b"\xff\xd8\xff", 9, 9, None)),
    wire.Redrawn(b"\xff\xd8\xff"),
    wire.CameraNotesRead(domain.CameraNotes("2024")),
    wire.PageRead(PageContents("t", ("https://a.example/a.png",), (), None, 0)),
    wire.Failed("unreadable_image", "words"),
)


class TakenOverPool:
    """Answers everything with the same reply."""

    def __init__(self, reply: wire.Reply) -> None:
        self._reply = reply

    def submit(self, _request: wire.Request, _priority: Priority) -> "Future[wire.Reply]":
        done: Future[wire.Reply] = Future()
        done.set_result(self._reply)
        return done


def target(_scratch: Path) -> Target:
    return Target(
        name="worker_replies",
        attack=attack,
        seeds=tuple(bytes(wire.encode(reply)[wire.LENGTH.size :]) for reply in _REPLIES),
        covers=("isthisme.workers.wire", "isthisme.workers.proxy"),
        runs_in_ci=1_500,
        words=(
            b"\xcb\x7f\xf8" + bytes(6),
            b"\xcb\x7f\xf0" + bytes(6),
            b"\xd3" + b"\xff" * 8,
            b"\xcf" + b"\xff" * 8,
            b"\xdd\x7f\xff\xff\xff",
            b"\xdf\x7f\xff\xff\xff",
            b"\xc6\x7f\xff\xff\xff",
            b"\xc0",
            b"\x90",
            b"\x80",
            b"\x91" * 300,
            struct.pack(">BI", 221, 3),
        ),
        largest=3_000,
    )


def attack(data: bytes) -> int:
    """- What is no reply is refused as msgspec.DecodeError or ValueError, which the pool takes for a crash.
    - Where a reply of another kind is asked for, or of another form than what is kept, that is WorkerCrashed.
    - A description that is taken has the form that the catalog keeps, a small copy and a drawing are JPEG and small.
    - Regions that are searched for are few and have a descriptor each; a judgement names what was asked about alone, in
      numbers.
    """
    try:
        reply = wire.decode_reply(data)
    except (msgspec.DecodeError, ValueError):
        return 1
    engine = WorkerEngine(cast(WorkerPool, TakenOverPool(reply)), Priority.ASKED)
    questions: list[Any] = [
        lambda: _check_photo(engine.describe_photo(b"")),
        lambda: _check_query(engine.describe_query(b"", deep=False)),
        lambda: _check_judgement(engine.verify(b"", (_ASKED,), deep=False)),
        lambda: _check(len(engine.shrink(b"").jpeg) <= 1 << 20),
        lambda: _check(engine.redraw(b"", 9).startswith(b"\xff\xd8\xff")),
        lambda: _check(len(engine.camera_notes(b"").taken) <= 500),
        lambda: engine.read_page(b"", None, ""),
        engine.model,
    ]
    taken = 0
    for ask in questions:
        try:
            ask()
        except WorkerCrashed:
            continue
        except IsThisMeError:
            promise(isinstance(reply, wire.Failed), "a refusal that the worker did not send")
            continue
        taken += 1
    promise(taken <= 1, "one reply was taken for two kinds")
    return 1


def _check_photo(made: domain.PhotoDescription) -> None:
    promise(made.hashes.shape == (1,) and made.hashes.dtype == np.uint64, "hashes of another form would be kept")
    promise(made.descriptor is None or made.descriptor.shape == (512,), "a descriptor of another form would be kept")
    promise(len(made.preview) <= 1 << 20, "a preview of any size would be kept")


def _check_query(made: domain.QueryDescription) -> None:
    shape = None if made.descriptors is None else made.descriptors.shape
    promise(shape in (None, (len(made.regions), 512)), "regions and descriptors would not go together")
    promise(len(made.regions) <= 64, "any number of regions would be searched for")


def _check_judgement(made: domain.Judgement) -> None:
    promise({match.photo_id for match in made.matches} <= {1}, "a photo that nobody asked about would be shown")
    numbers = [made.score, *(match.score for match in made.matches)]
    numbers += [each for match in made.matches for corner in match.query_region + match.photo_region for each in corner]
    numbers += [edit.amount or 0.0 for match in made.matches for edit in match.edits]
    promise(bool(np.isfinite(numbers).all()), "what is no number would be kept")


def _check(holds: bool) -> None:
    promise(holds, "something of another form would be kept")
