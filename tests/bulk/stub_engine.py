"""Sandboxes that decode nothing: what a picture looks like stands in its bytes, the same in every process."""

import hashlib
import os
import signal
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np

from isthisme.bulk.sandboxes import Sandboxes
from isthisme.config import NO_MODEL
from isthisme.domain import (
    Edit,
    EditKind,
    Judgement,
    Match,
    PhotoDescription,
    QueryDescription,
    ReferencePreview,
    Region,
    Verdict,
)
from isthisme.errors import IsThisMeError, UnreadableImage
from tests.index.contract import vectors

MODEL = "a stub"
BROKEN = b"broken"
_MARK = b"\xff\xd8\xff picture"
_CORNERS = ((0.0, 0.0), (200.0, 0.0), (200.0, 150.0), (0.0, 150.0))
_SPREAD = 0x9E3779B97F4A7C15  # so that hashes of two numbers have little in common


def picture(number: int, edit: int = 0) -> bytes:
    """A photo, or with an edit a copy of it: other bytes that look the same."""
    return b"%b %d %d" % (_MARK, number, edit)


class StubEngine:
    """The engine, of such pictures. A picture whose hash has a file in `deaths` ends this process, once."""

    def __init__(self, deaths: Path) -> None:
        self._deaths = deaths

    def model(self) -> str:
        return MODEL

    def begin_describing(self, data: bytes) -> Future[PhotoDescription]:
        described: Future[PhotoDescription] = Future()
        try:
            described.set_result(self.describe_photo(data))
        except IsThisMeError as error:
            described.set_exception(error)
        return described

    def describe_photo(self, data: bytes) -> PhotoDescription:
        number = self._looked_at(data)
        hashes = np.array([number * _SPREAD % (1 << 64)], np.uint64)
        return PhotoDescription(MODEL, 200, 150, hashes, vectors(1, number)[0], data)

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        photo = self.describe_photo(data)
        descriptors = vectors(1, self._looked_at(data))
        content = hashlib.sha256(data).digest()
        whole = (Region("whole", _CORNERS),)
        return QueryDescription(MODEL, 200, 150, content, photo.hashes, whole, descriptors, None)

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        number = self._looked_at(data)
        matches = tuple(
            Match(each.candidate.photo_id, Verdict.COPY, 0.9, (Edit(EditKind.EXACT),), "a copy", _CORNERS, _CORNERS)
            for each in references
            if self._looked_at(each.preview) == number
        )
        return Judgement(Verdict.COPY if matches else Verdict.NO_COPY, 0.9 if matches else 0.0, matches, None)

    def _looked_at(self, data: bytes) -> int:
        if self._dies_of(data):
            os.kill(os.getpid(), signal.SIGKILL)
        if not data.startswith(_MARK):
            raise UnreadableImage("is no picture")
        return int(data.split()[2])

    def _dies_of(self, data: bytes) -> bool:
        try:
            (self._deaths / hashlib.sha256(data).hexdigest()).unlink()
        except FileNotFoundError:
            return False
        return True


def deadly(deaths: Path, data: bytes) -> None:
    """The next process that looks at this picture is killed."""
    (deaths / hashlib.sha256(data).hexdigest()).touch()


class StubSandboxes(Sandboxes):
    """Sandboxes of such engines, which start no process."""

    def __init__(self, deaths: Path) -> None:
        super().__init__(NO_MODEL, 1)
        self._deaths = deaths

    def setup(self, worker: Any) -> None:
        super().setup(worker)
        self.engine = StubEngine(self._deaths)  # type: ignore[assignment] # it is asked as the other is
