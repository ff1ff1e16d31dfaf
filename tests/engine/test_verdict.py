"""Which match comes first, and what that makes of the whole."""

from types import SimpleNamespace
from typing import Any

import pytest

from isthisme.domain import Match, Verdict
from isthisme.engine import verdict


def judged(monkeypatch: pytest.MonkeyPatch, *found: tuple[Verdict, float, float]) -> list[int]:
    """The ids, from 0, of matches with (verdict, score, difference), best first."""
    monkeypatch.setattr(verdict, "match_of", lambda each: each.match)
    examined: Any = [
        SimpleNamespace(
            match=Match(number, each, score, (), "", (), ()), evidence=SimpleNamespace(difference=difference)
        )
        for number, (each, score, difference) in enumerate(found)
    ]
    judgement = verdict.judge(examined)
    assert judgement.verdict is judgement.matches[0].verdict
    return [match.photo_id for match in judgement.matches]


def test_of_copies_that_score_the_same_the_nearest_in_colour_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    copies = (Verdict.COPY, 0.998, 6.0), (Verdict.COPY, 0.997, 2.0), (Verdict.COPY, 0.9, 0.5)
    assert judged(monkeypatch, *copies) == [1, 0, 2]


def test_a_possible_copy_never_comes_before_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, (Verdict.POSSIBLE_COPY, 0.64, 0.5), (Verdict.COPY, 0.66, 9.0)) == [1, 0]
