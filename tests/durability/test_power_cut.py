"""The power fails: what was written after the last fsync is lost, or half of it is.

No disk is cut off here. A process that indexes is killed, and its files are changed as a power cut could have left
them. What may have changed follows from when SQLite calls fsync, with `synchronous = full` and a write-ahead log:

- The log is synced at the end of each commit, and before its pages are brought into the main file. So whatever lies in
  the log past the last commit that was acknowledged may be missing, empty, or noise, sector by sector, and what is
  before it may not; nor what has begun to be brought into the main file. (Commits with `synchronous = normal`, such as
  the progress, are not acknowledged.)
- The main file is written only when the log is emptied into it, and synced before the log begins anew. So any page
  that the log holds may be old, new or torn in the main file, while the log is whole.
- The log's directory (-shm) is never synced, and made anew.

That disks keep what they were told to keep is taken on trust, as SQLite does.
"""

import random
import shutil
from pathlib import Path
from typing import BinaryIO

from tests.durability import work
from tests.durability.deaths import ROUNDS, Deaths, is_sound
from tests.durability.doomed import End, Mother
from tests.durability.photo_folder import State, make_catalog, make_photos, state_of
from tests.durability.write_ahead_log import frames_being_moved, read_log

PHOTOS = 80
SECTOR = 512


def test_what_was_acknowledged_outlives_the_loss_of_all_that_was_not_synced(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    path, deaths, expected = _prepared(quick_path, mother, chance)
    cuts = 0
    for _ in range(ROUNDS):
        end = deaths.once(path)
        log = _log_of(path)
        data = _content(log)
        synced = _synced_bytes(end, path)
        if len(data) > synced:
            cut = chance.randint(synced, len(data))
            log.write_bytes(data[:cut] + _as_lost(data[cut:], chance))
            cuts += 1
        _directory_of(path).unlink(missing_ok=True)
        assert is_sound(path)
        found = state_of(path)
        assert found.photos.items() <= expected.photos.items()
        assert len(found.photos) >= _acknowledged_photos(end)
        if not end.was_killed:
            _begin_anew(path)
    assert cuts > ROUNDS / 10
    mother.run(work.index, path)
    assert state_of(path) == expected


def test_a_log_that_is_being_brought_into_the_file_mends_whatever_became_of_it(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    path, deaths, expected = _prepared(quick_path, mother, chance)
    torn = 0
    for _ in range(ROUNDS):
        end = deaths.once(path)
        log = _log_of(path)
        newest = {frame.page: frame.content for frame in read_log(_content(log)).frames}
        copy = path.with_name("copy.db")
        for file in (path, log):
            if file.exists():
                shutil.copy(file, copy.with_name(file.name.replace(path.name, copy.name)))
        before = state_of(copy)
        with path.open("r+b") as main:
            for page, content in newest.items():
                torn += _write_by_chance(main, page, content, chance)
        _directory_of(path).unlink(missing_ok=True)
        assert is_sound(path)
        assert state_of(path) == before
        for file in path.parent.glob("copy.db*"):
            file.unlink()
        if not end.was_killed:
            _begin_anew(path)
    assert torn > ROUNDS
    mother.run(work.index, path)
    assert state_of(path) == expected


def _prepared(folder: Path, mother: Mother, chance: random.Random) -> tuple[Path, Deaths, State]:
    photos = make_photos(folder / "photos", PHOTOS)
    path = make_catalog(folder / "catalog.db", photos)
    shutil.copy(path, folder / "empty.db")
    shutil.copy(path, folder / "trial.db")
    deaths = Deaths(mother, chance, work.index_with_short_log, folder / "trial.db")
    return path, deaths, state_of(folder / "trial.db")


def _begin_anew(path: Path) -> None:
    for file in path.parent.glob("catalog.db*"):
        file.unlink()
    shutil.copy(path.with_name("empty.db"), path)


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _directory_of(path: Path) -> Path:
    return path.with_name(path.name + "-shm")


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _acknowledged(end: End) -> list[work.Kept]:
    return [each for each in end.acknowledged if isinstance(each, work.Kept)]


def _acknowledged_photos(end: End) -> int:
    return max((each.counts.get(0, 0) for each in _acknowledged(end)), default=0)


def _synced_bytes(end: End, path: Path) -> int:
    """So much of the log was on the disk for certain. What was acknowledged in a log before it is in the main file."""
    log = read_log(_content(_log_of(path)))
    synced = [each.log_end for each in _acknowledged(end) if each.log_salt == log.salt]
    moved = frames_being_moved(_content(_directory_of(path)))
    return max([*synced, *(frame.end for frame in log.frames[:moved])], default=0)


def _as_lost(data: bytes, chance: random.Random) -> bytes:
    """What the disk may hold in place of bytes that were written and not synced."""
    if chance.random() < 0.3:
        return b""
    sectors = [data[start : start + SECTOR] for start in range(0, len(data), SECTOR)]
    return b"".join(chance.choice((sector, bytes(len(sector)), chance.randbytes(len(sector)))) for sector in sectors)


def _write_by_chance(main: BinaryIO, page: int, content: bytes, chance: random.Random) -> bool:
    """Leaves a page as it was, writes it, or writes some of its sectors and noise; whether it did the last."""
    start = (page - 1) * len(content)
    kind = chance.choice(("old", "new", "torn"))
    if kind == "old":
        return False
    for offset in range(0, len(content), SECTOR):
        if kind == "new" or chance.random() < 0.4:
            main.seek(start + offset)
            main.write(content[offset : offset + SECTOR])
        elif chance.random() < 0.3:
            main.seek(start + offset)
            main.write(chance.randbytes(SECTOR))
    return kind == "torn"
