"""How far the indexing is, in a line of words and as a bar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from isthisme.cli.output import complaints

if TYPE_CHECKING:
    from isthisme.catalog.facts import Progress

_STEPS = {
    ("indexing", "looking"): "Looking through your folders",
    ("indexing", "describing"): "Describing photos",
    ("rebuilding", "looking"): "Rebuilding: looking through your folders",
    ("rebuilding", "describing"): "Rebuilding: describing photos",
    ("rebuilding", "switching"): "Rebuilding: switching to the new index",
}
_WAITS = {
    "on_battery": "Waiting: the computer is on battery",
    "busy": "Waiting: other programs need the processor",
}


def step_words(progress: "Progress") -> str:
    """What it is doing."""
    if progress.waits_because is not None:
        return _WAITS[progress.waits_because]
    words = _STEPS[progress.task, progress.step]
    return words if progress.cpu_percent is None else f"{words}, slowed to {progress.cpu_percent} % of the processor"


def count_words(progress: "Progress") -> str:
    """How far it is: counts, and where it can be told, rate and time left."""
    if progress.step == "looking":
        return f"{progress.done:,} files"
    parts = [f"{progress.done:,} of {progress.total:,} photos"]
    if progress.photos_per_second > 0:
        rate = progress.photos_per_second
        parts.append(f"{rate:.0f} photos/s" if rate >= 10 else f"{rate:.2g} photos/s")
    if progress.seconds_left is not None:
        parts.append(f"{span(progress.seconds_left)} left")
    return ", ".join(parts)


@contextmanager
def progress_bar(*, is_shown: bool) -> "Iterator[Callable[[Progress], None]]":
    """Shows what it is told on standard error while that is a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}")
    with Bar(*columns, console=complaints, disable=not is_shown, transient=True) as bar:
        line: TaskID | None = None

        def report(progress: "Progress") -> None:
            nonlocal line
            if line is None:
                line = bar.add_task("", total=None, counts="")
            # Without a total the bar shows that something goes on, and no share of it.
            total = None if progress.step == "looking" else progress.total
            words = step_words(progress)
            bar.update(line, description=words, total=total, completed=progress.done, counts=count_words(progress))

        yield report


def span(seconds: float) -> str:
    """Roughly how long that is, to the minute from one minute on."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
