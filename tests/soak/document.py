"""A run as docs/reliability.md tells it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_BEGIN: Final = "<!-- what the last run wrote -->"
_END: Final = "<!-- so far -->"
_LATENCIES: Final = {
    "status": "status",
    "cancel": "leaving a page",
    "check_image": "the user's own question",
    "check_page": "a page's last picture",
    "save_evidence": "evidence of two sightings",
}  # told, of all that is measured
_FAULT: Final = "fault: "


def section(report: dict[str, Any]) -> str:
    """In Markdown: what ran, which promises held, what grew, how long answers took."""
    load = f"load {report['load']['median']} in the middle, {report['load']['most']} at the most"
    return "\n".join(
        [
            f"{report['began']} to {report['ended']}; {report['machine']}; {load}: `{report['rerun']}`.",
            "",
            "| | |",
            "|---|---|",
            *(f"| {name} | {words} |" for name, words in _what_happened(report)),
            "",
            "| promise | put to the test | broken |",
            "|---|---|---|",
            *(f"| {row['promise']} | {row['checked']:,} | {row['broken']:,} |" for row in report["promises"]),
            "",
            "| growth an hour | slope | 95 % interval | limit | outcome | at most, of one |",
            "|---|---|---|---|---|---|",
            *(_growth(row) for row in report["growth"]),
            "",
            "| seconds to the last answer | asked | median | 99 % | longest |",
            "|---|---|---|---|---|",
            *_latencies(report["latency_ms"]),
            "",
            "![Memory, open files and answers over the run](pictures/soak.png)",
            "",
        ]
    )


def take_in(document: Path, results: Path) -> None:
    """Puts soak.md of a folder in the place of the run that the document tells, and soak.png among its pictures.

    Raises ValueError where the document has no place for it.
    """
    before, after = around_the_run(document)
    document.write_text(f"{before}{_BEGIN}\n{(results / 'soak.md').read_text()}{_END}{after}")
    shutil.copyfile(results / "soak.png", document.parent / "pictures" / "soak.png")


def around_the_run(document: Path) -> tuple[str, str]:
    """What the document says before and after the run. Raises ValueError or OSError where it has no place for one."""
    before, begin, rest = document.read_text().partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{document} has no lines {_BEGIN} and {_END}")
    return before, after


def _what_happened(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    counts = report["counts"]
    faults = {name.removeprefix(_FAULT): number for name, number in counts.items() if name.startswith(_FAULT)}
    ends = counts.get("questions that ended with their connection", 0)
    refused = {name.removeprefix("refused: "): number for name, number in counts.items() if name.startswith("refused")}
    yield "pictures of pages", f"{report['images']:,} in {report['browsing_seconds'] / 60:.1f} minutes"
    yield "requests at the sites", f"{report['requests_at_the_sites']:,}"
    yield "faults", f"{sum(faults.values())}: {_listed(faults)}"
    if missed := counts.get("faults left out, being overdue"):
        yield "faults left out, since those before them took long", f"{missed:,}"
    yield "questions refused", _listed(refused) or "none"
    yield "questions that ended with their connection", f"{ends:,}"
    yield "verdicts", _listed(report["verdicts"])
    yield "copies of photos that nobody touched", _listed(report["copies_of_untouched_photos"])
    yield "the daemon's log, bytes", f"{report['largest']['log, bytes']:,}"


def _listed(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in numbers.items())


def _growth(row: dict[str, Any]) -> str:
    what, unit = f"{row['measure']} of the {row['role']}", " MB" if row["measure"] == "memory" else ""
    limit, slope = f"{row['limit']:g}{unit}", row["slope"]
    if row["is_bounded"]:
        grown, limit = "replaced after 1,000 pictures |", f"{limit} in all"
    elif slope is None:
        grown = "too short |"
    else:
        grown = f"{slope['per_hour']:+.1f}{unit} | {slope['low']:+.1f} to {slope['high']:+.1f}"
    return f"| {what} | {grown} | {limit} | {row['outcome']} | {row['most']:,.0f}{unit} |"


def _latencies(rows: dict[str, dict[str, float]]) -> Iterator[str]:
    for kind, name in _LATENCIES.items():
        if row := rows.get(kind):
            times = " | ".join(f"{row[each] / 1000:.3g}" for each in ("median", "p99", "longest"))
            yield f"| {name} | {row['asked']:,} | {times} |"
