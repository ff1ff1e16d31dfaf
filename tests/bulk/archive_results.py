"""What scans of archives told, to be compared."""

from collections.abc import Callable, Iterator

from isthisme.bulk.archive_files import ArchiveFile
from isthisme.bulk.archive_run import Scanned
from isthisme.bulk.findings import Finding, FindingsFolder, Trouble
from isthisme.errors import IsThisMeError

type Told = dict[str, list[Finding | Trouble]]


def told_of(folder: FindingsFolder, results: Iterator[Scanned | Trouble]) -> Told:
    """By archive: what is kept of those that were scanned, and the trouble of the others."""
    return {
        each.archive if isinstance(each, Trouble) else each.checkpoint.archive: [each]
        if isinstance(each, Trouble)
        else list(folder.told(each.checkpoint))
        for each in results
    }


def never(
    _task: Callable[[ArchiveFile], str], archives: Iterator[ArchiveFile]
) -> Iterator[tuple[ArchiveFile, str | IsThisMeError]]:
    for archive in archives:
        raise AssertionError(f"{archive} was to be scanned again")
    yield from ()
