"""`isthisme scan --on`: web archives in bulk, on this computer or on a cluster."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import click
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from isthisme.answer_note import AnswerNote
from isthisme.bulk.archive_files import find_archives
from isthisme.bulk.archive_run import ArchiveTask, Scanned, WatchList, name_model, scan_archives
from isthisme.bulk.cluster import LOCAL, Cluster, open_cluster
from isthisme.bulk.findings import Finding, FindingsFolder, Trouble
from isthisme.bulk.served_search import served
from isthisme.bulk.shelf_search import photos_on
from isthisme.cli.archives.home_search import HomePhotos, mark_of, note_of, sighting_keeper
from isthisme.cli.archives.index_server import IndexServer
from isthisme.cli.check import note_fields
from isthisme.cli.output import complaints, console, counted, printable
from isthisme.domain import Verdict
from isthisme.errors import IsThisMeError, SourceUnreadable, UsageError
from isthisme.index.milvus_address import MilvusAddress
from isthisme.wiring import Home, open_home

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says."""

    targets: Sequence[str]
    on: str
    shelf: str | None
    owners: Sequence[str]
    index: str | None
    findings: str | None
    trusts_network: bool
    deep: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Search:
    """For whom is looked, and where what is found goes."""

    watch_list: WatchList
    mark: str
    folder: FindingsFolder
    keep: Callable[[Finding], tuple[int | None, AnswerNote]]
    is_kept_elsewhere: bool  # then the folder needs to hold no findings


@dataclass(slots=True)
class _Outcome:
    """What came of it so far."""

    archives: int = 0
    done_before: int = 0  # of the archives
    pictures: int = 0
    icons: int = 0
    findings: int = 0
    troubles: int = 0
    first_findings: list[tuple[Finding, AnswerNote, int | None]] = field(default_factory=list)
    first_troubles: list[Trouble] = field(default_factory=list)
    at: str = ""


def scan_in_bulk(wanted: Wanted, open_cluster: Callable[..., AbstractContextManager[Cluster]] = open_cluster) -> None:
    """Raises UsageError, ClusterLost where the cluster is gone, and Exit as `isthisme scan` does."""
    outcome = _Outcome()
    _check(wanted)
    with open_home() as home:
        settings = home.settings
        with (
            open_cluster(
                wanted.on, settings.model, workers=settings.worker_count, trusts_network=wanted.trusts_network
            ) as cluster,
            _search(home, cluster, wanted) as search,
        ):
            task = ArchiveTask(search.folder.url, search.watch_list, search.mark)
            try:
                with _progress(outcome) as report:
                    for each in scan_archives(find_archives(wanted.targets), task, search.folder, cluster.each):
                        _take(each, search, outcome, as_json=wanted.as_json)
                        report()
            finally:  # also of what was found before it was stopped
                _print(outcome, search, as_json=wanted.as_json)
    if outcome.troubles:
        raise click.exceptions.Exit(1 if outcome.archives else 2)


def _check(wanted: Wanted) -> None:
    """Raises UsageError for what does not go together."""
    if wanted.owners and wanted.shelf is None:
        raise UsageError("--owner names an owner of a shelf; name the shelf as well, with --shelf")
    if wanted.shelf is None and wanted.on != LOCAL:
        raise UsageError(
            "your own photos stay on this computer: use '--on local'; for a cluster put photos on a shelf with "
            "'isthisme ingest', and name it with --shelf"
        )
    if wanted.index is not None:
        if wanted.shelf is None:
            raise UsageError("--index asks a server for the photos of a shelf; name the shelf as well, with --shelf")
        MilvusAddress.parse(wanted.index)


@contextmanager
def _search(home: Home, cluster: Cluster, wanted: Wanted) -> Iterator[_Search]:
    """Raises UsageError and ShelfUnusable."""
    if wanted.shelf is not None:
        photos = photos_on(wanted.shelf, wanted.owners, _model(cluster), deep=wanted.deep)
        watch_list = photos if wanted.index is None else served(photos, IndexServer(wanted.index))
        folder = FindingsFolder(wanted.findings or f"{wanted.shelf.rstrip('/')}/.findings")
        yield _Search(watch_list, photos.mark, folder, lambda told: (None, note_of(told)), is_kept_elsewhere=False)
        return
    with sighting_keeper(home) as keeper:
        yield _Search(
            HomePhotos(deep=wanted.deep),
            mark_of(home, deep=wanted.deep),
            FindingsFolder(wanted.findings or str(home.paths.archives)),
            keeper.keep,
            is_kept_elsewhere=True,
        )


def _model(cluster: Cluster) -> str | None:
    """That describes pictures on its machines. Raises ModelUnusable."""
    ((_, model),) = cluster.each(name_model, [None])
    if isinstance(model, IsThisMeError):
        raise model
    return model


def _take(each: Scanned | Trouble, search: _Search, outcome: _Outcome, *, as_json: bool) -> None:
    if isinstance(each, Trouble):
        outcome.at = each.archive
        _tell_trouble(each, outcome, as_json=as_json)
        return
    checkpoint = each.checkpoint
    outcome.at = checkpoint.archive
    outcome.archives += 1
    outcome.done_before += each.was_done
    outcome.pictures += checkpoint.pictures
    outcome.icons += checkpoint.icons
    try:
        for told in search.folder.told(checkpoint):
            if isinstance(told, Trouble):
                _tell_trouble(told, outcome, as_json=as_json)
            else:
                _tell_finding(told, search, outcome, as_json=as_json)
    except SourceUnreadable as error:
        _tell_trouble(Trouble(checkpoint.archive, checkpoint.archive, error.code, str(error)), outcome, as_json=as_json)
        return
    if search.is_kept_elsewhere:
        search.folder.empty(checkpoint)


def _tell_trouble(told: Trouble, outcome: _Outcome, *, as_json: bool) -> None:
    outcome.troubles += 1
    if len(outcome.first_troubles) < _MOST_NAMED:
        outcome.first_troubles.append(told)
    if as_json:
        _tell_in_json(trouble_line(told))


def _tell_finding(told: Finding, search: _Search, outcome: _Outcome, *, as_json: bool) -> None:
    sighting_id, note = search.keep(told)
    if not Verdict(note.verdict).is_match:
        return  # the user said so
    outcome.findings += 1
    if len(outcome.first_findings) < _MOST_NAMED:
        outcome.first_findings.append((told, note, sighting_id))
    if as_json:
        _tell_in_json(finding_line(told, note, sighting_id))


def _tell_in_json(line: dict[str, Any]) -> None:
    click.echo(json.dumps(line, ensure_ascii=False))


def finding_line(told: Finding, note: AnswerNote, sighting_id: int | None) -> dict[str, Any]:
    """The contract of `scan --json`, with what an archive adds to it. It grows, and nothing in it changes or goes."""
    address = told.picture_address
    return {
        "page_address": told.page_address,
        "picture_address": address[:100] + "…" if address.startswith("data:") else address,
        "sighting_id": sighting_id,
        **note_fields(note),
        "owner": told.owner or None,
        "page_title": told.page_title,
        "picture_sha256": told.picture_hash.hex(),
        "archive": told.archive,
        **_record_fields(told),
    }


def trouble_line(told: Trouble) -> dict[str, Any]:
    return {
        "page_address": None,
        "picture_address": told.address,
        "sighting_id": None,
        "verdict": "undecided",
        "score": 0.0,
        "matches": [],
        "reason": told.words,
        "reason_code": told.code,
        "archive": told.archive,
        **_record_fields(told),
    }


def _record_fields(told: Finding | Trouble) -> dict[str, Any]:
    record = told.record
    if record is None:
        return {"record": None}
    return {
        "record": {
            "archive": record.archive,
            "id": record.record_id,
            "date": record.recorded,
            "payload_digest": record.digest,
            "offset": record.offset,
            "length": record.length,
        }
    }


def _print(outcome: _Outcome, search: _Search, *, as_json: bool) -> None:
    for trouble in outcome.first_troubles:
        complaints.print(Text(f"{printable(trouble.address)}: {printable(trouble.words)}"))
    if outcome.troubles > len(outcome.first_troubles):
        complaints.print(f"and {outcome.troubles - len(outcome.first_troubles):,} more that could not be looked at")
    looked = f"{counted(outcome.pictures, 'picture')} in {counted(outcome.archives, 'archive')}"
    icons = f", {counted(outcome.icons, 'icon')} among them" if outcome.icons else ""
    if outcome.done_before:
        done = counted(outcome.done_before, "archive")
        where = "; what they held is among your sightings" if search.is_kept_elsewhere else ""
        complaints.print(f"{done} had been scanned before{where}")
    if as_json:
        complaints.print(f"Looked at {looked}{icons}; {outcome.findings:,} found.")
        return
    if outcome.first_findings:
        table = Table("#", "owner", "verdict", "page", "picture", "photo", "archive")
        for found, note, number in outcome.first_findings:
            photo = note.matches[0].photo if note.matches else ""
            texts = (found.page_address, found.picture_address, photo, found.archive)
            verdict = note.verdict.replace("_", " ")
            table.add_row(str(number or ""), found.owner, verdict, *(Text(printable(each)) for each in texts))
        console.print(table)
    if outcome.findings > len(outcome.first_findings):
        console.print(f"and {outcome.findings - len(outcome.first_findings):,} more", highlight=False)
    console.print(f"Looked at {looked}{icons}: {outcome.findings:,} found.", highlight=False)
    if not search.is_kept_elsewhere:
        console.print(Text(f"Findings and errors lie in {printable(search.folder.url)}."))


@contextmanager
def _progress(outcome: _Outcome) -> Iterator[Callable[[], None]]:
    """Archives and pictures so far and the rate, on standard error while that is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=complaints, disable=not complaints.is_terminal, transient=True) as bar:
        line = bar.add_task("Scanning", total=None, counts="")

        def report() -> None:
            elapsed = max(1.0, bar.tasks[0].elapsed or 1.0)
            words = f"{counted(outcome.archives, 'archive')}, {counted(outcome.pictures, 'picture')} "
            words += f"({outcome.pictures / elapsed:.0f}/s), {outcome.findings:,} found, {outcome.troubles:,} errors"
            bar.update(line, description=escape(printable(outcome.at)[-50:]), counts=words)

        yield report
