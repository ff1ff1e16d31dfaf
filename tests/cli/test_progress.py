"""Progress in words, as the command line says it."""

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.facts import Progress
from isthisme.cli.progress import count_words, step_words
from isthisme.cli.rebuild import _follow
from isthisme.config import Paths, Settings
from isthisme.index_choice import HomeIndex
from isthisme.index_files import IndexFiles
from isthisme.wiring import Home

WORKING = Progress("indexing", "describing", 1234, 5000, 21.46, 175.4, 0)


@pytest.mark.parametrize(
    ("progress", "doing", "counts"),
    [
        (WORKING, "Describing photos", "1,234 of 5,000 photos, 21 photos/s, 3 min left"),
        (replace(WORKING, cpu_percent=50), "Describing photos, slowed to 50 % of the processor", None),
        (
            Progress("rebuilding", "looking", 31_000, 0, 0.0, None, 0),
            "Rebuilding: looking through your folders",
            "31,000 files",
        ),
        (
            replace(WORKING, photos_per_second=0.0, seconds_left=None, waits_because="on_battery"),
            "Waiting: the computer is on battery",
            "1,234 of 5,000 photos",
        ),
        (replace(WORKING, waits_because="busy", cpu_percent=50), "Waiting: other programs need the processor", None),
        (replace(WORKING, task="rebuilding", step="switching"), "Rebuilding: switching to the new index", None),
        (replace(WORKING, photos_per_second=0.052, seconds_left=72_423), None, "0.052 photos/s, 20 h 7 min left"),
        (replace(WORKING, seconds_left=0.2), None, "1 s left"),
    ],
)
def test_progress_in_words(progress: Progress, doing: str | None, counts: str | None) -> None:
    if doing is not None:
        assert step_words(progress) == doing
    if counts is not None:
        assert count_words(progress).endswith(counts)


@pytest.mark.parametrize("gently", [False, True])
def test_who_types_index_hurries_what_waits_unless_it_is_to_be_gentle(tmp_path: Path, gently: bool) -> None:
    with closing(Catalog(tmp_path / "catalog.db")) as catalog:
        hurried: list[bool] = []

        def report(_progress: Progress) -> None:
            hurried.append(catalog.facts.is_hurried())
            catalog.facts.put_progress(None)  # the other process is done

        catalog.facts.put_progress(replace(WORKING, waits_because="on_battery"))
        paths, files = Paths(tmp_path), IndexFiles(catalog, tmp_path / "index")
        _follow(
            Home(paths, Settings(), catalog, files, HomeIndex(paths, Settings(), catalog, files)),
            report,
            threading.Event(),
            hurries=not gently,
        )
        assert hurried == [not gently]
