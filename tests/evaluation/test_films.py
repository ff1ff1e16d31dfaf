from pathlib import Path

import cv2
import numpy as np
import pytest

from isthisme.domain import Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import UsageError
from isthisme.evaluation.films import LATER, MOMENTS, FilmOutcome, film_outcomes, film_table
from isthisme.evaluation.negatives import jpeg
from isthisme.evaluation.scenes import scene


def film(path: Path, pictures: int = 24) -> None:
    """Two scenes, a second each; in the first a figure walks from left to right."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 12, (320, 240))
    for number in range(pictures):
        picture = scene(1 if number < pictures // 2 else 2, 320, 240)
        if number < pictures // 2:
            cv2.ellipse(picture, (40 + 22 * number, 130), (18, 50), 0, 0, 360, (70, 60, 50), cv2.FILLED)
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()


@pytest.mark.slow
def test_pictures_of_a_film_are_judged_against_other_moments_of_the_same_scene(tmp_path: Path) -> None:
    film(tmp_path / "walk.avi")
    (tmp_path / "notes.txt").write_text("no film")
    more = [jpeg(scene(seed, 320, 240)) for seed in range(20, 24)]
    found = list(film_outcomes(Engine(Models.packaged()), tmp_path, more, [scene(9, 320, 240)], seed=1))
    assert {each.film for each in found} == {"walk.avi"}
    copies = [each for each in found if each.seconds == 0]
    assert len(copies) == MOMENTS
    assert all(each.verdict is Verdict.COPY for each in copies)
    assert {each.seconds for each in found} == {0.0, 0.1, 0.5}  # a second later another scene has begun
    first, second = np.mean([each.seconds == 0.1 for each in found]), np.mean([each.seconds == 0.5 for each in found])
    assert first > second > 0


def test_the_table_counts_verdicts_by_the_time_between(tmp_path: Path) -> None:
    verdicts = [Verdict.COPY, Verdict.POSSIBLE_COPY, Verdict.NO_COPY, Verdict.UNDECIDED]
    found = [FilmOutcome("a", 0.0, Verdict.COPY), *(FilmOutcome("a", 3.0, each) for each in verdicts)]
    rows = film_table(found).splitlines()[1:]
    assert len(rows) == len(LATER)
    assert rows[0].split()[-4:] == ["1", "1", "0", "0"]
    assert rows[LATER.index(3.0)].split()[-4:] == ["4", "1", "1", "2"]


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no film")
    with pytest.raises(UsageError, match="no film"):
        list(film_outcomes(Engine(Models.none()), tmp_path, [], [], seed=1))
