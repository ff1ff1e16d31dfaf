"""Keeps the catalog and its index generations in step with the folders. May be killed anywhere and run again."""

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Literal, Protocol

from isthisme.catalog import Catalog
from isthisme.catalog.facts import Progress
from isthisme.catalog.folders import FolderNotes, Root
from isthisme.catalog.generations import Generation
from isthisme.catalog.photos import FileState
from isthisme.domain import PhotoDescription
from isthisme.errors import UnreadableImage
from isthisme.indexing.differences import Comparison, Difference, Unwanted
from isthisme.indexing.exclusions import DEFAULT_PATTERNS, Exclusions
from isthisme.indexing.photo_archives import ArchiveReader
from isthisme.indexing.photo_files import PictureFile, as_prefix, is_inside
from isthisme.indexing.photo_tasks import LARGEST_FILE, NEVER_SEEN, Flight, Task, beginning_of, read_file
from isthisme.indexing.progress_meter import ProgressMeter
from isthisme.indexing.restraint import Restraint, Turns

_BATCH = 64  # photos written in one transaction
_GONE_BATCH = 1_000  # places dropped in one
_BATCH_SECONDS = 0.5
_MOST_HELD = 10_000  # differences held in memory; where there are more, the folders are looked through once more


type _Look = Callable[[Comparison], Iterator[Difference]]


class PhotoDescriber(Protocol):
    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        """The description to come, or the error of the engine."""
        ...


@dataclass(slots=True)
class Outcome:
    """What a run did."""

    added: int = 0  # files read and understood
    unchanged: int = 0
    gone: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    absent_folders: list[Path] = field(default_factory=list)
    unreadable_folders: list[Path] = field(default_factory=list)
    left_out: int = 0  # files too small to be looked for, of all that are known
    skipped_videos: int = 0
    seconds: float = 0.0
    was_interrupted: bool = False


class _Interrupted(Exception):
    """Somebody asked to stop."""


class Indexer:
    """Not for two threads at once; hold `indexing_lock` around its methods."""

    def __init__(
        self,
        catalog: Catalog,
        describer: PhotoDescriber,
        *,
        model: str | None,
        under_way: int,
        report: Callable[[Progress], None] = lambda _progress: None,
        stop: threading.Event | None = None,
        most_held: int = _MOST_HELD,
        restraint: Restraint | None = None,
        rest: Callable[[float], bool] | None = None,
    ) -> None:
        self._catalog = catalog
        self._describer = describer
        self._model = model
        self._under_way = under_way  # photos given to the describer at once
        self._report = report
        self._stop = stop or threading.Event()
        self._most_held = most_held
        self._restraint = restraint  # None: at full speed
        self._rest = rest  # waits so many seconds; whether something else is to be done first
        self._turns: Turns | None = None
        self._archives: list[bytes] = []
        self._archive_reader = ArchiveReader()
        self._notes: dict[int, FolderNotes] = {}  # to be kept when all is done
        self._meter = ProgressMeter("indexing", self._publish)

    def refresh(self) -> Outcome:
        """Finds new, changed and removed files. Goes on with an interrupted rebuild; begins one for another model."""
        current = self._catalog.generations.start_first(self._model)
        building = self._catalog.generations.building()
        if building is not None or current.model != self._model:
            return self.rebuild()

        def work(outcome: Outcome) -> None:
            self._bring_in([current], outcome, Comparison.everywhere, lacking=self._lacking(current))
            self._finish(outcome)

        return self._run("indexing", work)

    def look_at(self, paths: Sequence[bytes], moves: Sequence[tuple[bytes, bytes]] = ()) -> Outcome:
        """Looks at these files and folders alone. `moves` are files and folders that have other paths now, from and
        to, in the order in which they moved: they are not read again."""
        current = self._catalog.generations.start_first(self._model)
        if self._catalog.generations.building() is not None or current.model != self._model:
            return self.rebuild()

        def work(outcome: Outcome) -> None:
            for source, target in moves:
                self._follow(source, target)
            self._bring_in([current], outcome, lambda comparison: comparison.at(paths), lacking=list)

        return self._run("indexing", work)

    def rebuild(self) -> Outcome:
        """Describes every photo anew in a generation beside the current one, then switches to it."""
        current = self._catalog.generations.start_first(self._model)
        building = self._catalog.generations.start_building(self._model)
        targets = [building] if current.model != self._model else [building, current]

        def work(outcome: Outcome) -> None:
            self._bring_in(
                targets, outcome, Comparison.everywhere, lacking=self._lacking(building), gives_second_chances=True
            )
            self._meter.switch()
            self._catalog.generations.switch_to(building)
            self._finish(outcome)

        return self._run("rebuilding", work)

    def _run(self, task: Literal["indexing", "rebuilding"], work: Callable[[Outcome], None]) -> Outcome:
        started = time.monotonic()
        outcome = Outcome()
        self._meter = ProgressMeter(task, self._publish)
        if self._restraint is not None:
            self._turns = self._restraint.turns(self._meter, self._stop, self._rest)
        self._archives = [root.path for root in self._catalog.folders.roots() if root.is_archive]
        try:
            work(outcome)
        except _Interrupted:
            outcome.was_interrupted = True
        finally:
            self._archive_reader.close()
            self._catalog.facts.put_progress(None)
        outcome.seconds = time.monotonic() - started
        return outcome

    def _finish(self, outcome: Outcome) -> None:
        """All is done, everywhere."""
        outcome.unreadable = self._catalog.photos.troubles()
        outcome.left_out = self._catalog.photos.left_out()
        outcome.skipped_videos = sum(notes.videos for notes in self._notes.values())
        for folder_id, notes in self._notes.items():
            self._catalog.folders.put_notes(folder_id, notes)
        if self._restraint is not None:
            self._restraint.finish()

    def _publish(self, progress: Progress) -> None:
        self._catalog.facts.put_progress(progress)
        self._report(progress)

    def _bring_in(
        self,
        targets: list[Generation],
        outcome: Outcome,
        look: _Look,
        *,
        lacking: Callable[[], list[int]],
        gives_second_chances: bool = False,
    ) -> None:
        """Describes what is new where `look` looks, and the photos `lacking` in the first target, until nothing is
        left for later.

        With second chances unreadable files are tried again, too: the fault may have been ours or the machine's.
        """
        while self._bring_in_what_may(
            targets, outcome, look, lacking=lacking(), gives_second_chances=gives_second_chances
        ):
            if self._turns is None or not self._turns.come_again():
                raise _Interrupted

    def _bring_in_what_may(
        self,
        targets: list[Generation],
        outcome: Outcome,
        look: _Look,
        *,
        lacking: list[int],
        gives_second_chances: bool,
    ) -> int:
        """Does it once; how many photos had to be left for later."""
        first = self._comparison(self._looked, gives_second_chances=gives_second_chances)
        found = look(first)
        held = list(islice(found, self._most_held + 1))
        holds_all = len(held) <= self._most_held
        changed = sum(isinstance(each, PictureFile) for each in chain(held, found))
        outcome.unchanged, outcome.absent_folders = first.unchanged, first.absent_folders
        outcome.unreadable_folders = [Path(os.fsdecode(folder)) for folder in first.unreadable_folders]
        self._notes = first.notes
        self._meter.begin(changed + len(lacking))
        if self._turns is not None:
            self._turns.begin(changed + len(lacking))
        again = self._comparison(lambda _files: self._check_stop(), gives_second_chances=gives_second_chances)
        differences = iter(held) if holds_all else look(again)
        # Known photos of a new generation come last: by then the files that changed have gone into every target.
        left = self._describe(self._tasks(differences, outcome), targets, outcome)
        left += self._describe(self._lacking_tasks(lacking, targets[0]), targets, outcome)
        self._meter.finish()
        return left

    def _lacking(self, target: Generation) -> Callable[[], list[int]]:
        return lambda: self._catalog.generations.undescribed(target)

    def _follow(self, source: bytes, target: bytes) -> None:
        for root in self._catalog.folders.roots():
            relative = target[len(as_prefix(root.path)) :]
            if is_inside(target, root.path) and not self._exclusions().cover(relative + b"/"):  # in the trash: deleted
                self._catalog.photos.move_places(source, target, root.folder_id)
                return

    def _comparison(self, looked: Callable[[int], None], *, gives_second_chances: bool) -> Comparison:
        return Comparison(self._catalog, self._exclusions(), looked, gives_second_chances=gives_second_chances)

    def _exclusions(self) -> Exclusions:
        return Exclusions(self._catalog.excluded.patterns(DEFAULT_PATTERNS))

    def _tasks(self, differences: Iterable[Difference], outcome: Outcome) -> "Iterator[Task]":
        """A task for each file that is new or changed. Places whose files are gone are dropped on the way."""
        gone: list[bytes] = []
        unwanted: list[bytes] = []
        for each in differences:
            if isinstance(each, PictureFile):
                yield Task(each.path, each, None)
                continue
            (unwanted if isinstance(each, Unwanted) else gone).append(each.path)
            if len(gone) + len(unwanted) >= _GONE_BATCH:
                self._drop(gone, unwanted, outcome)
        self._drop(gone, unwanted, outcome)

    def _drop(self, gone: list[bytes], unwanted: list[bytes], outcome: Outcome) -> None:
        self._catalog.photos.drop_places(gone)
        self._catalog.photos.drop_excluded(unwanted)
        outcome.gone += len(gone) + len(unwanted)
        gone.clear()
        unwanted.clear()

    def _lacking_tasks(self, photo_ids: Iterable[int], target: Generation) -> "Iterator[Task]":
        """A task for each photo that a generation lacks: it is read again from its file."""
        for photo_id in photo_ids:
            if self._catalog.generations.has(target, photo_id):  # its file had changed, and was read just now
                self._meter.count(is_unreadable=False)
            else:
                yield Task(os.fsencode(self._catalog.photos.path_of(photo_id) or b""), None, photo_id)

    def _describe(self, tasks: Iterable[Task], targets: list[Generation], outcome: Outcome) -> int:
        """How many photos had to be left for later."""
        flying: deque[Flight] = deque()
        landed: list[Flight] = []
        written = time.monotonic()
        left = 0

        def settle() -> None:
            landed.extend(flight.landed() for flight in flying)
            flying.clear()
            if landed:
                self._write(landed, targets, outcome)

        try:
            for task in tasks:
                self._check_stop()
                if self._turns is not None and not self._turns.comes(task.key, settle):
                    left += 1
                    continue
                flying.append(self._take_off(task, targets))
                while len(flying) >= self._under_way or (flying and flying[0].is_done):
                    landed.append(flying.popleft().landed())
                if len(landed) >= _BATCH or time.monotonic() - written >= _BATCH_SECONDS:
                    self._write(landed, targets, outcome)
                    written = time.monotonic()
        finally:
            settle()  # also when interrupted: the work that is done is kept
        return left

    def _take_off(self, task: Task, targets: list[Generation]) -> Flight:
        try:
            data, state = self._read(task.path)
        except UnreadableImage as error:
            if task.photo_id is not None:
                return self._from_preview(task, task.photo_id)
            # The fault lies in the archive, and is gone only with another one.
            return Flight(task, state=NEVER_SEEN if task.file is None else task.file.state, trouble=str(error))
        except OSError as error:
            if task.photo_id is not None:
                return self._from_preview(task, task.photo_id)
            words = f"cannot be read: {error.strerror or error}"
            return Flight(task, trouble=words, was_torn_out=not self._is_folder_there(task))
        if state is None:
            return Flight(task, trouble="was being written while it was read; it is read again later")
        if len(data) > LARGEST_FILE:
            limit = LARGEST_FILE >> 20
            words = f"has more than {limit} MiB; larger files are left out; save it smaller"
            return Flight(task, state=state, trouble=words)
        content_hash = hashlib.sha256(data).digest()
        known = self._catalog.photos.photo_with_content(content_hash)
        if task.photo_id is not None and known != task.photo_id:
            return self._from_preview(task, task.photo_id)  # the file holds another picture by now
        flight = Flight(task, state=state, content_hash=content_hash, photo_id=known)
        if task.file is not None:
            flight.unfinished_id = beginning_of(data, self._catalog.photos.content_at(task.path))
        if known is None or not all(self._catalog.generations.has(target, known) for target in targets):
            flight.description = self._describer.begin_describing(data)
        return flight

    def _read(self, path: bytes) -> tuple[bytes, FileState | None]:
        archive = next((root for root in self._archives if is_inside(path, root)), None)
        return read_file(path) if archive is None else self._archive_reader.read(archive, path, LARGEST_FILE + 1)

    def _from_preview(self, task: Task, photo_id: int) -> Flight:
        """A photo whose file is gone is described from what the catalog keeps of it."""
        preview = self._catalog.photos.previews([photo_id]).get(photo_id)
        if preview is None:
            return Flight(task, trouble="was forgotten meanwhile")
        return Flight(task, photo_id=photo_id, description=self._describer.begin_describing(preview.preview))

    def _write(self, landed: list[Flight], targets: list[Generation], outcome: Outcome) -> None:
        with self._catalog.transaction():
            for flight in landed:
                if flight.was_torn_out:
                    self._note_absent(flight.task, outcome)
                    continue
                self._write_one(flight, targets)
                outcome.added += flight.trouble is None and not flight.is_icon
                self._meter.count(is_unreadable=flight.trouble is not None)
        landed.clear()
        self._meter.publish()

    def _write_one(self, flight: Flight, targets: list[Generation]) -> None:
        photos, file = self._catalog.photos, flight.task.file
        if self._was_removed(flight):
            return
        if flight.is_icon and file is not None:
            photos.put_left_out(file.path, file.folder_id, flight.state)
            return
        if flight.trouble is not None:
            if file is not None:
                photos.put_trouble(file.path, file.folder_id, flight.state, flight.trouble)
            return
        photo_id = flight.photo_id
        if flight.description is not None:
            description = flight.description.result()
            if photo_id is None:
                photo_id = photos.add(flight.content_hash, description, flight.task.path)
            for target in targets:
                self._catalog.generations.add(target, photo_id, description)
        if file is not None and photo_id is not None:
            photos.put_at(file.path, file.folder_id, flight.state, photo_id)
        if flight.unfinished_id is not None:
            photos.drop_unfinished(flight.unfinished_id)

    def _is_folder_there(self, task: Task) -> bool:
        root = self._root_of(task)
        return root is None or root.is_present

    def _note_absent(self, task: Task, outcome: Outcome) -> None:
        """Its drive went while its folder was being looked at: nothing is wrong with the file."""
        root = self._root_of(task)
        if root is not None and root.shown not in outcome.absent_folders:
            outcome.absent_folders.append(root.shown)
        self._meter.count(is_unreadable=False)

    def _root_of(self, task: Task) -> Root | None:
        folder_id = None if task.file is None else task.file.folder_id
        return next((root for root in self._catalog.folders.roots() if root.folder_id == folder_id), None)

    def _was_removed(self, flight: Flight) -> bool:
        """Whether somebody removed the folder meanwhile, and perhaps the photo with it; where that lies elsewhere too,
        the next look finds it anew."""
        file = flight.task.file
        if file is not None and not self._catalog.folders.has(file.folder_id):
            return True
        return flight.photo_id is not None and not self._catalog.photos.has(flight.photo_id)

    def _looked(self, files: int) -> None:
        self._check_stop()
        self._meter.look(files)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise _Interrupted
