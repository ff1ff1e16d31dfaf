"""Catalogs with broken pages, as dying disks and cut power leave them, and salvage of what they hold."""

import shutil
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from isthisme.catalog import Catalog
from isthisme.catalog.pages import Pages
from isthisme.catalog.photos import FileState
from isthisme.catalog.salvage import salvage
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import PhotoDescription
from isthisme.errors import CatalogUnusable, IsThisMeError
from tests.fuzz.mutation import Mutator
from tests.fuzz.target import Target, promise

_SALVAGED = 8  # every so manieth input goes through the whole salvage, which writes a new file
_PATCHES = 12


def target(scratch: Path) -> Target:
    whole = _catalog(scratch / "whole")
    mutator = Mutator((b"\0" * 64, b"\xff" * 16, bytes(range(32))), (), 64, 1)
    patches = tuple(mutator.next() + bytes(8) for _ in range(30))

    def attack(data: bytes) -> int:
        """Patches of a sound catalog: three bytes of place each, one of length, then what is put there.

        - Reading pages ends, and gives whole records of values that SQLite has.
        - Opening it works, or is refused as CatalogUnusable.
        - Salvage leaves a sound catalog that opens, and the damaged one beside it; or it says why not.
        """
        damaged = patched(whole, data)
        for record in Pages(damaged).records():
            promise(all(isinstance(each, int | float | str | bytes | None) for each in record.values), "no such value")
        if sum(data) % _SALVAGED == 0:
            _check_salvage(scratch / "damaged", damaged)
        return 1

    return Target(
        name="damaged_catalogs",
        attack=attack,
        seeds=(b"", *(bytes((place, 0, 0, len(each))) + each for place in (0, 1, 9) for each in patches)),
        covers=("isthisme.catalog.pages", "isthisme.catalog.salvage"),
        runs_in_ci=60,
        words=tuple(bytes((0, 0, place, size)) for place in (0, 16, 20, 28, 52, 60, 100) for size in (1, 4, 8)),
        largest=400,
    )


def patched(whole: bytes, data: bytes) -> bytes:
    made = bytearray(whole)
    for _ in range(_PATCHES):
        if len(data) < 4:
            break
        at, size = int.from_bytes(data[:3]) % (len(made) + 1), data[3]
        part, data = data[4 : 4 + size], data[4 + size :]
        if size == 255:
            del made[at:]
        made[at : at + len(part)] = part
    return bytes(made)


def _check_salvage(folder: Path, damaged: bytes) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    path = folder / "catalog.db"
    path.write_bytes(damaged)
    path.chmod(0o600)
    with suppress(CatalogUnusable), closing(Catalog(path)) as catalog:
        catalog.damage()
    try:
        done = salvage(path)
    except IsThisMeError as error:
        promise(len(str(error)) < 1_000 and path.exists(), "the damaged catalog is gone")
        return
    promise(done.aside.exists(), "the damaged catalog was not kept")
    with closing(Catalog(path)) as catalog:
        catalog.folders.all()
        catalog.sightings.latest(10)


def _catalog(folder: Path) -> bytes:
    folder.mkdir(mode=0o700)
    (folder / "photos").mkdir()
    chance = np.random.default_rng(1)
    with closing(Catalog(folder / "catalog.db")) as catalog, catalog.transaction():
        catalog.folders.add(folder / "photos")
        generation = catalog.generations.start_first("model")
        for number in range(12):
            preview = chance.bytes(900 * number)
            made = PhotoDescription("model", 9, 9, np.array([number], np.uint64), np.zeros(512, np.int8), preview)
            photo_id = catalog.photos.add(b"%032d" % number, made, b"/photos/%d.jpg" % number)
            catalog.photos.put_at(b"/photos/%d.jpg" % number, 1, FileState(number, number << 40), photo_id)
            catalog.generations.add(generation, photo_id, made)
            seen = SeenPicture("https://a.example/", None, "p", b"%032d" % number, b"\xff\xd8\xff", 1, 1, "{}")
            catalog.sightings.keep(seen)
    return (folder / "catalog.db").read_bytes()
