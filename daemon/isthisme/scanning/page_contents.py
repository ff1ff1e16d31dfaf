"""What is worth a look on a page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageContents:
    """Addresses are whole, and not checked by the address guard."""

    title: str | None
    pictures: tuple[str, ...]  # in the order of the page, each once
    next_pages: tuple[str, ...]  # that go on with it, the likeliest first
    referrer_policy: str | None  # that the page itself sets
    left_out: int  # pictures past a limit, or with addresses that are none
