from pathlib import Path

import numpy as np
import pytest

from isthisme.domain import Verdict
from isthisme.evaluation.copies import EditedCopy
from isthisme.evaluation.guess import Guess, Peer, guesses
from isthisme.evaluation.page_images import EDITED_PAGE_IMAGE, as_they_are, edited, our_row, page_images, peer_alarm_row
from isthisme.evaluation.scenes import encoded, scene
from isthisme.evaluation.trial import Outcome

PEER = Peer("brightness", lambda pixels: Guess(0, float(pixels.mean())), 100.0, ">= 100")


def outcome(photo: int, verdict: Verdict, score: float, named: int | None) -> Outcome:
    return Outcome(EditedCopy("any", photo, b"", (), (), ()), verdict, score, named, (), 0.0, 1.0, "")


def test_pictures_are_found_at_any_depth_and_other_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep.PNG").write_bytes(encoded(scene(1, 40, 30), "PNG"))
    (tmp_path / "a" / "words.txt").write_text("no picture")
    paths = page_images(tmp_path)
    assert [each.name for each in paths] == ["deep.PNG"]
    assert [each.recipe for each in as_they_are(paths)] == [("b", "deep.PNG")]


def test_a_folder_without_pictures_ends_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no pictures"):
        page_images(tmp_path)


def test_each_stranger_is_edited_so_many_times_and_is_no_copy() -> None:
    made = list(edited([scene(seed, 200, 150) for seed in (1, 2)], seed=1, times=2))
    assert [(each.kind, each.photo) for each in made] == [(EDITED_PAGE_IMAGE, -1)] * 4
    assert len({each.recipe for each in made}) == 4


def test_our_alarms_are_counted_by_verdict() -> None:
    copies = [outcome(0, Verdict.COPY, 0.9, 0), outcome(1, Verdict.COPY, 0.9, 2)]
    pages = [outcome(-1, Verdict.NO_COPY, 0.1, None), outcome(-1, Verdict.POSSIBLE_COPY, 0.5, 1)]
    row = our_row("ours", copies, pages, (Verdict.COPY, Verdict.POSSIBLE_COPY))
    assert (row.recall.count, row.alarms.count, row.alarms.total) == (1, 1, 2)
    assert our_row("ours", copies, pages, (Verdict.COPY,)).alarms.count == 0


def test_a_peer_fires_at_its_threshold_and_a_wrong_photo_is_no_recall() -> None:
    copies = [Guess(0, 100.0), Guess(1, 200.0), Guess(2, 99.0)]
    row = peer_alarm_row(PEER, copies, [0, 0, 2], [Guess(3, 100.0), Guess(3, 50.0)])
    assert (row.recall.count, row.recall.total) == (1, 3)
    assert (row.alarms.count, row.alarms.total) == (1, 2)
    assert row.recall_at_one_per_mille.count == 0  # ties with a page image


def test_a_slow_peer_is_asked_about_a_sample_and_a_broken_picture_never_fires() -> None:
    slow = Peer("slow", PEER.guess, 100.0, "", most=2)
    queries = [encoded(np.full((30, 40, 3), shade, np.uint8), "PNG") for shade in (10, 20, 30)] + [b"broken"]
    quick_guesses, slow_guesses = guesses([PEER, slow], queries, len(queries))
    assert [each.score for each in quick_guesses] == [10, 20, 30, -np.inf]
    assert [each.score for each in slow_guesses] == [10, 30]
