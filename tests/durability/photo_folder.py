"""A folder of files that stand for photos, the catalog of it, and what of a catalog must be the same after all."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from isthisme.catalog import Catalog


def make_photos(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04}.jpg").write_bytes(b"photo %d" % number)
    return folder


def make_catalog(path: Path, folder: Path) -> Path:
    """Of the folder, nothing of it indexed yet; closed, so that it is one file."""
    with closing(Catalog(path)) as catalog:
        catalog.folders.add(folder)
    return path


@dataclass(frozen=True, slots=True)
class State:
    """What counts of a catalog. Numbers of photos and rows are not in it: they differ with the order of things."""

    generation: int
    photos: dict[bytes, tuple[bytes, int, bytes, str]]  # by preview: content, hash, descriptor, places
    building: int  # descriptions in the generation that is being built


def state_of(path: Path) -> State:
    with closing(sqlite3.connect(path)) as raw:
        current = raw.execute("select coalesce(max(id), 0) from generations where state = 'current'").fetchone()[0]
        query = "select count(*) from descriptions join generations on generation_id = generations.id where state = ?"
        rows = raw.execute(
            """select preview, content_hash, hash, descriptor,
                      (select group_concat(hex(path)) from (select path from places where photo_id = photos.id))
               from photos join descriptions on photo_id = photos.id where generation_id = ?""",
            (current,),
        ).fetchall()
        building = raw.execute(query, ("building",)).fetchone()[0]
    return State(
        current, {preview: (content, number, row, places) for preview, content, number, row, places in rows}, building
    )


def photos_of(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as raw:
        return [row[0] for row in raw.execute("select id from photos order by content_hash")]
