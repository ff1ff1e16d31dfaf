"""Index generations: complete sets of descriptions, of which one is current and at most one is being built."""

import json
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from isthisme.catalog.database import Connection
from isthisme.domain import DESCRIPTOR_LENGTH, PhotoDescription

_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Generation:
    number: int
    model: str | None


@dataclass(frozen=True, slots=True)
class IndexMark:
    """The state of the index: whatever is found in one state is found again in the same state."""

    generation: int  # 0 when there is none
    newest_description: int
    removals: int

    def __str__(self) -> str:
        return f"{self.generation}.{self.newest_description}.{self.removals}"


@dataclass(frozen=True, slots=True)
class DescriptionRows:
    """Descriptions in the order they were made."""

    newest: int  # the largest row id among them, or the one asked from when there are none
    row_ids: NDArray[np.int64]  # (N,)
    photo_ids: NDArray[np.int64]  # (N,)
    hashes: NDArray[np.uint64]  # (N,)
    descriptors: NDArray[np.int8] | None  # (N, 512)


@dataclass(frozen=True, slots=True)
class Described:
    """The photos that a generation describes, in the order in which they were described."""

    row_ids: NDArray[np.int64]  # (N,) of the descriptions, ascending
    photo_ids: NDArray[np.int64]  # (N,)


@dataclass(frozen=True, slots=True)
class Segments:
    """The files that repeat a generation's descriptions for searching."""

    names: tuple[str, ...]  # oldest first
    newest: int  # the description that they reach to
    removals: int  # what was taken out of the index up to this count is erased from them


class Generations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._counted = IndexMark(0, 0, 0), 0  # the size of the current one when it was last counted

    def current(self) -> Generation | None:
        return self._in_state("current")

    def building(self) -> Generation | None:
        return self._in_state("building")

    def start_first(self, model: str | None) -> Generation:
        """The current generation, made empty if there is none, so that the first photos are findable at once."""
        with self._connection.transaction():
            return self.current() or self._start("current", model)

    def start_building(self, model: str | None) -> Generation:
        """The generation being built. One that was interrupted goes on, unless another model made it."""
        with self._connection.transaction():
            interrupted = self.building()
            if interrupted is not None and interrupted.model == model:
                return interrupted
            if interrupted is not None:
                self._connection.run("delete from generations where id = ?", (interrupted.number,))
            return self._start("building", model)

    def switch_to(self, generation: Generation) -> None:
        """Makes a built generation the current one and drops the old one, in one step."""
        with self._connection.transaction():
            self._connection.run("delete from generations where state = 'current'")
            self._connection.run("update generations set state = 'current' where id = ?", (generation.number,))

    def add(self, generation: Generation, photo_id: int, description: PhotoDescription) -> None:
        """Adds a photo's description; one that is there already stays."""
        if description.model != generation.model:
            raise ValueError(f"description by {description.model} for a generation of {generation.model}")
        self._connection.run(
            "insert or ignore into descriptions (generation_id, photo_id, hash, descriptor) values (?, ?, ?, ?)",
            (
                generation.number,
                photo_id,
                int(description.hashes[:1].view(np.int64)[0]),
                None if description.descriptor is None else description.descriptor.tobytes(),
            ),
        )

    def has(self, generation: Generation, photo_id: int) -> bool:
        query = "select 1 from descriptions where generation_id = ? and photo_id = ?"
        return self._connection.row(query, (generation.number, photo_id)) is not None

    def undescribed(self, generation: Generation) -> list[int]:
        """Photos that the generation lacks, by id."""
        rows = self._connection.rows(
            """select id from photos where id not in
               (select photo_id from descriptions where generation_id = ?) order by id""",
            (generation.number,),
        )
        return [photo_id for (photo_id,) in rows]

    def size(self, generation: Generation, *, after: int = 0) -> int:
        """How many photos it describes; with `after` those whose description has a greater row id.

        The current one is counted only when it has changed: the daemon asks every second, and counting a million takes
        a hundredth of one.
        """
        mark = self.mark()
        if after or mark.generation != generation.number:
            return self._count(generation, after)
        if self._counted[0] != mark:
            self._counted = mark, self._count(generation, 0)
        return self._counted[1]

    def mark(self) -> IndexMark:
        """The state of the current generation; cheap enough to ask before every search."""
        row = self._connection.row(
            """select generations.id,
                      (select max(id) from descriptions where generation_id = generations.id),
                      (select value from facts where name = 'removals')
               from generations where state = 'current'"""
        )
        number, newest, removals = row or (0, 0, 0)
        return IndexMark(number, newest or 0, removals or 0)

    def descriptions(self, generation: Generation, *, after: int = 0, at_most: int = -1) -> DescriptionRows:
        """The descriptions whose row id is greater than `after`, oldest first: all, or `at_most` so many."""
        rows = self._connection.rows(
            """select id, photo_id, hash, descriptor from descriptions
               where generation_id = ? and id > ? order by id limit ?""",
            (generation.number, after, at_most),
        )
        descriptors = None
        if generation.model is not None:
            joined = b"".join(row[3] for row in rows)
            descriptors = np.frombuffer(joined, dtype=np.int8).reshape(len(rows), DESCRIPTOR_LENGTH)
        return DescriptionRows(
            newest=rows[-1][0] if rows else after,
            row_ids=np.array([row[0] for row in rows], dtype=np.int64),
            photo_ids=np.array([row[1] for row in rows], dtype=np.int64),
            hashes=np.array([row[2] for row in rows], dtype=np.int64).view(np.uint64),
            descriptors=descriptors,
        )

    def described(self, generation: Generation) -> Described:
        pages, after = [np.zeros((0, 2), np.int64)], 0
        while True:  # page by page: a million rows at once would take 200 MB
            rows = self._connection.rows(
                "select id, photo_id from descriptions where generation_id = ? and id > ? order by id limit ?",
                (generation.number, after, _ROWS_AT_ONCE),
            )
            if not rows:
                break
            pages.append(np.array(rows, dtype=np.int64))
            after = rows[-1][0]
        numbers = np.concatenate(pages)
        return Described(numbers[:, 0], numbers[:, 1])

    def segments(self, generation: Generation) -> Segments:
        row = self._connection.row("select value from facts where name = ?", (_segments_fact(generation.number),))
        if row is None:
            return Segments((), 0, self.mark().removals)
        value = json.loads(row[0])
        return Segments(tuple(value["names"]), value["newest"], value["removals"])

    def put_segments(self, generation: Generation, segments: Segments) -> None:
        self._connection.run(
            "insert into facts (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            (_segments_fact(generation.number), json.dumps(asdict(segments))),
        )

    def segment_names(self) -> set[str]:
        """Of every generation; those of generations that are gone are dropped first."""
        kept = [_segments_fact(number) for (number,) in self._connection.rows("select id from generations")]
        facts = dict(self._connection.rows("select name, value from facts where name like 'segments %'"))
        for name in facts.keys() - set(kept):
            self._connection.run("delete from facts where name = ?", (name,))
        return {file for name in kept if name in facts for file in json.loads(facts[name])["names"]}

    def _count(self, generation: Generation, after: int) -> int:
        query = "select count(*) from descriptions where generation_id = ? and id > ?"
        return int((self._connection.row(query, (generation.number, after)) or (0,))[0])

    def _in_state(self, state: str) -> Generation | None:
        row = self._connection.row("select id, model from generations where state = ?", (state,))
        return None if row is None else Generation(*row)

    def _start(self, state: str, model: str | None) -> Generation:
        number = self._connection.add(
            "insert into generations (model, state, started_at) values (?, ?, ?)", (model, state, time.time())
        )
        return Generation(number, model)


def _segments_fact(number: int) -> str:
    return f"segments {number}"
