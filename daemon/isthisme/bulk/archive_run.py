"""Many archives, each a piece of work of its own: what was done is not done again, what was lost is."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from distributed import Reschedule

from isthisme.bulk.archive_files import ArchiveFile
from isthisme.bulk.archive_scanning import Counts, PageReader, scan_archive
from isthisme.bulk.findings import Checkpoint, FindingsFolder, Trouble, checkpoint_name
from isthisme.bulk.sandboxes import sandboxes_here
from isthisme.bulk.watched import Watched
from isthisme.errors import DiskFull, IsThisMeError, SourceUnreadable
from isthisme.scanning.found import Unread
from isthisme.workers import WorkerEngine


class WatchList(Protocol):
    """Whose photos are looked for. It is sent to each machine, and opened there once for each process."""

    def __hash__(self) -> int: ...

    def open(self, engine: WorkerEngine) -> AbstractContextManager[Watched]: ...


@dataclass(frozen=True, slots=True)
class ArchiveTask:
    """What a machine of a cluster does with an archive. Done twice it leaves the same files."""

    findings: str  # the address of their folder
    watch_list: WatchList
    mark: str  # is another one when other photos are looked for

    def __call__(self, archive: ArchiveFile) -> str:
        """The name of the archive's checkpoint. Raises what `scan_archive` raises."""
        here = sandboxes_here()

        def check() -> None:
            if here.is_closing:  # what failed may have failed for that: another machine gets the archive
                raise Reschedule

        try:
            watched = here.kept((self.watch_list, self.mark), lambda: self.watch_list.open(here.engine))
            return keep_findings(
                archive, watched, here.engine, FindingsFolder(self.findings), self.mark, before_finish=check
            )
        except IsThisMeError:
            check()
            raise


def name_model(_nothing: None) -> str | None:
    """That describes pictures on this machine of a cluster. Raises ModelUnusable."""
    return sandboxes_here().engine.model()


def keep_findings(
    archive: ArchiveFile,
    watched: Watched,
    reader: PageReader,
    folder: FindingsFolder,
    mark: str,
    *,
    before_finish: Callable[[], None] = lambda: None,
) -> str:
    """Scans an archive and keeps what it finds; the name of the checkpoint. What `before_finish` raises ends it before.

    Where the archive cannot be read to its end the checkpoint says so, and the next run tries it again.
    """
    counts, keeping, is_whole = Counts(), folder.keep(archive, mark), True
    try:
        for told in scan_archive(archive, watched, reader, counts):
            keeping.add(told)
    except SourceUnreadable as error:
        keeping.add(Trouble(archive.address, archive.address, error.code, str(error)))
        is_whole = False
    before_finish()
    return keeping.finish(counts.pictures, counts.icons, is_whole=is_whole)


@dataclass(frozen=True, slots=True)
class Scanned:
    checkpoint: Checkpoint
    was_done: bool  # by a run before


type Each = Callable[
    [Callable[[ArchiveFile], str], Iterable[ArchiveFile]], Iterator[tuple[ArchiveFile, str | IsThisMeError]]
]


def scan_archives(
    found: Iterable[ArchiveFile | Unread], task: ArchiveTask, folder: FindingsFolder, each: Each
) -> Iterator[Scanned | Trouble]:
    """What became of each archive, as it is known; of one that was scanned before what was kept then.

    `each` carries out the task for many archives, as `Cluster.each` does; they are listed as they are needed.
    """
    known, told, unlisted = folder.names(), deque[Scanned | Trouble](), list[Trouble]()

    def left() -> Iterator[ArchiveFile]:
        for archive in found:
            if isinstance(archive, Unread):
                trouble = Trouble(archive.address, archive.address, archive.code, archive.words)
                told.append(trouble)
                unlisted.append(trouble)
                continue
            name = checkpoint_name(archive, task.mark)
            before = folder.checkpoint(name) if name in known else None
            if before is not None and before.is_whole:
                told.append(Scanned(before, was_done=True))
            else:
                yield archive

    for archive, outcome in each(task, left()):
        while told:
            yield told.popleft()
        checkpoint = None if isinstance(outcome, IsThisMeError) else folder.checkpoint(outcome)
        if checkpoint is not None:
            yield Scanned(checkpoint, was_done=False)
        else:
            code, words = _why(outcome)
            trouble = Trouble(archive.address, archive.address, code, words)
            unlisted.append(trouble)
            yield trouble
    yield from told
    if unlisted:
        with suppress(DiskFull):  # all of it was told
            folder.keep_unlisted(unlisted)


def _why(outcome: str | IsThisMeError) -> tuple[str, str]:
    if isinstance(outcome, IsThisMeError):
        return outcome.code, str(outcome)
    return SourceUnreadable.code, f"its findings ({outcome}) cannot be read; it is scanned again by the next run"
