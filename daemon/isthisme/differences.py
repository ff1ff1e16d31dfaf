"""What differs between the folders and what the catalog knows of them: two streams merged in the order of paths."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.catalog.folders import Root
from isthisme.catalog.photos import KnownPlace
from isthisme.photo_files import PictureFile, Scan, is_inside, misspelled

type Difference = PictureFile | KnownPlace  # a file that is new or changed; a place whose file is gone


@dataclass(slots=True)
class Comparison:
    """One look through the folders. Nothing is held in memory but the names in the folders that are open just now.

    Its numbers and lists are filled while `differences` is consumed.
    """

    catalog: Catalog
    looked: Callable[[int], None]  # told at every file how many were looked at until then; raises to stop
    gives_second_chances: bool = False  # files that could not be read count as changed
    files: int = 0
    unchanged: int = 0
    absent_folders: list[Path] = field(default_factory=list)
    unreadable_folders: list[bytes] = field(default_factory=list)

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

    def _below(self, root: Root, starts: Iterable[bytes]) -> Iterator[Difference]:
        if not root.is_present:  # an unplugged drive; nothing is deleted for it
            self.absent_folders.append(root.shown)
            return
        for start in starts:
            scan = Scan(root.folder_id, start)
            yield from self._merged(scan, self.catalog.photos.places_below(start))
            self.unreadable_folders += scan.unreadable_folders

    def _merged(self, scan: Scan, known: Iterable[KnownPlace]) -> Iterator[Difference]:
        places = iter(known)
        place = next(places, None)
        for file in scan.files():
            self.looked(self.files)
            self.files += 1
            while place is not None and place.path < file.path:
                if self._is_gone(place, scan):
                    yield place
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
            if self._is_gone(place, scan):
                yield place
            place = next(places, None)

    def _is_gone(self, place: KnownPlace, scan: Scan) -> bool:
        # A folder that cannot be read was met before anything below it is judged: both streams have the same order.
        return place.folder_id == scan.folder_id and scan.saw_absence_of(place.path)
