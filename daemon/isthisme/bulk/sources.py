"""What an address holds, as units of work: a few dozen pictures each, with a name that says what they are.

A unit's name is the hash of what it is made of, so that the same pictures make the same unit on every run. Where lists
of files are cut is chosen by the names themselves: a file more in a folder changes one unit and no other.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from isthisme.bulk.stores import Store, address_in, in_words, open_store
from isthisme.errors import IsThisMeError
from isthisme.indexing.photo_files import names_a_picture
from isthisme.scanning.found import LARGEST_PICTURE, Unread

_USUAL_MEMBERS = 64
_MOST_MEMBERS = 128
_MOST_BYTES = 64 << 20  # of a unit; a worker holds a few of them
_STATES = ("ETag", "etag", "md5Hash", "content_hash", "mtime", "LastModified", "last_modified", "updated", "created")
_PATTERN = frozenset("*?[")

type Kind = Literal["files", "zip", "tar", "addresses"]


class Member(NamedTuple):
    """One picture of a unit, not looked at yet."""

    name: str  # address of a file, name in an archive, or address on the web
    size: int  # bytes, 0 where nobody knows
    state: str  # is another one when the bytes are others; in a tar archive where they begin


@dataclass(frozen=True, slots=True)
class Unit:
    kind: Kind
    source: str  # address of the archive or table; empty for files
    members: tuple[Member, ...]

    @property
    def name(self) -> str:
        """32 letters and digits."""
        # The same addresses in another table are the same work.
        source = "" if self.kind == "addresses" else self.source
        return hashlib.sha256(json.dumps([self.kind, source, self.members]).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Archive:
    """A file that holds many pictures, or their addresses: `archives.split` gives its units."""

    kind: Kind
    address: str
    size: int  # bytes
    state: str


class StoredFile(NamedTuple):
    """A file as its store lists it."""

    address: str
    size: int
    state: str


def find_units(url: str) -> Iterator[Unit | Archive | Unread]:
    """What an address holds, in an order that does not change; what cannot be read is told among it. Raises UsageError.

    A folder or a bucket's prefix is looked through to its bottom; a pattern (`*`, `?`, `[…]`) names what it fits.
    """
    pictures: list[Member] = []
    for found in find_files(url):
        if isinstance(found, Unread):
            yield found
        elif (kind := archive_kind(found.address)) is not None:
            yield Archive(kind, found.address, found.size, found.state)
        elif names_a_picture(found.address.rpartition("/")[2].encode("utf-8", "surrogateescape")):
            pictures.append(Member(*found))
            if _ends_group(pictures):
                yield Unit("files", "", tuple(pictures))
                pictures = []
    if pictures:
        yield Unit("files", "", tuple(pictures))


def find_files(url: str) -> Iterator[StoredFile | Unread]:
    """The files at an address, below a folder, or that fit a pattern, ordered by their paths. Raises UsageError."""
    store, path = open_store(url)
    try:
        with in_words(url):
            matching = sorted(store.glob(path)) if _PATTERN & set(path) else [path]
            if not matching:
                raise FileNotFoundError(url)
    except IsThisMeError as error:
        yield Unread.because(url, error)
        return
    for each in matching:
        try:
            with in_words(address_in(store, each)):
                info = store.info(each)
        except IsThisMeError as error:
            yield Unread.because(address_in(store, each), error)
            continue
        if info["type"] == "directory":
            yield from _below(store, each)
        elif info["type"] == "file":
            yield _stored(store, info)


def _below(store: Store, folder: str) -> Iterator[StoredFile | Unread]:
    """Of a folder only its own list is held. Folders behind symbolic links are not entered."""
    open_lists = [[{"name": folder, "type": "directory"}]]
    while open_lists:
        if not open_lists[-1]:
            open_lists.pop()
            continue
        entry = open_lists[-1].pop()
        if entry["type"] == "file":
            yield _stored(store, entry)
        elif entry["type"] == "directory" and not entry.get("islink"):
            try:
                with in_words(address_in(store, entry["name"])):
                    inside = store.ls(entry["name"], detail=True)
            except IsThisMeError as error:
                yield Unread.because(address_in(store, entry["name"]), error)
                continue
            # Buckets list a folder as an entry of itself.
            within = [each for each in inside if each["name"].rstrip("/") != entry["name"].rstrip("/")]
            open_lists.append(sorted(within, key=lambda each: str(each["name"]), reverse=True))


def _stored(store: Store, info: dict[str, Any]) -> StoredFile:
    state = next((str(info[key]) for key in _STATES if info.get(key) is not None), "")
    return StoredFile(address_in(store, info["name"]), int(info.get("size") or 0), state)


def archive_kind(address: str) -> Kind | None:
    """What kind of archive a file of this name is taken for; None for any other file."""
    lower = address.lower()
    if lower.endswith(".zip"):
        return "zip"
    if lower.endswith((".tar", ".tar.gz", ".tgz")):
        return "tar"
    return "addresses" if lower.endswith((".parquet", ".pq")) else None


def grouped(members: Iterable[Member]) -> Iterator[tuple[Member, ...]]:
    """The same members in groups that are as large as a unit may be."""
    group: list[Member] = []
    for member in members:
        group.append(member)
        if _ends_group(group):
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _ends_group(group: list[Member]) -> bool:
    is_cut = zlib.crc32(group[-1].name.encode("utf-8", "surrogateescape")) % _USUAL_MEMBERS == 0
    held = sum(min(member.size, LARGEST_PICTURE) for member in group)
    return is_cut or len(group) == _MOST_MEMBERS or held >= _MOST_BYTES
