"""Other moments as they really are: pictures of films, edited, against photos of a moment before or after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from isthisme.domain import Verdict
from isthisme.engine.engine import Engine
from isthisme.errors import UsageError
from isthisme.evaluation.album import Album
from isthisme.evaluation.copies import make_copy
from isthisme.evaluation.folders import WORK_SIDE
from isthisme.evaluation.negatives import jpeg
from isthisme.evaluation.sheet import Pixels, scaled_to
from isthisme.matcher import Matcher

MOMENTS = 6  # of a film that become photos of the user, evenly spread
LATER = (0.0, 0.1, 0.5, 1.0, 3.0, 10.0)  # seconds before and after; at 0 it is a copy
EDITS = ("shrunk", "crop 60 %", "mirrored", "app filter")
_SAME_SHOT = 0.7  # correlation of the colours; below it another scene has begun
_LEAST_LIGHT = 8  # levels of 255; a film may begin in the dark
_LEAST_SIDE = 128  # pixels
_USUAL_RATE = 25.0  # pictures a second, where a film does not say


@dataclass(frozen=True, slots=True)
class FilmOutcome:
    """One picture of a film, judged where the user has a photo of another moment of the same scene."""

    film: str
    seconds: float  # between the two
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Film:
    name: str
    rate: float  # pictures a second
    pictures: list[Pixels]


def film_outcomes(
    engine: Engine, folder: Path, more: Sequence[bytes], others: Sequence[Pixels], seed: int
) -> Iterator[FilmOutcome]:
    """Of every film in `folder` OpenCV can read. The album holds one moment of each and `more`.

    Raises UsageError where there is no film.
    """
    films = [film for path in sorted(folder.iterdir()) if path.is_file() and (film := _read(path))]
    if not films:
        raise UsageError(f"{folder} holds no film that can be read; name a folder of films")
    for moment in range(MOMENTS):
        at = [round((moment + 0.5) * len(film.pictures) / MOMENTS) for film in films]
        photos = [jpeg(film.pictures[place], 92) for film, place in zip(films, at, strict=True)]
        album = Album(engine, [*photos, *more])
        matcher = Matcher(engine, album, album)
        for number, (film, place) in enumerate(zip(films, at, strict=True)):
            if film.pictures[place].mean() < _LEAST_LIGHT:
                continue
            for seconds, picture in _around(film, place):
                kind = EDITS[(moment + number + round(10 * seconds)) % len(EDITS)]
                query = make_copy(picture, number, kind, others, seed + moment)
                judgement = matcher.answer(query.data).judgement
                named = [each.photo_id for each in judgement.matches]
                yield FilmOutcome(film.name, seconds, judgement.verdict if number in named[:1] else Verdict.NO_COPY)


def film_table(found: Sequence[FilmOutcome]) -> str:
    """By the time between the two pictures."""
    rows = [f"{'picture of a film, seconds later or before':42} {'n':>4} {'copy':>5} {'possible':>8} {'no copy':>8}"]
    for seconds in LATER:
        group = [each.verdict for each in found if each.seconds == seconds]
        counts = [group.count(each) for each in (Verdict.COPY, Verdict.POSSIBLE_COPY)]
        name = "0 (a copy)" if seconds == 0 else f"{seconds:g}"
        rows.append(f"{name:42} {len(group):4} {counts[0]:5} {counts[1]:8} {len(group) - sum(counts):8}")
    return "\n".join(rows)


def _around(film: _Film, place: int) -> Iterator[tuple[float, Pixels]]:
    for seconds in LATER:
        for step in (-1, 1) if seconds else (0,):
            there = place + round(step * max(1.0, seconds * film.rate)) if step else place
            if 0 <= there < len(film.pictures) and _is_same_shot(film.pictures[place], film.pictures[there]):
                yield seconds, film.pictures[there]


def _read(path: Path) -> _Film | None:
    capture = cv2.VideoCapture(str(path))
    rate = capture.get(cv2.CAP_PROP_FPS)
    pictures = []
    while True:
        is_read, frame = capture.read()
        if not is_read:
            break
        pixels = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
        factor = min(1.0, WORK_SIDE / max(pixels.shape))
        if factor < 1:
            pixels = scaled_to(pixels, round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
        pictures.append(pixels)
    capture.release()
    if len(pictures) < 2 * MOMENTS or min(pictures[0].shape[:2]) < _LEAST_SIDE:
        return None
    return _Film(path.name, rate if 1 <= rate <= 120 else _USUAL_RATE, pictures)


def _is_same_shot(one: Pixels, other: Pixels) -> bool:
    return float(cv2.compareHist(_colours(one), _colours(other), cv2.HISTCMP_CORREL)) > _SAME_SHOT


def _colours(pixels: Pixels) -> cv2.typing.MatLike:
    small = cv2.cvtColor(scaled_to(pixels, 160, 120), cv2.COLOR_RGB2HSV)
    return cv2.calcHist([small], [0, 2], None, [16, 16], [0, 180, 0, 256])
