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
    moments: tuple[int, ...]  # numbers of the pictures that become photos of the user
    pictures: dict[int, Pixels]  # these and what is around them, by number


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
        photos = [jpeg(film.pictures[film.moments[moment]], 92) for film in films]
        album = Album(engine, [*photos, *more])
        matcher = Matcher(engine, album, album)
        for number, film in enumerate(films):
            place = film.moments[moment]
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
    for seconds, there in _places_around(place, film.rate):
        picture = film.pictures.get(there)
        if picture is not None and _is_same_shot(film.pictures[place], picture):
            yield seconds, picture


def _places_around(place: int, rate: float) -> Iterator[tuple[float, int]]:
    """Seconds, and the number of the picture so much before or after."""
    for seconds in LATER:
        for step in (-1, 1) if seconds else (0,):
            yield seconds, place + step * round(max(1.0, seconds * rate))


def _read(path: Path) -> _Film | None:
    """The pictures that are needed of a film, however long it is; None where it is none, too short or too small."""
    rate, count = _counted(path)
    if count < 2 * MOMENTS:
        return None
    moments = tuple(round((moment + 0.5) * count / MOMENTS) for moment in range(MOMENTS))
    wanted = {there for place in moments for _, there in _places_around(place, rate)}
    capture = cv2.VideoCapture(str(path))
    pictures = {}
    for number in range(count):
        if not (capture.grab() and number in wanted):
            continue
        is_read, frame = capture.retrieve()
        if is_read:
            pixels = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
            factor = min(1.0, WORK_SIDE / max(pixels.shape))
            pictures[number] = scaled_to(pixels, round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    capture.release()
    if any(place not in pictures or min(pictures[place].shape[:2]) < _LEAST_SIDE for place in moments):
        return None
    return _Film(path.name, rate, moments, pictures)


def _counted(path: Path) -> tuple[float, int]:
    """Pictures a second, and in all: what a film says of its length may be wrong."""
    capture = cv2.VideoCapture(str(path))
    rate = capture.get(cv2.CAP_PROP_FPS)
    count = 0
    while capture.grab():
        count += 1
    capture.release()
    return rate if 1 <= rate <= 120 else _USUAL_RATE, count


def _is_same_shot(one: Pixels, other: Pixels) -> bool:
    return float(cv2.compareHist(_colours(one), _colours(other), cv2.HISTCMP_CORREL)) > _SAME_SHOT


def _colours(pixels: Pixels) -> cv2.typing.MatLike:
    small = cv2.cvtColor(scaled_to(pixels, 160, 120), cv2.COLOR_RGB2HSV)
    return cv2.calcHist([small], [0, 2], None, [16, 16], [0, 180, 0, 256])
