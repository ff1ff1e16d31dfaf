"""Pictures as pages show them, of which none is a copy, and how often each method takes one for a photo."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Verdict
from isthisme.evaluation.copies import COMBINATIONS, KINDS, EditedCopy, make_copy
from isthisme.evaluation.guess import Guess, Peer
from isthisme.evaluation.metrics import Share, recall_at
from isthisme.evaluation.sheet import Pixels
from isthisme.evaluation.trial import Outcome

PAGE_IMAGE = "page image"
EDITED_PAGE_IMAGE = "edited stranger"
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"}
PER_MILLE = 0.001


def page_images(folder: Path, most: int | None = None) -> list[Path]:
    """The pictures in the folder and below, by name; no more than `most`, at even distances."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    if not found:
        raise SystemExit(f"{folder} holds no pictures; name a folder that does")
    return found[:: -(-len(found) // most)] if most else found


def as_they_are(paths: Sequence[Path]) -> Iterator[EditedCopy]:
    """Each file, read when its turn comes."""
    for path in paths:
        yield EditedCopy(PAGE_IMAGE, -1, path.read_bytes(), (), (), (path.parent.name, path.name))


def edited(strangers: Sequence[Pixels], seed: int, times: int) -> Iterator[EditedCopy]:
    """Each stranger's photo edited in `times` ways: screenshots, collages, crops, filters of what is not the user's."""
    kinds = (*KINDS, *COMBINATIONS)
    for number, pixels in enumerate(strangers):
        for time in range(times):
            kind = kinds[(number * times + time) % len(kinds)]
            made = make_copy(pixels, number, kind, strangers, seed + time)
            yield EditedCopy(EDITED_PAGE_IMAGE, -1, made.data, (), (), (kind,))


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One method at the threshold that it is used with."""

    name: str
    usual: str
    recall: Share
    alarms: Share
    recall_at_one_per_mille: Share  # of its copies, at the threshold where 1 in 1,000 page images fires

    def __str__(self) -> str:
        low, high = self.alarms.interval
        counted = f"{self.alarms.count} of {self.alarms.total}"
        rate = f"{1e5 * self.alarms.value:.0f} ({1e5 * low:.0f}-{1e5 * high:.0f})"
        strict = f"{self.recall_at_one_per_mille.value:.3f}"
        return f"{self.name:26} {self.usual:>12} {self.recall.value:7.3f} {counted:>13} {rate:>22} {strict:>9}"


ALARM_HEAD = f"{'method':26} {'fires at':>12} {'recall':>7} {'alarms':>13} {'in 100,000 pictures':>22} {'1 in 1000':>9}"


def our_row(name: str, copies: Sequence[Outcome], pages: Sequence[Outcome], verdicts: Sequence[Verdict]) -> AlarmRow:
    """What we call one of these verdicts."""
    return AlarmRow(
        name,
        "our verdict",
        Share(sum(each.verdict in verdicts and each.names_right for each in copies), len(copies)),
        Share(sum(each.verdict in verdicts for each in pages), len(pages)),
        recall_at(
            _right([each.names_right for each in copies], [each.score for each in copies]), _scores(pages), PER_MILLE
        ),
    )


def peer_alarm_row(peer: Peer, copies: Sequence[Guess], truth: Sequence[int], pages: Sequence[Guess]) -> AlarmRow:
    """`truth`: the photos that the copies are of."""
    is_right = [each.photo == photo for each, photo in zip(copies, truth, strict=True)]
    scores = _right(is_right, [each.score for each in copies])
    page_scores = np.array([each.score for each in pages])
    return AlarmRow(
        peer.name,
        peer.usual,
        Share(int((scores >= peer.fires_at).sum()), len(copies)),
        Share(int((page_scores >= peer.fires_at).sum()), len(pages)),
        recall_at(scores, page_scores, PER_MILLE),
    )


def _right(is_right: Sequence[bool], scores: Sequence[float]) -> NDArray[np.float64]:
    """The scores, and minus infinity where another photo was named: that never counts."""
    return np.where(is_right, scores, -np.inf).astype(np.float64)


def _scores(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    return np.array([each.score for each in outcomes])
