"""What a browser tells a site about the page that a picture is on."""

from isthisme.acquire.address_guard import Target

_LONGEST_REFERRER = 4096  # characters; the Fetch standard sends the origin alone beyond it


def referrer(page: Target | None, target: Target) -> str | None:
    """The Referer header under strict-origin-when-cross-origin, the browsers' default; None for no header."""
    if page is None or (page.scheme == "https" and target.scheme == "http"):
        return None
    if page.origin == target.origin and len(page.address) <= _LONGEST_REFERRER:
        return page.address
    return page.origin + "/"
