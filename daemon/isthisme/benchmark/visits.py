"""Visits of a real browser to pages full of pictures: until when all of them, and those in view, are judged."""

import hashlib
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from isthisme.benchmark.frame_times import Notes
from isthisme.benchmark.gallery import Gallery, as_shown, opened
from isthisme.benchmark.search import likeness
from isthisme.catalog import Catalog
from isthisme.config import Paths
from isthisme.demonstration.chromium import chromium
from isthisme.demonstration.program import run_program, stop_daemon
from isthisme.domain import PhotoDescription
from isthisme.errors import DeadlineExceeded, UsageError
from isthisme.installation.launcher import launcher_text

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PICTURES = 40  # on each page
_COPIES = 3  # of the user's own photos among them
_INDEXED = 10_000
_WIDTH, _HEIGHT = 1280, 900
_SECONDS = 120.0
_TYPED = "is this me? "
_TO_REACH = {"in view": 0.8, "all": 2.5}  # seconds, p95

# Notes in the page's own world how long frames and key strokes took: what a person who reads and types would feel.
_FEEL = """
window.felt = {frames: [], keys: []};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.name.startsWith("key")) felt.keys.push(entry.duration);
}).observe({type: "event", durationThreshold: 16, buffered: true});
let last = performance.now();
const tick = (now) => { felt.frames.push(now - last); last = now; requestAnimationFrame(tick); };
requestAnimationFrame(tick);
"""


@dataclass(frozen=True, slots=True)
class Visit:
    loaded: float  # seconds from the visit's beginning, as all times here
    asked: float  # when the extension had asked about all that is in view
    in_view: float
    all: float
    flagged: int
    longest_frame: float  # milliseconds
    longest_key: float  # milliseconds from a key stroke to the frame that shows it; 0 below what browsers measure


def visits(
    own: Sequence[bytes],
    others: Sequence[bytes],
    real: NDArray[np.int8],
    count: int,
    extension: Path,
    console: Console,
    plot: Path | None,
) -> None:
    """Prints the table: `count` visits with the extension, and as many without it in another browser of the same kind.

    `own` are the user's photos, `others` those of strangers; `real` (N, 512) are descriptors, in whose likeness
    the rest of the index is made. Raises UsageError where there is no Chromium.
    """
    with tempfile.TemporaryDirectory(prefix="isthisme-") as folder, opened(_PICTURES) as gallery:
        home, profile, log = Path(folder) / "home", Path(folder) / "profile", Path(folder) / "frames"
        _fill(home, own, real, Path(folder) / "photos")
        visitor = _Visitor(gallery, own, others)
        try:
            with _browsing(home, extension, profile, log) as page:
                notes = Notes(log)
                ours = [visitor.visit(page, notes) for _ in range(count + 1)][1:]  # the first one starts the companion
        finally:
            stop_daemon(home)
        with _browsing(home, None, profile, None) as page:
            bare = [visitor.visit(page, None) for _ in range(count + 1)][1:]
    _print(ours, bare, visitor.mean_kilobytes, console)
    if plot is not None:
        _draw(ours, plot)
        console.print(f"drawn: {plot}", highlight=False)


@dataclass(frozen=True, slots=True)
class _Judged:
    asked: float  # seconds of the monotonic clock: when the question left the browser
    judged: float  # and when the verdict came back
    verdict: str


class _Visitor:
    def __init__(self, gallery: Gallery, own: Sequence[bytes], others: Sequence[bytes]) -> None:
        self._gallery = gallery
        self._own = own
        self._others = others
        self._random = np.random.default_rng(1)
        self._visits = 0
        self._sizes: list[int] = []

    @property
    def mean_kilobytes(self) -> float:
        return float(np.mean(self._sizes)) / 1000

    def visit(self, page: "Page", notes: Notes | None) -> Visit:
        """Opens a page of pictures that were never shown, types meanwhile, and waits for the last verdict."""
        self._visits += 1
        address = self._gallery.hang(self._visits, self._pictures())
        if notes is not None:
            notes.unread()  # of the visit before
        began = time.monotonic()
        page.goto(address, wait_until="commit")
        page.locator("input").press_sequentially(_TYPED, delay=40)  # milliseconds
        page.wait_for_load_state("load")
        loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
        in_view = set(
            page.evaluate(
                "[...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight).map((i) => i.src)"
            )
        )
        judged: dict[str, _Judged] = {}
        if notes is not None:
            judged = self._judged(page, notes)
        else:
            page.wait_for_timeout(1500)  # milliseconds: about as long as it is felt with the extension
        felt = page.evaluate("felt")
        page.goto("about:blank")
        seen = [each for address, each in judged.items() if address in in_view]
        return Visit(
            loaded,
            max((each.asked - began for each in seen), default=0.0),
            max((each.judged - began for each in seen), default=0.0),
            max((each.judged - began for each in judged.values()), default=0.0),
            sum(each.verdict in ("copy", "possible_copy") for each in judged.values()),
            max(felt["frames"]),
            max(felt["keys"], default=0.0),
        )

    def _pictures(self) -> list[bytes]:
        every = _PICTURES // _COPIES
        pictures = []
        for number in range(_PICTURES):
            among = self._own if number % every == every // 2 else self._others
            pictures.append(as_shown(among[int(self._random.integers(len(among)))], self._random))
        self._sizes += [len(data) for data in pictures]
        return pictures

    def _judged(self, page: "Page", notes: Notes) -> dict[str, _Judged]:
        """What became of each picture, by its address."""
        give_up = time.monotonic() + _SECONDS
        asked: dict[tuple[int, str], tuple[str, float]] = {}
        judged: dict[str, _Judged] = {}
        while time.monotonic() < give_up:
            for note in notes.unread():
                frame, moment = note["frame"], note["time"]
                if frame["type"] == "check_page":
                    asked |= {(frame["id"], image["key"]): (image["address"], moment) for image in frame["images"]}
                elif (question := asked.get((frame["id"], frame["key"]))) is not None:
                    address, asked_at = question
                    judged[address] = _Judged(asked_at, moment, frame["verdict"])
            if len(judged) == _PICTURES:
                return judged
            page.wait_for_timeout(100)  # milliseconds; the moment itself is noted by another process
        raise DeadlineExceeded(f"{len(judged)} of {_PICTURES} pictures were judged within {_SECONDS:.0f} s")


def _fill(home: Path, own: Sequence[bytes], real: NDArray[np.int8], photos: Path) -> None:
    """The user's photos, and others up to the number wanted that nobody can see, in the catalog of this home."""
    photos.mkdir()
    for number, data in enumerate(own):
        (photos / f"{number}.jpg").write_bytes(data)
    run_program(home, "folders", "add", str(photos))
    run_program(home, "index")
    with closing(Catalog(Paths(home).catalog)) as catalog, catalog.transaction():
        generation = catalog.generations.current()
        if generation is None or generation.model is None:
            raise UsageError("the photos were indexed without a model; without one this measures nothing")
        random = np.random.default_rng(2)
        known = len(list(catalog.photos.places_below(b"")))
        (preview,) = catalog.photos.previews([1]).values()
        for vector in likeness(real).made(_INDEXED - known, random):
            hashes = random.integers(0, 2**63, 1).astype(np.uint64)
            description = PhotoDescription(
                generation.model, preview.width, preview.height, hashes, vector, preview.preview
            )
            content = hashlib.sha256(vector.tobytes()).digest()
            photo_id = catalog.photos.add(content, description, b"/gone/%d.jpg" % random.integers(2**62))
            catalog.generations.add(generation, photo_id, description)


@contextmanager
def _browsing(home: Path, extension: Path | None, profile: Path, log: Path | None) -> "Iterator[Page]":
    launcher = None
    if log is not None:
        host = home / "host"
        host.write_text(launcher_text(home))
        host.chmod(0o700)
        between = shlex.join([sys.executable, "-I", "-m", "isthisme.benchmark.frame_times", str(log), str(host)])
        launcher = f'#!/bin/sh\nexec {between} "$@"\n'
    with chromium(home, extension, profile, width=_WIDTH, height=_HEIGHT, launcher=launcher) as context:
        page = context.new_page()
        page.add_init_script(_FEEL)
        yield page


def _print(ours: Sequence[Visit], bare: Sequence[Visit], kilobytes: float, console: Console) -> None:
    table = Table(
        "", "median", "p95", "to reach (p95)", "without us: median", "p95",
        title=f"{len(ours)} visits to pages of {_PICTURES} pictures of {kilobytes:.0f} kB, {_INDEXED:,} photos indexed",
    )  # fmt: skip

    def add(name: str, of_ours: Sequence[float], of_bare: Sequence[float] | None, to_reach: float | None) -> None:
        numbers = [np.median(of_ours), np.percentile(of_ours, 95), to_reach]
        numbers += [None, None] if of_bare is None else [np.median(of_bare), np.percentile(of_bare, 95)]
        table.add_row(name, *("" if number is None else f"{number:,.2f}" for number in numbers))

    add("page loaded, s", [each.loaded for each in ours], [each.loaded for each in bare], None)
    add("pictures in view asked about, s", [each.asked for each in ours], None, None)
    add("pictures in view judged, s", [each.in_view for each in ours], None, _TO_REACH["in view"])
    add("all pictures judged, s", [each.all for each in ours], None, _TO_REACH["all"])
    add("longest frame, ms", [each.longest_frame for each in ours], [each.longest_frame for each in bare], None)
    add("slowest key stroke, ms", [each.longest_key for each in ours], [each.longest_key for each in bare], None)
    console.print(table)
    console.print(f"(of {_COPIES * len(ours)} copies on them {sum(each.flagged for each in ours)} were flagged)")


def _draw(ours: Sequence[Visit], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 4.5))
    share = np.arange(1, len(ours) + 1) / len(ours)
    for name, times in (("in view", [each.in_view for each in ours]), ("all", [each.all for each in ours])):
        (line,) = axes.plot(sorted(times), share, "-", label=f"{name} judged")
        axes.axvline(
            _TO_REACH[name], color=line.get_color(), linestyle=":", label=f"to reach in 0.95 of the visits: {name}"
        )
    axes.axhline(0.95, color="grey", linewidth=0.5)
    axes.set_xlabel("seconds since the visit began")
    axes.set_ylabel("share of the visits")
    axes.set_xlim(left=0)
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
