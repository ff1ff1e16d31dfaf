"""A run's report takes the place of the one before in the documentation."""

import json
from pathlib import Path

import pytest

from tests.soak.document import section, take_in

REPORT = {
    "began": "2026-01-02, 03:04",
    "ended": "04:05 UTC",
    "machine": "2 cores",
    "load": {"median": 1.5, "most": 3.0},
    "rerun": "scripts/soak --seed 7",
    "images": 12_345,
    "browsing_seconds": 120.0,
    "requests_at_the_sites": 99,
    "counts": {"fault: kill_daemon": 2, "fault: sleep": 1, "refused: busy": 4, "connections": 3},
    "verdicts": {"stranger: no_copy": 5},
    "copies_of_untouched_photos": {"exact: copy": 6},
    "promises": [{"promise": "what was acknowledged is there", "checked": 1_000, "broken": 1, "examples": ["/home/x"]}],
    "growth": [
        {
            "role": "daemon",
            "measure": "memory",
            "outcome": "flat",
            "slope": {"per_hour": 1.25, "low": -2.0, "high": 4.0, "points": 20},
            "limit": 30.0,
            "most": 151.2,
            "is_bounded": False,
        },
        {
            "role": "worker",
            "measure": "threads",
            "outcome": "cannot be told",
            "slope": None,
            "limit": 24.0,
            "most": 1.0,
            "is_bounded": False,
        },
        {
            "role": "worker",
            "measure": "memory",
            "outcome": "flat",
            "slope": None,
            "limit": 350.0,
            "most": 242.4,
            "is_bounded": True,
        },
    ],
    "largest": {"log, bytes": 4_096},
    "latency_ms": {"status": {"asked": 7, "median": 2.0, "p90": 3.0, "p99": 1_500.0, "longest": 2_000.0}},
}


def test_a_report_tells_what_held_and_what_did_not() -> None:
    told = section(REPORT)
    for line in (
        "2026-01-02, 03:04 to 04:05 UTC; 2 cores; load 1.5 in the middle, 3.0 at the most: `scripts/soak --seed 7`.",
        "| faults | 3: kill daemon 2, sleep 1 |",
        "| what was acknowledged is there | 1,000 | 1 |",
        "| memory of the daemon | +1.2 MB | -2.0 to +4.0 | 30 MB | flat | 151 MB |",
        "| threads of the worker | too short | | 24 | cannot be told | 1 |",
        "| memory of the worker | replaced after 1,000 pictures | | 350 MB in all | flat | 242 MB |",
        "| status | 7 | 0.002 | 1.5 | 2 |",
    ):
        assert line in told.splitlines()
    assert "/home" not in told, "no path of the machine"


def test_a_run_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    results, document = tmp_path / "results", tmp_path / "docs" / "reliability.md"
    results.mkdir()
    (document.parent / "pictures").mkdir(parents=True)
    document.write_text("Before\n<!-- what the last run wrote -->\nold\n<!-- so far -->\nAfter\n")
    for words in ("one", "another"):
        (results / "soak.md").write_text(f"{words}\n")
        (results / "soak.png").write_bytes(words.encode())
        take_in(document, results)
        told = f"Before\n<!-- what the last run wrote -->\n{words}\n<!-- so far -->\nAfter\n"
        assert document.read_text() == told
        assert (document.parent / "pictures" / "soak.png").read_bytes() == words.encode()


def test_a_document_without_a_place_for_it_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "other.md"
    document.write_text(json.dumps(REPORT))
    with pytest.raises(ValueError, match="has no lines"):
        take_in(document, tmp_path)
    assert json.loads(document.read_text()) == REPORT
