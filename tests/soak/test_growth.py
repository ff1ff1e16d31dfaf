"""What grows is called so, what lies flat too, and what cannot be told is neither."""

import random

import pytest

from tests.soak.findings import Findings, Promise
from tests.soak.gauges import Gauges, Sample
from tests.soak.growth import Outcome, growths, judge_growth

WARM_UP_SECONDS = 420.0


def gauges(samples: list[Sample]) -> Gauges:
    made = Gauges(None, None, 5.0)  # type: ignore[arg-type] nothing is read
    made.samples = samples
    return made


def daemon(per_hour: float, *, minutes: int, filling: float = 0.0, noise: float = 0.0) -> list[Sample]:
    """Memory that fills for five minutes by `filling` MB and grows besides; 30 open files."""
    chance = random.Random(3)
    return [
        Sample(
            at,
            "daemon",
            "1@1",
            100 + filling * min(1, at / 300) + per_hour * at / 3600 + chance.gauss(0, noise),
            30,
            20,
        )
        for at in range(0, minutes * 60, 5)
    ]


def workers(minutes: int, *, most: float) -> list[Sample]:
    """Two, each replaced every four minutes, and filling until then."""
    return [
        Sample(at, "worker", f"{seat}-{(at + seat * 120) // 240}", most * (0.8 + 0.2 * (at % 240) / 235), 5, 1)
        for at in range(0, minutes * 60, 5)
        for seat in (0, 1)
    ]


def outcome(samples: list[Sample], role: str, measure: str = "memory") -> Outcome:
    (found,) = (
        each for each in growths(gauges(samples), WARM_UP_SECONDS) if (each.role, each.measure) == (role, measure)
    )
    return found.outcome


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (daemon(0.0, minutes=25, filling=70, noise=1), Outcome.FLAT),
        (daemon(300.0, minutes=25, noise=1), Outcome.GROWS),
        (daemon(60.0, minutes=45, filling=70, noise=1), Outcome.GROWS),
        (daemon(300.0, minutes=10), Outcome.UNTOLD),
        (daemon(30.0, minutes=25, noise=5), Outcome.UNTOLD),
    ],
)
def test_a_cache_that_fills_is_no_leak_and_a_leak_is_no_cache(samples: list[Sample], told: Outcome) -> None:
    assert outcome(samples, "daemon") is told


@pytest.mark.parametrize(("most", "told"), [(250.0, Outcome.FLAT), (450.0, Outcome.GROWS)])
def test_a_worker_may_fill_until_it_is_replaced_but_not_over_its_limit(most: float, told: Outcome) -> None:
    assert outcome(workers(40, most=most), "worker") is told


def test_only_growth_that_is_told_for_sure_breaks_the_promise() -> None:
    findings = Findings()
    judge_growth(growths(gauges(daemon(30.0, minutes=25, noise=5)), WARM_UP_SECONDS), findings)
    assert findings.checked[Promise.FLAT_MEMORY] == 0
    assert findings.counts["growth that cannot be told: memory of the daemon"] == 1
    assert findings.checked[Promise.FLAT_HANDLES] == 2
    assert findings.are_good
    judge_growth(growths(gauges(daemon(300.0, minutes=25)), WARM_UP_SECONDS), findings)
    assert findings.broken[Promise.FLAT_MEMORY] == 1
