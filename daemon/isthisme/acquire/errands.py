"""What is asked of a site, for whom: a picture of a page, or a page to look through."""

import re
from dataclasses import dataclass
from typing import ClassVar

from isthisme.acquire.address_guard import Target, as_browsers_ask
from isthisme.acquire.browser_headers import Browser, page_site_headers, site_headers

_OTHER_THINGS = re.compile(r"text/html|application/xhtml\+xml|application/json|(audio|video|font)/.*")
_PAGES = re.compile(r"text/html|application/xhtml\+xml|text/plain|application/xml|text/xml")


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked for, for whom: a picture."""

    target: Target
    page: Target | None  # whose host may be asked even where it is near
    document: Target | None  # that shows the picture: the page, or a frame in it
    referrer_policy: str | None
    browser: Browser
    uses_kept: bool  # answers that are kept will do, and this one is kept

    noun: ClassVar[str] = "picture"
    way_out: ClassVar[str] = "it may want a sign-in: let the browser fetch it"
    max_redirects: ClassVar[int] = 5

    def headers(self, way: list[Target]) -> dict[str, str]:
        """`way` is every address asked so far, the one to be asked last."""
        return self.browser.headers() | site_headers(self.document, way)

    def is_other_thing(self, media_type: str) -> bool:
        return _OTHER_THINGS.fullmatch(media_type) is not None

    def next_target(self, target: Target) -> Target:
        return as_browsers_ask(target, self.page)


class PageErrand(Errand):
    """The same for a page that the user wants to be looked through; `document` is the one with the link to it."""

    __slots__ = ()
    noun: ClassVar[str] = "page"
    way_out: ClassVar[str] = "a single picture is looked at by 'isthisme check'"
    max_redirects: ClassVar[int] = 20  # as browsers

    def headers(self, way: list[Target]) -> dict[str, str]:
        return self.browser.page_headers() | page_site_headers(self.document, way)

    def is_other_thing(self, media_type: str) -> bool:
        return _PAGES.fullmatch(media_type) is None

    def next_target(self, target: Target) -> Target:
        return target
