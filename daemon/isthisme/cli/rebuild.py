"""`isthisme index` and `isthisme rebuild`: bring the index up to date here, with a progress bar."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import TYPE_CHECKING

import click

from isthisme.answer_note import shown_path
from isthisme.cli.output import complaints, console, counted, json_option
from isthisme.cli.progress import progress_bar
from isthisme.errors import Busy

if TYPE_CHECKING:
    from isthisme.catalog.facts import Progress
    from isthisme.indexing.indexer import Indexer, Outcome
    from isthisme.wiring import Home

_MOST_NAMED = 20
_FEWEST_FOR_A_RATE = 100


_gently_option = click.option(
    "--gently",
    is_flag=True,
    help="Give way to other programs, as the companion does: wait on battery and while they are busy, keep to a share "
    "of the processor.",
)


@click.command()
@json_option
@_gently_option
def index(*, as_json: bool, gently: bool) -> None:
    """Looks through your folders and describes new and changed photos.

    The companion does this by itself while it runs, gently; this command does it at full speed.
    """
    _run(lambda indexer: indexer.refresh(), as_json=as_json, gently=gently)


@click.command()
@json_option
@_gently_option
def rebuild(*, as_json: bool, gently: bool) -> None:
    """Describes all photos anew, beside the present index, and then switches to the new one.

    Checks go on answering from the present index meanwhile. Interrupted, it goes on where it was.
    """
    _run(lambda indexer: indexer.rebuild(), as_json=as_json, gently=gently)


def _run(work: "Callable[[Indexer], Outcome]", *, as_json: bool, gently: bool) -> None:
    from isthisme.wiring import indexing, open_home

    with open_home() as home, progress_bar(is_shown=not as_json) as report, _until_interrupted() as stop:
        if not home.catalog.folders.count():
            raise click.ClickException("no folders yet; add one with: isthisme folders add FOLDER")
        outcome = None
        is_told = False
        while outcome is None:
            try:
                with indexing(home, report, stop, gently=gently) as indexer:
                    outcome = work(indexer)
            except Busy:
                if not is_told:
                    complaints.print("The companion is indexing already; following it.")
                is_told = True
                _follow(home, report, stop, hurries=not gently)
        generation = home.catalog.generations.current()
        number = 0 if generation is None else generation.number
        photos = 0 if generation is None else home.catalog.generations.size(generation)
    _tell(outcome, photos, number, as_json=as_json)
    if outcome.was_interrupted:
        raise click.Abort
    if outcome.unreadable:
        raise click.exceptions.Exit(1)


def _follow(home: "Home", report: "Callable[[Progress], None]", stop: threading.Event, *, hurries: bool) -> None:
    """Shows what the process that is indexing already does, until it is done. Hurrying has it do so at full speed."""
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 1.0:
        if stop.wait(0.3):
            raise click.Abort
        progress = home.catalog.facts.progress()
        if progress is not None:
            if hurries and (progress.waits_because is not None or progress.cpu_percent is not None):
                home.catalog.facts.put_hurry(is_wanted=True)
            report(progress)
            quiet_since = time.monotonic()


def _tell(outcome: "Outcome", photos: int, generation: int, *, as_json: bool) -> None:
    if as_json:
        fields = asdict(outcome) | {"photos": photos, "index_generation": generation}
        fields["unreadable"] = [{"file": shown_path(path), "reason": why} for path, why in outcome.unreadable]
        fields["absent_folders"] = [shown_path(path) for path in outcome.absent_folders]
        fields["unreadable_folders"] = [shown_path(path) for path in outcome.unreadable_folders]
        fields["seconds"] = round(outcome.seconds, 2)
        click.echo(json.dumps(fields, ensure_ascii=False))
        return
    # Of a few photos it would tell of nothing but the start.
    tells_rate = outcome.added >= _FEWEST_FOR_A_RATE and outcome.seconds > 0
    rate = f", {outcome.added / outcome.seconds:.0f} a second" if tells_rate else ""
    console.print(
        f"{counted(photos, 'photo')} in the index (generation {generation}): {outcome.added:,} looked at{rate}, "
        f"{counted(outcome.unchanged, 'file')} unchanged, {outcome.gone:,} gone.",
        highlight=False,
    )
    for folder in outcome.absent_folders:
        complaints.print(f"Not there now, kept as it was: {shown_path(folder)}", markup=False, highlight=False)
    for folder in outcome.unreadable_folders[:_MOST_NAMED]:
        complaints.print(f"May not be read, kept as it was: {shown_path(folder)}", markup=False, highlight=False)
    if outcome.left_out:
        console.print(f"Left out: {counted(outcome.left_out, 'picture')} of less than 128 pixels a side.")
    if outcome.skipped_videos:
        console.print(f"Skipped: {counted(outcome.skipped_videos, 'video')}; only pictures are looked for as yet.")
    if outcome.unreadable:
        complaints.print(f"{counted(len(outcome.unreadable), 'file')} could not be read:", highlight=False)
    for path, why in outcome.unreadable[:_MOST_NAMED]:
        complaints.print(f"  {shown_path(path)}: {why}", markup=False, highlight=False)
    if len(outcome.unreadable) > _MOST_NAMED:
        complaints.print(f"  and {len(outcome.unreadable) - _MOST_NAMED:,} more; --json lists them all")


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, so that the work done is written before the end."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
