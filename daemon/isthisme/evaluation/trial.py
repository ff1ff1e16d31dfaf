"""The matcher put to the test: every query image once, with what should have come out beside what did."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from isthisme.domain import Edit, EditKind, Polygon, Verdict
from isthisme.evaluation.copies import COMBINATIONS, KINDS, EditedCopy, make_copy
from isthisme.evaluation.metrics import overlap
from isthisme.evaluation.negatives import FROM_PHOTO, in_template, jpeg, odd_pictures, same_shoot
from isthisme.evaluation.scenes import scene
from isthisme.evaluation.sheet import Pixels
from isthisme.matcher import Matcher

STRANGER = "stranger"
EDITED_STRANGER = "edited stranger"
SAME_SHOOT = "same shoot: "  # before the kind
TEMPLATE = "same template"
ODD = "odd: "  # before the name


@dataclass(frozen=True, slots=True)
class Outcome:
    """One query image and the answer to it."""

    query: EditedCopy
    verdict: Verdict
    score: float
    named: int | None  # the photo that the best match names
    edits: tuple[Edit, ...]  # as named, the main one first
    overlap: float  # of the outlined region with the true one, 0 to 1
    elapsed_ms: float
    explanation: str

    @property
    def is_copy(self) -> bool:
        return self.query.photo >= 0

    @property
    def names_right(self) -> bool:
        return self.is_copy and self.named == self.query.photo

    @property
    def names_main_edit(self) -> bool:
        """Whether the last edit that was made is among those named."""
        if not self.query.edits:
            return False
        named = {each.kind for each in self.edits}
        wanted = _EQUIVALENT.get(self.query.edits[-1], {self.query.edits[-1]})
        return bool(named & wanted)


_EQUIVALENT = {
    EditKind.TILTED: {EditKind.TILTED, EditKind.COMPOSED},
    EditKind.BLURRED: {EditKind.BLURRED, EditKind.SHRUNK},
}


def edited_copies(photos: Sequence[Pixels], others: Sequence[Pixels], seed: int, limit: int) -> Iterator[EditedCopy]:
    """`limit` copies of each kind, of photos taken in turn."""
    for place, kind in enumerate((*KINDS, *COMBINATIONS)):
        for number in range(limit):
            photo = (place * 7 + number * 13) % len(photos)
            yield make_copy(photos[photo], photo, kind, others, seed + number)


def negatives(
    photos: Sequence[Pixels], strangers: Sequence[bytes], pixels: Sequence[Pixels], seed: int, limit: int
) -> Iterator[EditedCopy]:
    """Strangers' photos as they are and edited, hard negatives made from the photos, and odd pictures."""
    for data in strangers:
        yield _negative(STRANGER, data)
    kinds = (*KINDS, *COMBINATIONS)
    for number in range(2 * limit):
        at = (number * 17 + seed) % len(pixels)
        made = make_copy(pixels[at], at, kinds[number % len(kinds)], pixels, seed + number)
        yield _negative(EDITED_STRANGER, made.data)
    for kind in FROM_PHOTO:
        for number in range(limit):
            photo = photos[(number * 11 + seed) % len(photos)]
            yield _negative(SAME_SHOOT + kind, same_shoot(photo, kind, pixels, seed + number))
    for number in range(limit):
        yield _negative(TEMPLATE, jpeg(in_template(pixels[(2 * number) % len(pixels)], number % TEMPLATES)))
    for name, data in odd_pictures(seed).items():
        yield _negative(ODD + name, data)


TEMPLATES = 4


def template_photos() -> list[bytes]:
    """Photos to add to the reference set: one in each template, of scenes that nothing else shows."""
    return [jpeg(in_template(scene(900 + number, 640, 480), number)) for number in range(TEMPLATES)]


def run(matcher: Matcher, queries: Iterable[EditedCopy], *, deep: bool = False) -> Iterator[Outcome]:
    """The matcher's answer to each query, in order."""
    for query in queries:
        answer = matcher.answer(query.data, deep=deep)
        judgement = answer.judgement
        best = judgement.matches[0] if judgement.matches else None
        yield Outcome(
            query,
            judgement.verdict,
            judgement.score,
            best.photo_id if best else None,
            best.edits if best else (),
            _best_overlap(best.query_region, query.regions) if best else 0.0,
            answer.elapsed_ms,
            best.explanation if best else (judgement.reason.words if judgement.reason else ""),
        )


def _negative(kind: str, data: bytes) -> EditedCopy:
    return EditedCopy(kind, -1, data, (), (), ())


def _best_overlap(outlined: Polygon, regions: tuple[Polygon, ...]) -> float:
    return max((overlap(outlined, region) for region in regions), default=0.0)
