"""The photos of this home, looked for in archives: on this computer alone, and what is found becomes a sighting."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from isthisme.answer_note import AnswerNote, photo_is_there, shown_path
from isthisme.bulk.findings import Finding
from isthisme.bulk.watched import Watched, WatchedPhoto
from isthisme.errors import UsageError
from isthisme.live_index import LiveIndex
from isthisme.matcher import Matcher
from isthisme.scanning.found import FoundPicture
from isthisme.scanning.judging import Judge
from isthisme.wiring import Home, open_home
from isthisme.workers import Priority, WorkerEngine, WorkerPool


@dataclass(frozen=True, slots=True)
class HomePhotos:
    """For each process that scans: it opens the same home folder."""

    deep: bool

    @contextmanager
    def open(self, engine: WorkerEngine) -> Iterator[Watched]:
        with open_home() as home:
            photos = home.catalog.photos

            def photos_of(photo_id: int) -> list[WatchedPhoto]:
                path = photos.path_of(photo_id)
                return [WatchedPhoto("", shown_path(path), photo_id, photo_is_there(path))]

            live_index = LiveIndex(home.catalog, engine.model, home.index_files)
            yield Watched(Matcher(engine, photos, live_index), photos_of, deep=self.deep)


def mark_of(home: Home, *, deep: bool) -> str:
    """Is another one when other photos are indexed. Raises UsageError where none is."""
    mark = home.catalog.generations.mark()
    if not mark.newest_description:
        raise UsageError("no photos of yours are indexed yet; 'isthisme setup' or 'isthisme index' does that")
    return hashlib.sha256(f"{mark} {deep}".encode()).hexdigest()[:16]


class SightingKeeper:
    """Puts findings into the catalog."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def keep(self, finding: Finding) -> tuple[int | None, AnswerNote]:
        """The sighting's number, and what it is of; no number where the user said that it is not them."""
        note = note_of(finding)
        found = FoundPicture(
            finding.picture,
            finding.page_address,
            finding.picture_address,
            finding.exchange,
            finding.page_title,
            finding.words,
        )
        kept = self._judge.keep(found, note, finding.picture_hash)
        return kept.sighting_id, kept.note


@contextmanager
def sighting_keeper(home: Home) -> Iterator[SightingKeeper]:
    with closing(WorkerPool(home.settings.model, 1)) as pool:  # starts with the first sighting
        engine = WorkerEngine(pool, Priority.ASKED)
        live_index = LiveIndex(home.catalog, engine.model, home.index_files)
        matcher = Matcher(engine, home.catalog.photos, live_index)
        yield SightingKeeper(Judge(home.catalog, matcher, engine, live_index.mark, deep=False))


def note_of(finding: Finding) -> AnswerNote:
    return AnswerNote(
        finding.verdict, finding.score, None, finding.matches, finding.width, finding.height, index_generation=0
    )
