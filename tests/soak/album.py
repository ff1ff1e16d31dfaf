"""The user's photos: folders that stay as they are, that change all the time, and a drive that is unplugged."""

import hashlib
import random
import time
from collections.abc import Iterable
from pathlib import Path

from tests.soak import pictures

_MOVING_FROM, _DRIVE_FROM, _EXTRA_FROM = 100_000, 200_000, 300_000  # seeds; no photo is ever made twice


class Album:
    """Knows what lies in each file now, and what ever lay there."""

    def __init__(self, place: Path, photos: int) -> None:
        self.steady, self.moving, self.drive = place / "steady", place / "moving", place / "drive"
        self.forgotten_since: dict[int, float] = {}  # photos that the user had forgotten for good: monotonic seconds
        self.is_unplugged = False
        self._place = place
        self._lying: dict[Path, int] = {}  # files of folders that are the daemon's: seed
        self._ever: dict[Path, set[int]] = {}
        self._next = {_MOVING_FROM: _MOVING_FROM, _EXTRA_FROM: _EXTRA_FROM}
        for folder, first, count in (
            (self.steady, 0, photos // 2),
            (self.moving, _MOVING_FROM, photos // 3),
            (self.drive, _DRIVE_FROM, photos - photos // 2 - photos // 3),
        ):
            folder.mkdir(parents=True)
            for seed in range(first, first + count):
                self._put(folder / f"photo_{seed}.jpg", seed)
        self._next[_MOVING_FROM] += photos // 3
        self.steady_photos = range(photos // 2)

    @property
    def folders(self) -> list[Path]:
        return [self.steady, self.moving, self.drive]

    @property
    def photos(self) -> list[int]:
        """Seeds of all that are somewhere."""
        return list(self._lying.values())

    def lay_at(self, path: str, seed: int) -> bool:
        """Whether that photo is or was in that file."""
        return seed in self._ever.get(Path(path), set())

    def contents(self) -> dict[Path, bytes]:
        """What the index must hold: the SHA-256 of each file."""
        return {path: hashlib.sha256(path.read_bytes()).digest() for path in self._lying}

    def change(self, how: str, chance: random.Random, count: int) -> dict[Path, int]:
        """Adds, removes, renames or replaces that many photos; the files that are gone afterwards."""
        there = sorted(path for path in self._lying if path.parent == self.moving)
        chosen = chance.sample(there, min(count, max(0, len(there) - 5)))
        gone: dict[Path, int] = {}
        match how:
            case "add":
                for _ in range(count):
                    seed = self._new(_MOVING_FROM)
                    self._put(self.moving / f"photo_{seed}.jpg", seed)
            case "remove":
                for path in chosen:
                    path.unlink()
                    gone[path] = self._lying.pop(path)
            case "rename":
                for path in chosen:
                    target = path.with_name(f"renamed_{chance.randrange(10**9)}.jpg")
                    path.rename(target)
                    self._lay(target, self._lying.pop(path))
            case "replace":
                for path in chosen:
                    self._put(path, self._new(_MOVING_FROM))
        return gone

    def make_extra(self, count: int) -> Path:
        """A folder that the daemon does not know yet."""
        seeds = [self._new(_EXTRA_FROM) for _ in range(count)]
        folder = self._place / f"extra-{seeds[0]}"
        folder.mkdir()
        for seed in seeds:
            (folder / f"photo_{seed}.jpg").write_bytes(pictures.photo(seed))
        return folder

    def took_in(self, folder: Path) -> None:
        for path in folder.iterdir():
            self._lay(path, int(path.stem.removeprefix("photo_")))

    def gave_up(self, folder: Path) -> None:
        """The daemon no longer looks after this folder."""
        self._lying = {path: seed for path, seed in self._lying.items() if path.parent != folder}

    def unplug(self) -> None:
        self.drive.rename(self._place / "unplugged")
        self.is_unplugged = True

    def plug_in(self) -> None:
        (self._place / "unplugged").rename(self.drive)
        self.is_unplugged = False

    def are_forgotten(self, seeds: Iterable[int]) -> None:
        self.forgotten_since |= dict.fromkeys(seeds, time.monotonic())

    def _new(self, first: int) -> int:
        self._next[first] += 1
        return self._next[first] - 1

    def _put(self, path: Path, seed: int) -> None:
        fresh = path.with_suffix(".part")
        fresh.write_bytes(pictures.photo(seed))
        fresh.replace(path)
        self._lay(path, seed)

    def _lay(self, path: Path, seed: int) -> None:
        self._lying[path] = seed
        self._ever.setdefault(path, set()).add(seed)
