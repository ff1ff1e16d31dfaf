"""A unit's pictures as bytes, on the machine that is going to describe them. Nothing is decoded here."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from isthisme.acquire.fetch import Fetcher
from isthisme.bulk.archives import members_of
from isthisme.bulk.sources import Member, Unit
from isthisme.bulk.stores import open_store, unreadable
from isthisme.errors import ImageTooLarge, InputError, IsThisMeError, SourceUnreadable, TransientError
from isthisme.scanning.found import LARGEST_PICTURE, Unread

_LARGEST_DOWNLOAD = 20 << 20  # bytes
_FETCH_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Bytes that nobody looked at yet."""

    address: str
    content_hash: bytes  # SHA-256
    data: bytes


def start_fetcher() -> Fetcher:
    return Fetcher(max_bytes=_LARGEST_DOWNLOAD, timeout_seconds=_FETCH_SECONDS)


def read_unit(unit: Unit, fetcher: Callable[[], Fetcher] = start_fetcher) -> list[Picture | Unread]:
    """The pictures of a unit in its order, each as bytes or as the reason why not."""
    names = [member.name for member in unit.members]
    if unit.kind == "files":
        return _told(names, _files(unit.members))
    if unit.kind == "addresses":
        return _told(names, asyncio.run(_fetched(names, fetcher)))
    found: list[bytes | IsThisMeError] = []
    try:
        found.extend(members_of(unit))
    except IsThisMeError as error:  # the archive is gone, or broke off
        found += [error] * (len(names) - len(found))
    return _told([f"{unit.source}/{name}" for name in names], found)


def _told(addresses: Sequence[str], found: Iterable[bytes | IsThisMeError]) -> list[Picture | Unread]:
    return [
        Unread.because(address, each)
        if isinstance(each, IsThisMeError)
        else Picture(address, hashlib.sha256(each).digest(), each)
        for address, each in zip(addresses, found, strict=True)
    ]


def _files(members: Sequence[Member]) -> list[bytes | IsThisMeError]:
    """All at once where the store can; one byte more than was listed tells of a file that grew."""
    opened = [open_store(member.name) for member in members]
    store = opened[0][0]
    ends = [min(member.size, LARGEST_PICTURE) + 1 for member in members]
    found = store.cat_ranges([path for _, path in opened], [0] * len(members), ends, on_error="return")
    return [_checked(member, each) for member, each in zip(members, found, strict=True)]


def _checked(member: Member, found: bytes | BaseException) -> bytes | IsThisMeError:
    if isinstance(found, BaseException):
        return unreadable(member.name, found)
    if member.size > LARGEST_PICTURE:
        return ImageTooLarge(f"has over {LARGEST_PICTURE >> 20} MiB; pictures are smaller")
    if len(found) != member.size:
        return SourceUnreadable("has changed since it was listed; it is looked at with the next run")
    return found


async def _fetched(addresses: Sequence[str], fetcher: Callable[[], Fetcher]) -> list[bytes | IsThisMeError]:
    """Through the address guard: a table from somebody else must not lead into this machine's own network."""

    async def fetch(address: str) -> bytes | IsThisMeError:
        try:
            return (await fetching.fetch(address, page_address=None)).data
        except (InputError, TransientError) as error:
            return error

    async with aclosing(fetcher()) as fetching:
        return await asyncio.gather(*map(fetch, addresses))
