"""A gallery's way through its pages: which comes next, and which pictures are new."""

from isthisme.acquire.address_guard import parse_target
from isthisme.acquire.browser_headers import site_of
from isthisme.errors import AddressRefused
from isthisme.scanning.page_contents import PageContents

_PAGES_WITHOUT_NEW = 2  # in a row, after which nothing is expected any more: some galleries count on for ever


class Gallery:
    """Stays on its site, reads no page twice and no more than so many."""

    def __init__(self, start: str, most_pages: int) -> None:
        self._most_pages = most_pages
        self._next: str | None = start
        self._linked_from: str | None = None
        self._site: str | None = None  # of the first page, which may lie behind redirects
        self._visited: set[str] = set()
        self._pictures: set[str] = set()
        self._without_new = 0
        self.pages = 0

    def next_page(self) -> tuple[str, str | None] | None:
        """The address of the page to be read now, and of the one that leads there."""
        if self._next is None or self.pages >= self._most_pages or self._without_new >= _PAGES_WITHOUT_NEW:
            return None
        self._visited.add(_plain(self._next))
        return self._next, self._linked_from

    def read(self, address: str, contents: PageContents) -> list[str]:
        """The pictures of the page just read that no page before it had; `address` is where it was found."""
        self.pages += 1
        if self._site is None:
            self._site = _site(address)
        self._visited.add(_plain(address))
        new = [picture for picture in contents.pictures if picture not in self._pictures]
        self._pictures.update(new)
        self._without_new = 0 if new else self._without_new + 1
        self._linked_from = address
        self._next = next((each for each in contents.next_pages if self._may_follow(each)), None)
        return new

    @property
    def has_more(self) -> bool:
        """Whether pages are left that it may not read any more."""
        return self._next is not None

    def _may_follow(self, address: str) -> bool:
        return _plain(address) not in self._visited and _site(address) == self._site is not None


def _plain(address: str) -> str:
    return address.partition("#")[0]


def _site(address: str) -> str | None:
    try:
        target = parse_target(_plain(address))
    except AddressRefused:
        return None
    return site_of(target)
