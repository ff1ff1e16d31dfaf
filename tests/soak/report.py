"""What a run found, for people, for programs, for the documentation, and as plots."""

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from tests.soak.document import section
from tests.soak.findings import Promise
from tests.soak.gauges import MEASURES, ROLES
from tests.soak.growth import growths
from tests.soak.run import Run


def report_of(run: Run) -> dict[str, Any]:
    """Everything that is told, for programs."""
    findings = run.findings
    return {
        "began": f"{run.began:%Y-%m-%d, %H:%M}",
        "ended": f"{run.ended:%H:%M} UTC",
        "machine": machine(),
        "load": {"median": round(float(np.median(run.gauges.loads)), 1), "most": round(max(run.gauges.loads), 1)},
        "plan": asdict(run.plan),
        "rerun": rerun(run),
        "disk": run.disk.words,
        "browsing_seconds": round(run.seconds, 1),
        "images": run.images,
        "requests_at_the_sites": run.site_requests,
        "promises": [
            {
                "promise": promise.value,
                "checked": findings.checked[promise],
                "broken": findings.broken[promise],
                "examples": findings.examples.get(promise, []),
            }
            for promise in Promise
        ],
        "counts": dict(sorted(findings.counts.items())),
        "verdicts": {f"{kind}: {verdict}": number for (kind, verdict), number in sorted(run.judge.verdicts.items())},
        "reasons": dict(sorted(run.judge.reasons.items())),
        "copies_of_untouched_photos": {
            f"{edit}: {verdict}": number for (edit, verdict), number in sorted(run.judge.copies.items())
        },
        "latency_ms": dict(_latencies(run)),
        "growth": list(_growth(run)),
        "largest": dict(_largest(run)),
    }


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"


def rerun(run: Run) -> str:
    plan = run.plan
    minutes = f"{plan.seconds / 60:g}"
    return f"scripts/soak --minutes {minutes} --images {plan.images} --faults {plan.faults} --seed {plan.seed}"


def table(report: dict[str, Any]) -> str:
    """In plain text, for people."""
    lines = [
        f"{report['began']} to {report['ended']}, {report['machine']}, load {report['load']['median']}",
        f"{report['images']:,} pictures of pages in {report['browsing_seconds'] / 60:.1f} min; disk: {report['disk']}",
        "",
        f"{'promise':<78}{'checked':>9}{'broken':>8}",
    ]
    for row in report["promises"]:
        lines.append(f"{row['promise']:<78}{row['checked']:>9,}{row['broken']:>8,}")
        lines += [f"    {example[:300]}" for example in row["examples"]]
    for title, key in (
        ("what happened", "counts"),
        ("verdicts", "verdicts"),
        ("reasons", "reasons"),
        ("copies of photos that nobody touched", "copies_of_untouched_photos"),
        ("largest", "largest"),
    ):
        lines += ["", f"{title}:", *(f"    {name:<58}{value!s:>12}" for name, value in report[key].items())]
    lines += ["", "growth, an hour:", *(f"    {row['words']}" for row in report["growth"])]
    lines += ["", f"{'milliseconds':<20}{'asked':>9}{'median':>10}{'90 %':>10}{'99 %':>10}{'longest':>10}"]
    for name, row in report["latency_ms"].items():
        numbers = "".join(f"{row[each]:>10,.0f}" for each in ("median", "p90", "p99", "longest"))
        lines.append(f"{name:<20}{row['asked']:>9,}{numbers}")
    return "\n".join([*lines, "", f"again: {report['rerun']}"])


def write(run: Run, folder: Path) -> dict[str, Any]:
    """Everything into the folder: soak.json, soak.txt, soak.md, soak.png."""
    report = report_of(run)
    (folder / "soak.md").write_text(section(report))
    (folder / "soak.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "soak.txt").write_text(table(report) + "\n")
    _plot(run, folder / "soak.png")
    return report


def _latencies(run: Run) -> Iterator[tuple[str, dict[str, float]]]:
    by_kind: dict[str, list[float]] = {}
    for browser in run.browsers:
        for timing in browser.timings:
            by_kind.setdefault(timing.kind, []).append(timing.seconds * 1000)
    for kind, values in sorted(by_kind.items(), key=lambda item: -len(item[1])):
        median, p90, p99 = (float(each) for each in np.percentile(values, (50, 90, 99)))
        row = {"asked": len(values), "median": median, "p90": p90, "p99": p99, "longest": max(values)}
        yield kind, {name: round(value, 1) for name, value in row.items()}


def _growth(run: Run) -> Iterator[dict[str, Any]]:
    for growth in growths(run.gauges, run.plan.warm_up_seconds):
        yield {
            "role": growth.role,
            "measure": growth.measure,
            "outcome": growth.outcome.value,
            "slope": None if growth.slope is None else asdict(growth.slope),
            "limit": growth.limit,
            "most": round(growth.most, 1),
            "is_bounded": growth.is_bounded,
            "words": str(growth),
        }


def _largest(run: Run) -> Iterator[tuple[str, float]]:
    for role in ROLES:
        for measure in MEASURES:
            values = [value for life in run.gauges.lives(role, measure) for _, value in life]
            yield f"{measure} of a {role}", round(max(values, default=0.0), 1)
    yield "log, bytes", run.gauges.log_bytes


def _plot(run: Run, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, 1, figsize=(9, 9), sharex=True, layout="constrained")
    colours = dict(zip(ROLES, ("tab:blue", "tab:orange", "tab:green"), strict=True))
    for axis, measure, title in (
        (axes[0], "memory", "memory, MB (PSS)"),
        (axes[1], "handles", "open files and sockets"),
    ):
        for role in ROLES:
            for number, life in enumerate(run.gauges.lives(role, measure)):
                points = [(at / 60, value) for at, value in life]
                axis.plot(*zip(*points, strict=True), color=colours[role], lw=1, label=None if number else role)
        axis.set_ylabel(title)
        axis.set_ylim(bottom=0)
    axes[0].legend(loc="upper right")
    for kind, colour in (("check_page", "tab:blue"), ("check_image", "tab:red")):
        points = [
            ((timing.at - run.gauges.began) / 60, timing.seconds)
            for browser in run.browsers
            for timing in browser.timings
            if timing.kind == kind
        ]
        if points:
            axes[2].scatter(*zip(*points, strict=True), s=3, color=colour, alpha=0.5, label=kind)
    axes[2].set_yscale("log")
    axes[2].set_ylabel("until the last answer, s")
    axes[2].set_xlabel("minutes")
    axes[2].legend(loc="upper right")
    for axis in axes:
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    with Image.open(path) as drawn:  # a fifth of the bytes, for the documentation
        drawn.convert("RGB").quantize(64).save(path, optimize=True)
