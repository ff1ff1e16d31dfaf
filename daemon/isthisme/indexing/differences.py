"""What differs between the folders and what the catalog knows of them: two streams merged in the order of paths."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from isthisme.catalog import Catalog
from isthisme.catalog.folders import FolderNotes, Root
from isthisme.catalog.photos import KnownPlace
from isthisme.indexing.exclusions import Exclusions
from isthisme.indexing.photo_archives import ArchiveScan
from isthisme.indexing.photo_files import PictureFile, Scan, holds_anything, is_inside, misspelled


class Unwanted(NamedTuple):
    """A known place that is excluded now."""

    path: bytes


type Difference = PictureFile | KnownPlace | Unwanted  # a file that is new or changed; a place whose file is gone


@dataclass(slots=True)
class Comparison:
    """One look through the folders. Nothing is held in memory but the names in the folders that are open just now.

    Its numbers and lists are filled while `differences` is consumed.
    """

    catalog: Catalog
    exclusions: Exclusions
    looked: Callable[[int], None]  # told at every file how many were looked at until then; raises to stop
    gives_second_chances: bool = False  # files that could not be read count as changed
    files: int = 0
    unchanged: int = 0
    absent_folders: list[Path] = field(default_factory=list)
    unreadable_folders: list[bytes] = field(default_factory=list)
    notes: dict[int, FolderNotes] = field(default_factory=dict)  # of the folders that were looked through to their end

    def everywhere(self) -> Iterator[Difference]:
        for root in self.catalog.folders.roots():
            yield from self._below(root, [root.path])

    def at(self, paths: Sequence[bytes]) -> Iterator[Difference]:
        """Looks at these files and folders alone. None may lie inside another; those in none of the user's folders
        are passed over."""
        wrong = misspelled(paths)
        for root in self.catalog.folders.roots():
            inside = [path for path in paths if is_inside(path, root.path)]
            if inside:
                yield from self._below(root, [path for path in inside if path not in wrong])
        for path in wrong:
            yield from self.catalog.photos.places_below(path)

    def _below(self, root: Root, starts: Sequence[bytes]) -> Iterator[Difference]:
        notes = self.catalog.folders.notes(root.folder_id)
        state = _state(root)
        if state is None or not root.is_present or _is_unmounted(state, root.path, notes.device):
            self.absent_folders.append(root.shown)  # nothing is deleted for it
            return
        if root.is_archive:
            yield from self._in_archive(root, (state.st_size, state.st_mtime_ns), notes)
            return
        mounts = frozenset(map(os.fsencode, notes.mounts))
        for start in starts:
            scan = Scan(root.folder_id, root.path, start, self.exclusions, mounts)
            yield from self._merged(scan, self.catalog.photos.places_below(start))
            if _state(root) is None:  # it was torn out meanwhile
                self.absent_folders.append(root.shown)
                return
            self.unreadable_folders += [folder for folder in scan.unreadable_folders if folder[:-1] not in mounts]
            if start == root.path:
                self.notes[root.folder_id] = FolderNotes(
                    device=state.st_dev,
                    mounts=tuple(sorted(map(os.fsdecode, scan.found_mounts))),
                    videos=scan.videos,
                )

    def _in_archive(self, root: Root, state: tuple[int, int], notes: FolderNotes) -> Iterator[Difference]:
        """`state`: its size, and when it changed (ns)."""
        if notes.archive == state and not self.gives_second_chances:
            self.unchanged += self.catalog.folders.files(root.folder_id)
            self.notes[root.folder_id] = notes
            return
        scan = ArchiveScan(root.folder_id, root.path, self.exclusions)
        yield from self._merged(scan, self.catalog.photos.places_below(root.path))
        self.unreadable_folders += scan.unreadable_folders
        if not scan.unreadable_folders:
            self.notes[root.folder_id] = FolderNotes(videos=scan.videos, archive=state)

    def _merged(self, scan: Scan | ArchiveScan, known: Iterable[KnownPlace]) -> Iterator[Difference]:
        places = iter(known)
        place = next(places, None)
        for file in scan.files():
            self.looked(self.files)
            self.files += 1
            while place is not None and place.path < file.path:
                yield from self._missing(place, scan)
                place = next(places, None)
            if place is not None and place.path == file.path:
                if place.state != file.state or (self.gives_second_chances and place.has_trouble):
                    yield file
                else:
                    self.unchanged += 1
                place = next(places, None)
            else:
                yield file
        while place is not None:
            yield from self._missing(place, scan)
            place = next(places, None)

    def _missing(self, place: KnownPlace, scan: Scan | ArchiveScan) -> Iterator[Difference]:
        """What the absence of a known place from a scan means."""
        if place.folder_id != scan.folder_id:
            return
        if scan.is_excluded(place.path, is_folder=False):
            yield Unwanted(place.path)
        # A folder that cannot be read was met before anything below it is judged: both streams have the same order.
        elif scan.saw_absence_of(place.path):
            yield place


def _state(root: Root) -> os.stat_result | None:
    """None where it is not there, or gives no answer."""
    try:
        return root.shown.stat()
    except OSError:
        return None


def _is_unmounted(state: os.stat_result, folder: bytes, device: int | None) -> bool:
    """Whether a folder is the empty place at which a drive appears when it is plugged in."""
    return device is not None and state.st_dev != device and not holds_anything(folder)
