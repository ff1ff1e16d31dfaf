"""Near-duplicates among the user's own photos: the copied one should be named first, the others listed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from isthisme.domain import Verdict
from isthisme.engine.engine import Engine
from isthisme.evaluation.album import Album
from isthisme.evaluation.copies import make_copy
from isthisme.evaluation.negatives import jpeg
from isthisme.evaluation.sheet import Chance, Pixels, cut_out, fresh, recoloured
from isthisme.matcher import Matcher

SHOTS = 3  # in a burst
EDITS = ("recompressed", "crop 60 %", "mirrored", "text", "phone screenshot", "shrunk")  # of the shot that is copied


@dataclass(frozen=True, slots=True)
class BurstOutcome:
    """One copy of one shot of a burst, and what was answered."""

    kind: str  # of edit
    verdict: Verdict
    names_right: bool  # the shot that was copied comes first
    names_burst: bool  # some shot of the burst comes first
    listed: int  # of the burst's other shots, how many the answer lists


def burst(pixels: Pixels, seed: int) -> list[Pixels]:
    """The photo and SHOTS - 1 near-identical ones: the frame a little elsewhere, another exposure, saved anew."""
    chance = Chance(np.random.default_rng([seed, 41]), ())
    shots = [pixels]
    for _ in range(SHOTS - 1):
        height, width = pixels.shape[:2]
        tall, wide = (round(side * chance.between(0.93, 0.98)) for side in (height, width))
        moved = cut_out(fresh(pixels), chance.whole(0, width - wide), chance.whole(0, height - tall), wide, tall, None)
        shots.append(recoloured(moved, moved.pixels * chance.between(0.88, 1.12), None).pixels)
    return shots


def burst_outcomes(
    engine: Engine, photos: Sequence[Pixels], more: Sequence[bytes], others: Sequence[Pixels], seed: int, count: int
) -> Iterator[BurstOutcome]:
    """Copies of a shot of `count` bursts, each edited in every way of EDITS; the album holds all bursts and `more`."""
    made = [burst(photos[number], seed + number) for number in range(min(count, len(photos)))]
    files = [jpeg(shot, 92 - 4 * place) for shots in made for place, shot in enumerate(shots)]
    album = Album(engine, [*files, *more])
    matcher = Matcher(engine, album, album)
    for number, shots in enumerate(made):
        ours = range(number * SHOTS, (number + 1) * SHOTS)
        for place, kind in enumerate(EDITS):
            copied = (number + place) % SHOTS
            query = make_copy(shots[copied], ours[copied], kind, others, seed + number)
            judgement = matcher.answer(query.data).judgement
            named = [each.photo_id for each in judgement.matches]
            first = named[0] if named else None
            listed = sum(each in ours and each != ours[copied] for each in named)
            yield BurstOutcome(kind, judgement.verdict, first == ours[copied], first in ours, listed)


def burst_table(found: Sequence[BurstOutcome]) -> str:
    """By edit: called a copy, the right shot first, some shot of the burst first, others listed of those that are."""
    rows = [f"{'copy of a shot, by edit':26} {'n':>4} {'copy':>6} {'first':>6} {'burst':>6} {'listed':>6}"]
    kinds = list(dict.fromkeys(each.kind for each in found))
    for kind in [*kinds, "all"]:
        group = [each for each in found if kind in (each.kind, "all")]
        shares = [
            np.mean([each.verdict is Verdict.COPY for each in group]),
            np.mean([each.names_right for each in group]),
            np.mean([each.names_burst for each in group]),
            np.mean([each.listed / (SHOTS - 1) for each in group]),
        ]
        cells = " ".join(f"{each:6.3f}" for each in shares)
        rows.append(f"{kind:26} {len(group):4} {cells}")
    return "\n".join(rows)
