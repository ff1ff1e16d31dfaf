"""The pages that a recorded site held last, for the titles of those that a picture of somebody's turns out to be on."""

import re
from collections import OrderedDict

from isthisme.scanning.found import RecordedPage

_LONGEST = 64 << 10  # bytes of a page: titles stand at its beginning
_MOST = 16 << 20  # bytes of all pages; pictures follow soon after the page that they are on
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)


class RecordedPages:
    """Holds no more than so many bytes; what came first goes first."""

    def __init__(self, most_bytes: int = _MOST) -> None:
        self._left = most_bytes
        self._pages: OrderedDict[str, RecordedPage] = OrderedDict()

    def keep(self, address: str, data: bytes, media_type: str) -> None:
        """The beginning of a page's text, unpacked; `media_type` is its Content-Type."""
        self._drop(address)
        named = _CHARSET.search(media_type[:500])
        self._pages[address] = RecordedPage(data[:_LONGEST], named[1] if named else None)
        self._left -= _cost(address, self._pages[address])
        while self._left < 0:
            self._drop(next(iter(self._pages)))

    def at(self, address: str) -> RecordedPage | None:
        return self._pages.get(address)

    def _drop(self, address: str) -> None:
        dropped = self._pages.pop(address, None)
        if dropped is not None:
            self._left += _cost(address, dropped)


def _cost(address: str, page: RecordedPage) -> int:
    return 500 + 4 * len(address) + len(page.data)  # bytes, as Python holds them


def is_page(media_type: str) -> bool:
    """Whether a Content-Type says that this is a web page."""
    return media_type.strip().lower().startswith(("text/html", "application/xhtml+xml"))
