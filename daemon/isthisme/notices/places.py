"""Where the user's photo was seen, as a notice tells of it: every address whole, as long as a letter can hold them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from isthisme.domain import Moment
from isthisme.notices import cleaning
from isthisme.notices.kinds import Language

# All addresses of a draft together, bytes: it has to fit a message to the browser.
_ROOM = 300_000
_BEGINNING = 300  # characters that are shown of an address without room


@dataclass(frozen=True, slots=True)
class Place:
    page_address: str
    page_title: str | None
    picture_address: str
    picture_sha256: str
    first_seen: float  # seconds since 1970
    last_seen: float
    utc_offset: int | None  # seconds east of UTC, where the user was


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place in words that may stand in a letter, one line each; '' for what there is not."""

    page: str
    title: str
    picture: str  # '' where the picture is part of the page itself
    sha256: str
    first_seen: str
    last_seen: str


def shown_places(places: Sequence[Place], language: Language) -> tuple[list[ShownPlace], int]:
    """The places for a letter, and how many addresses it could not hold whole."""
    addresses = [address for place in places for address in (place.page_address, _of_picture(place)) if address]
    whole = _fitting(addresses)

    def shown(address: str) -> str:
        return cleaning.address(address) if address in whole else _beginning(address, language)

    cut = sum(address not in whole for address in addresses)
    return [
        ShownPlace(
            page=shown(place.page_address),
            title=cleaning.line(place.page_title or ""),
            picture=shown(_of_picture(place)) if _of_picture(place) else "",
            sha256=place.picture_sha256,
            first_seen=_time(place.first_seen, place.utc_offset),
            last_seen=_time(place.last_seen, place.utc_offset),
        )
        for place in places
    ], cut


def _of_picture(place: Place) -> str:
    """A picture inside the page's own text has no address of its own."""
    return "" if place.picture_address[:5].lower() in ("data:", "blob:") else place.picture_address


def _fitting(addresses: Iterable[str]) -> set[str]:
    """Those that there is room for, the shorter before the longer."""
    whole, left = set[str](), _ROOM
    for address in sorted(addresses, key=len):
        size = len(cleaning.address(address).encode()) if len(address) <= left else left + 1
        if size > left:
            break
        whole.add(address)
        left -= size
    return whole


_MORE: dict[Language, str] = {
    "en": "… (the whole address has {count:,} characters and is in the evidence; its SHA-256 is {digest})",
    "zh": "……（完整地址共 {count:,} 个字符，见所附证据；其 SHA-256 为 {digest}）",
}


def _beginning(address: str, language: Language) -> str:
    digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    return cleaning.address(address[:_BEGINNING]) + _MORE[language].format(count=len(address), digest=digest)


def _time(at: float, utc_offset: int | None) -> str:
    form = "%Y-%m-%d %H:%M (UTC%:z)" if utc_offset else "%Y-%m-%d %H:%M (UTC)"
    return Moment(at, utc_offset or 0).there.strftime(form)
