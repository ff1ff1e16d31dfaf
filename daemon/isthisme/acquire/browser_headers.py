"""The request that a browser makes for a picture, as far as it depends on the browser and not on the page's secrets.

Compared with what Chromium 156 and Firefox 153 send. Left out are cookies, and the hints by which Chromium tells its
version a second time (`Sec-CH-UA`).
"""

import re
from dataclasses import dataclass
from functools import cache

from publicsuffixlist import PublicSuffixList

from isthisme.acquire.address_guard import Target
from isthisme.acquire.inflate import ACCEPTED_ENCODINGS

_PLAIN_USER_AGENT = "Mozilla/5.0"
# What each says that it takes for an <img>, without what our decoders do not read (JPEG XL, in the newest Chromium):
# then the site sends another form of the same picture.
_ACCEPT_FIREFOX = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
_ACCEPT_CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
_ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,7}")
_MOST_LANGUAGES = 10


@dataclass(frozen=True, slots=True)
class Browser:
    """What the user's browser says of itself; not believed to be well-formed."""

    user_agent: str
    languages: tuple[str, ...] = ()  # in the order of preference

    @property
    def is_firefox(self) -> bool:
        return "Firefox/" in self.user_agent

    def headers(self) -> dict[str, str]:
        """What goes with every request for a picture."""
        return self._headers(_ACCEPT_FIREFOX if self.is_firefox else _ACCEPT_CHROMIUM)

    def page_headers(self) -> dict[str, str]:
        """What goes with every request for a page."""
        return self._headers(_ACCEPT_PAGE) | {"Upgrade-Insecure-Requests": "1"}

    def _headers(self, accept: str) -> dict[str, str]:
        user_agent = self.user_agent
        if not user_agent or len(user_agent) > 500 or not re.fullmatch(r"[\x20-\x7e]+", user_agent):
            user_agent = _PLAIN_USER_AGENT
        headers = {"User-Agent": user_agent, "Accept": accept, "Accept-Encoding": ACCEPTED_ENCODINGS}
        languages = [each for each in self.languages if _LANGUAGE.fullmatch(each)][:_MOST_LANGUAGES]
        if languages:
            headers["Accept-Language"] = ",".join(
                language if index == 0 else f"{language};q={self._weight(index, len(languages)):g}"
                for index, language in enumerate(languages)
            )
        return headers

    def _weight(self, index: int, count: int) -> float:
        """Firefox spreads the weights evenly; Chromium goes down by a tenth each."""
        return round(1 - index / count, 1) if self.is_firefox else max(round(1 - index / 10, 1), 0.1)


def site_headers(page: Target | None, chain: list[Target]) -> dict[str, str]:
    """The `Sec-Fetch` headers of a request for a picture; `chain` is every address asked so far, this one last.

    Browsers send them to secure sites and to this computer only.
    """
    if not chain[-1].is_trustworthy:
        return {}
    return {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": _relation(page, chain)}


def page_site_headers(linking: Target | None, chain: list[Target]) -> dict[str, str]:
    """The same for a page that somebody opens, by a link on another or by its address."""
    if not chain[-1].is_trustworthy:
        return {}
    site = "none" if linking is None else _relation(linking, chain)
    return {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": site, "Sec-Fetch-User": "?1"}


def _relation(page: Target | None, chain: list[Target]) -> str:
    """How the page and the asked address belong together: the farthest step of the way counts."""
    if page is None or not all(_is_same_site(page, each) for each in chain):
        return "cross-site"
    return "same-origin" if all(page.origin == each.origin for each in chain) else "same-site"


def _is_same_site(one: Target, other: Target) -> bool:
    return one.scheme == other.scheme and site_of(one) == site_of(other)


def site_of(target: Target) -> str:
    """The name under which one owner's hosts are, or the host itself where there is none."""
    return target.host if target.ip is not None else _public_suffixes().privatesuffix(target.host) or target.host


@cache
def _public_suffixes() -> PublicSuffixList:
    """Read when the first request needs it: that takes 70 ms."""
    return PublicSuffixList()
