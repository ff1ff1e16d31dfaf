"""Reads rows out of an SQLite file page by page, so that what is broken hides nothing but itself.

The format: https://www.sqlite.org/fileformat2.html. A file's log is not looked at.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from mmap import mmap
from struct import unpack_from

_MAGIC = b"SQLite format 3\0"
_USUAL_PAGE_SIZE = 4096
_HEADER_BYTES = 100  # at the head of the first page
_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF = 2, 5, 10, 13
_KINDS = frozenset({_INDEX_INTERIOR, _TABLE_INTERIOR, _INDEX_LEAF, _TABLE_LEAF})
_INTERIOR = frozenset({_INDEX_INTERIOR, _TABLE_INTERIOR})
_DEEPEST = 40  # levels of a tree; more is a circle
_LARGEST_ROW = 64 << 20  # bytes; ours are far smaller, and a broken length must not fill the memory
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

type Value = int | float | str | bytes | None


@dataclass(frozen=True, slots=True)
class Record:
    """A row, or an entry of an index, as the file has it."""

    tree: str | None  # the table or index that leads to it; None where that is lost
    rowid: int | None  # None in an index and in a table without row ids
    values: tuple[Value, ...]


@dataclass(slots=True)
class Pages:
    """The pages of a file. `broken` counts cells that were met and could not be read whole."""

    data: mmap | bytes
    reserved: int = 0  # bytes at the end of each page, where the file's header does not tell
    broken: int = 0
    version: int | None = field(init=False)  # the catalog's; None when the file's header cannot be read
    _size: int = field(init=False)
    _usable: int = field(init=False)
    _mapped: int = field(init=False)
    _parents: dict[int, int] = field(init=False)
    _trees: dict[int, str] = field(init=False)  # names by root page

    def __post_init__(self) -> None:
        self.version, self._size, reserved, can_shrink = None, _USUAL_PAGE_SIZE, self.reserved, True  # as we make them
        if self.data[: len(_MAGIC)] == _MAGIC and len(self.data) >= _HEADER_BYTES:
            (size,) = unpack_from(">H", self.data, 16)
            size = 65536 if size == 1 else size
            if 512 <= size <= 65536 and not size & (size - 1):
                self._size, reserved = size, self.data[20]
                can_shrink = any(self.data[52:56])
                (self.version,) = unpack_from(">I", self.data, 60)
        self._usable = self._size - reserved
        # A file that can shrink has maps of its pages: page 2, then one after as many pages as a map tells of.
        self._mapped = self._usable // 5 + 1 if can_shrink else 0
        self._parents = self._find_parents()
        self._trees = {}
        for page in range(1, self._count + 1):
            if self._root_of(page) == 1:
                self._trees |= {values[3]: values[1] for _, values in self._rows(page) if len(values) == 5}  # type: ignore[misc]

    def records(self) -> Iterator[Record]:
        """Every record that is whole, those that their tree leads to first."""
        for is_lost in (False, True):
            for page in range(1, self._count + 1):
                root = self._root_of(page)
                if root != 1 and (root not in self._trees) is is_lost:
                    yield from (Record(self._trees.get(root), *row) for row in self._rows(page))

    def _rows(self, page: int) -> Iterator[tuple[int | None, tuple[Value, ...]]]:
        kind = self._kind(page)
        if not kind or kind == _TABLE_INTERIOR:  # the latter leads to rows and holds none
            return
        for cell in self._cells(page, kind):
            try:
                rowid, payload = self._payload(cell, kind)
                values = _values(payload)
            except (ValueError, IndexError, struct.error):
                self.broken += 1
            else:
                yield rowid, values

    @property
    def _count(self) -> int:
        return len(self.data) // self._size

    def _start(self, page: int) -> int:
        """Where a page's own header begins."""
        return (page - 1) * self._size + (_HEADER_BYTES if page == 1 else 0)

    def _kind(self, page: int) -> int:
        """What the page is, of those that hold rows or lead to them; 0 for another one."""
        kind = self.data[self._start(page)]
        is_map = page > 1 and self._mapped and (page - 2) % self._mapped == 0
        return kind if kind in _KINDS and not is_map else 0

    def _cells(self, page: int, kind: int) -> list[int]:
        """Where the page's cells begin."""
        start = self._start(page)
        (count,) = unpack_from(">H", self.data, start + 3)
        pointers = start + (12 if kind in _INTERIOR else 8)
        base = (page - 1) * self._size
        if pointers + 2 * count > base + self._usable:
            self.broken += 1
            return []
        return [base + offset for offset in unpack_from(f">{count}H", self.data, pointers) if offset < self._usable]

    def _find_parents(self) -> dict[int, int]:
        parents: dict[int, int] = {}
        for page in range(1, self._count + 1):
            kind = self._kind(page)
            if kind not in _INTERIOR:
                continue
            places = [self._start(page) + 8, *self._cells(page, kind)]
            children = [unpack_from(">I", self.data, place)[0] for place in places if place + 4 <= len(self.data)]
            if all(1 < child <= self._count for child in children):  # else the page only looks like one
                parents |= dict.fromkeys(children, page)
        return parents

    def _root_of(self, page: int) -> int:
        for _ in range(_DEEPEST):
            if page not in self._parents:
                break
            page = self._parents[page]
        return page

    def _payload(self, at: int, kind: int) -> tuple[int | None, bytes]:
        """A cell's row id and its payload, brought together from wherever it overflowed to."""
        rowid = None
        if kind == _INDEX_INTERIOR:
            at += 4
        length, at = self._varint(at)
        if kind == _TABLE_LEAF:
            rowid, at = self._varint(at)
            rowid -= (rowid >> 63) << 64
        if length > _LARGEST_ROW:
            raise ValueError("a length that no row has")
        most = self._usable - 35 if kind == _TABLE_LEAF else (self._usable - 12) * 64 // 255 - 23
        if length <= most:
            return rowid, self._slice(at, length)
        least = (self._usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (self._usable - 4)
        here = here if here <= most else least
        parts = [self._slice(at, here)]
        (page,) = unpack_from(">I", self.data, at + here)
        left = length - here
        while left > 0:
            if not 1 < page <= self._count:
                raise ValueError("the rest of a row is gone")
            start = (page - 1) * self._size
            parts.append(self._slice(start + 4, min(left, self._usable - 4)))
            left -= len(parts[-1])
            (page,) = unpack_from(">I", self.data, start)
        return rowid, b"".join(parts)

    def _slice(self, at: int, length: int) -> bytes:
        found = self.data[at : at + length]
        if len(found) < length:
            raise ValueError("the file ends too early")
        return found

    def _varint(self, at: int) -> tuple[int, int]:
        return _varint(self.data, at)


def _values(payload: bytes) -> tuple[Value, ...]:
    """The columns of a record. Raises ValueError when it is none."""
    header, at = _varint(payload, 0)
    if not at <= header <= len(payload):
        raise ValueError("no record")
    kinds = []
    while at < header:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    found: list[Value] = []
    at = header
    for kind in kinds:
        value, at = _value(payload, kind, at)
        found.append(value)
    if at != len(payload):
        raise ValueError("a record of another length")
    return tuple(found)


def _value(payload: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind == 7:
        return unpack_from(">d", payload, at)[0], at + 8
    if kind in (10, 11):
        raise ValueError("a kind of value that no file holds")
    length = _INTEGER_BYTES.get(kind) or (kind - 12) // 2
    part = payload[at : at + length]
    if len(part) < length:
        raise ValueError("a value that is cut off")
    if kind in _INTEGER_BYTES:
        return int.from_bytes(part, signed=True), at + length
    return (part.decode() if kind % 2 else part), at + length


def _varint(data: mmap | bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for end in range(at, at + 8):
        byte = data[end]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, end + 1
    return value << 8 | data[at + 8], at + 9
