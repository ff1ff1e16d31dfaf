"""`isthisme ingest`: describe photos in bulk, on many machines, onto a shelf."""

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from isthisme.cli.output import complaints, console, counted, json_option, printable
from isthisme.cli.progress import span
from isthisme.errors import EnvironmentFault, IsThisMeError, UsageError
from isthisme.names import checked_name
from isthisme.scale_extra import IS_INSTALLED, scale_extra

if TYPE_CHECKING:
    from isthisme.bulk.ingesting import Outcome
    from isthisme.bulk.progress import Meter, Progress
    from isthisme.bulk.pushing import Pusher
    from isthisme.bulk.shelf import Generation
    from isthisme.config import Settings

_MOST_NAMED = 20
_BETWEEN_SECONDS = 0.5


@click.command(hidden=not IS_INSTALLED)
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option("--owner", required=True, help="Whose photos these are: a short name of a-z, 0-9, '.', '_' and '-'.")
@click.option("--shelf", required=True, metavar="URL", help="The folder or bucket that descriptions are kept in.")
@click.option(
    "--on", default="local", show_default=True, metavar="ADDRESS", help="local, or a scheduler: tls://HOST:8786."
)
@click.option("--workers", type=click.IntRange(1, 256), help="With --on local; as many as cores.")
@click.option("--index", metavar="milvus+URL", help="Bring them into this index on a server, too.")
@click.option("--hourly-price", type=click.FloatRange(0), help="Of one worker, to show what the run costs.")
@click.option("--again", is_flag=True, help="Also try once more what failed for reasons that may have passed.")
@click.option("--trust-network", is_flag=True, help="Allow tcp:// to another computer: nobody else is on that network.")
@json_option
def ingest(
    urls: tuple[str, ...],
    *,
    owner: str,
    shelf: str,
    on: str,
    workers: int | None,
    index: str | None,
    hourly_price: float | None,
    again: bool,
    trust_network: bool,
    as_json: bool,
) -> None:
    """Describes photos in bulk and keeps the descriptions on a shelf, for agencies and archives.

    A URL is a folder, a bucket's prefix (s3://…), a pattern, a zip or tar archive (WebDataset), or a Parquet file with
    a column of addresses. Each content is described once. A run that was stopped goes on where it was when the same
    command is given again. Keys of buckets come from their own settings, never from here.

    Exit codes: 0 all is on the shelf, 1 some could not be read, 2 not done: the message says why.
    """
    with scale_extra():
        from isthisme.bulk.cluster import open_cluster
        from isthisme.bulk.describing import name_model
        from isthisme.bulk.ingesting import Ingest, Outcome
        from isthisme.bulk.joining import join_parts
        from isthisme.bulk.progress import Forecast, Meter
        from isthisme.bulk.shelf import generation_for
        from isthisme.bulk.sole_writer import sole_writer
    from isthisme.config import Paths, find_home, read_settings

    checked_name(owner)
    _refuse_shelf_among(urls, shelf)
    settings = read_settings(Paths(find_home()).settings)
    count = workers or os.cpu_count() or 1
    with (
        sole_writer(shelf, owner, complaints.print) as check,
        open_cluster(on, settings.model, workers=count, trusts_network=trust_network) as cluster,
    ):
        outcome = Outcome(report=check)
        (found,) = (result for _, result in cluster.each(name_model, [0]))
        if isinstance(found, IsThisMeError):
            raise found
        generation = generation_for(shelf, owner, found)
        pusher = _pusher(generation, index, settings)
        meter = Meter(outcome, Forecast(urls), lambda: cluster.workers, hourly_price=hourly_price)
        try:
            with _progress(meter, is_shown=sys.stderr.isatty() and not as_json), _pushing(pusher, outcome):
                Ingest(cluster, generation, outcome).run(urls, again=again)
            join_parts(generation, cluster.each)
        finally:
            _tell(outcome, generation, meter.progress(), pusher, as_json=as_json)
    if next(generation.errors(), None) is not None:
        raise click.exceptions.Exit(1)


def _refuse_shelf_among(urls: Sequence[str], shelf: str) -> None:
    """There its own parts would be taken for what is to be described. Raises UsageError."""
    from isthisme.bulk.stores import open_store

    shelf_store, shelf_path = open_store(shelf)
    for url in urls:
        store, path = open_store(url)
        if store.protocol == shelf_store.protocol and f"{shelf_path}/".startswith(f"{path.rstrip('/')}/"):
            raise UsageError(f"the shelf lies in {printable(url)}, whose files are to be described; put it elsewhere")


def _pusher(generation: "Generation", index: str | None, settings: "Settings") -> "Pusher | None":
    """With the token and certificates that the settings name. Raises UsageError for what is no server's address."""
    if index is None:
        return None
    from isthisme.bulk.pushing import Pusher
    from isthisme.index_choice import chosen_photos

    photos = chosen_photos(replace(settings, index=index))
    return Pusher(generation, str(photos.server.address), photos)


@contextmanager
def _pushing(pusher: "Pusher | None", outcome: "Outcome") -> Iterator[None]:
    """Parts go into the index as they are written; in the end it has all, or a row of errors says why not."""
    if pusher is not None:
        outcome.written = pusher.add
    yield  # what ends the run early ends this with it: the next run brings what is missing
    if pusher is not None:
        pusher.finish()


@contextmanager
def _progress(meter: "Meter", *, is_shown: bool) -> Iterator[None]:
    """A bar on standard error, drawn by a thread of its own: the run waits for others most of the time."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}")
    with Bar(*columns, console=complaints, disable=not is_shown, transient=True) as bar:
        line = bar.add_task("Describing", total=None, counts="")
        ended = threading.Event()

        def show() -> None:
            while not ended.wait(_BETWEEN_SECONDS):
                progress = meter.progress()
                bar.update(line, total=progress.total, completed=progress.done, counts=_words(progress))

        thread = threading.Thread(target=show, daemon=True)
        if is_shown:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            if is_shown:
                thread.join()


def _words(progress: "Progress") -> str:
    of = "" if progress.total is None else f" of about {progress.total:,}"
    parts = [f"{progress.done:,}{of} photos"]
    if progress.rate > 0:
        parts.append(f"{progress.rate:.0f} photos/s" if progress.rate >= 10 else f"{progress.rate:.2g} photos/s")
    if progress.seconds_left is not None:
        parts.append(f"{span(progress.seconds_left)} left")
    parts.append(_cost(progress))
    if progress.errors:
        parts.append(f"{progress.errors:,} could not be read")
    return ", ".join(parts)


def _cost(progress: "Progress") -> str:
    words = f"{progress.processor_seconds:,.0f} processor seconds"
    if progress.cost is not None:
        words += f", cost {progress.cost:,.2f}"
    if progress.cost_in_all is not None:
        words += f" of {progress.cost_in_all:,.2f}"
    return words


def _tell(
    outcome: "Outcome", generation: "Generation", progress: "Progress", pusher: "Pusher | None", *, as_json: bool
) -> None:
    """What came of it, and the table of errors: with those of earlier runs, as it lies on the shelf."""
    pushed = None if pusher is None else pusher.pushed
    try:
        errors = [unread for _, unread in generation.errors()]
    except EnvironmentFault:  # the shelf is what failed, and that is told already
        errors = []
    if as_json:
        counts = {name: getattr(outcome, name) for name in ("described", "known", "left_out", "unread")}
        fields = counts | {"earlier": outcome.members_before, "indexed": pushed, "generation": generation.number}
        fields |= {"model": generation.model, "processor_seconds": round(progress.processor_seconds, 2)}
        click.echo(json.dumps(fields | {"cost": progress.cost, "errors": len(errors)}))
        for each in errors:
            click.echo(json.dumps(asdict(each), ensure_ascii=False))
        return
    if errors:
        table = Table("what", "address", "why")
        for each in errors[:_MOST_NAMED]:
            table.add_row(*(Text(printable(text)) for text in (each.code, each.address, each.words)))
        complaints.print(table)
        if len(errors) > _MOST_NAMED:
            complaints.print(f"and {len(errors) - _MOST_NAMED:,} more; --json lists them all")
    console.print(
        f"{counted(outcome.described, 'photo')} described, {outcome.known:,} known already, {outcome.left_out:,} icons "
        f"left out, {outcome.unread:,} could not be read; {outcome.members_before:,} done before. {_cost(progress)}.",
        highlight=False,
    )
    if pushed is not None:
        console.print(f"{counted(pushed, 'photo')} brought into the index.", highlight=False)
