"""Many small parts of a shelf become few large ones, so that shelves of many millions are listed and opened in time.

A part is written for each unit as it is done. Afterwards parts, in the order of their names, are joined until they make
a large one; what does not fill one stays as it is. The joined part is written first, whole or not at all, then what an
index has of it is noted, and only then the small ones go: interrupted anywhere, the shelf has the same photos, and the
next run goes on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow

from isthisme.bulk.shelf import Generation, Held, is_joined, mark_of, name_joined
from isthisme.errors import IsThisMeError, ShelfUnusable

FULL = 256 << 20  # bytes: some thousands of photos, and what a machine holds twice while it joins them

type Units = tuple[tuple[str, int], ...]  # names in their order, and the bytes of their parts
type Each = Callable[[Callable[[Units], str], Iterable[Units]], Iterator[tuple[Units, str | IsThisMeError]]]


def join_parts(generation: Generation, each: Each, *, full: int = FULL) -> int:
    """How many parts were made of others. `each` joins many, as `Cluster.each` does. For the sole writer.

    Raises ShelfUnusable and DiskFull; then the shelf has all that it had.
    """
    parts = generation.parts()
    for part in sorted(filter(is_joined, parts)):
        if any(held.unit in parts for held in generation.held_in(part)):  # that was interrupted, or brought anew since
            _settle(generation, part)
    joined = 0
    for _, result in each(Join(generation), _full_groups(generation.parts(), full)):
        if isinstance(result, IsThisMeError):
            raise result
        joined += 1
    return joined


@dataclass(frozen=True, slots=True)
class Join:
    """What a machine of a cluster does with some parts. Done twice it leaves the same."""

    generation: Generation

    def __call__(self, units: Units) -> str:
        """The name of the part that took their place. Raises ShelfUnusable and DiskFull."""
        part = name_joined(units)
        try:
            self._write(part, units)
        except ShelfUnusable:
            if not self.generation.has_part(part):  # else another machine was quicker
                raise
        _settle(self.generation, part)
        return part

    def _write(self, part: str, units: Units) -> None:
        if self.generation.has_part(part):
            return
        tables = [self.generation.columns(unit, None) for unit, _ in units]
        held = [Held(unit, len(table), size) for (unit, size), table in zip(units, tables, strict=True)]
        self.generation.write_joined(part, tables, held)


def _full_groups(parts: dict[str, int], full: int) -> Iterator[Units]:
    group: list[tuple[str, int]] = []
    for part, size in sorted(parts.items()):
        if is_joined(part) or size >= full:
            continue
        group.append((part, size))
        if sum(each for _, each in group) >= full:
            yield tuple(group)
            group = []


def _settle(generation: Generation, part: str) -> None:
    """Notes for each index what it has of a joined part, and removes the parts that it took the place of."""
    held = generation.held_in(part)
    files = generation.files
    for folder in files.folders("indexed"):
        whole = f"indexed/{folder}/{mark_of(part, sum(each.rows for each in held))}"
        marks = [f"indexed/{folder}/{mark_of(each.unit, each.rows)}" for each in held]
        if all(map(files.has, marks)):
            files.write(whole, b"")
        if files.has(whole):
            for mark in marks:
                files.remove(mark)
    kept = set(_ids(generation.columns(part, ["photo_id"])))
    for each in held:
        # One that was brought anew since may have photos that nobody else has.
        if generation.has_part(each.unit) and kept.issuperset(_ids(generation.columns(each.unit, ["photo_id"]))):
            generation.remove_part(each.unit)


def _ids(table: pyarrow.Table) -> list[int]:
    found: list[int] = table["photo_id"].to_pylist()
    return found
