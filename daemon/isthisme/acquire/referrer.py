"""What a site is told about the page that a picture is on."""

from isthisme.acquire.address_guard import Target

_LONGEST_REFERRER = 4096  # characters; the Fetch standard sends the origin alone beyond it


def referrer(page: Target | None, target: Target) -> str | None:
    """The Referer header: the page's address for its own origin, None (no header) for all others.

    The page's referrer policy is not known here. Under `no-referrer`, as webmail has it, the browser tells other sites
    nothing, so nothing may be told; the page's own site knows its pages.
    """
    if page is None or page.origin != target.origin:
        return None
    return page.address if len(page.address) <= _LONGEST_REFERRER else page.origin + "/"
