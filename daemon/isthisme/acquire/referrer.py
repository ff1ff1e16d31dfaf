"""What a site is told about the page that a picture is on: the W3C's Referrer Policy, as browsers follow it."""

from isthisme.acquire.address_guard import Target

_LONGEST_REFERRER = 4096  # characters; beyond it the origin alone is told
_DEFAULT = "strict-origin-when-cross-origin"
# Without the browser's word on the page's policy, nobody is told what the browser may have kept from them.
_UNKNOWN = "same-origin"
POLICIES = frozenset(
    {
        "no-referrer",
        "no-referrer-when-downgrade",
        "same-origin",
        "origin",
        "strict-origin",
        "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
        "unsafe-url",
    }
)


def referrer(document: Target | None, target: Target, policy: str | None = None) -> str | None:
    """The Referer header, or None for no header.

    `document` is what shows the picture. `policy` is None where it is not known, which tells other origins nothing; the
    empty one, or one of a newer standard, is the browsers' default. Of a list of policies the last known one counts.
    """
    if document is None:
        return None
    match _UNKNOWN if policy is None else effective_policy(policy):
        case "no-referrer":
            told = None
        case "no-referrer-when-downgrade":
            told = None if _is_downgrade(document, target) else document.address
        case "same-origin":
            told = document.address if document.origin == target.origin else None
        case "origin":
            told = document.origin + "/"
        case "strict-origin":
            told = None if _is_downgrade(document, target) else document.origin + "/"
        case "origin-when-cross-origin":
            told = document.address if document.origin == target.origin else document.origin + "/"
        case "unsafe-url":
            told = document.address
        case _:
            told = _default(document, target)
    return document.origin + "/" if told is not None and len(told) > _LONGEST_REFERRER else told


def effective_policy(words: str) -> str:
    """The policy that a header or attribute comes to."""
    known = [word for word in (each.strip().lower() for each in words.split(",")) if word in POLICIES]
    return known[-1] if known else _DEFAULT


def _default(document: Target, target: Target) -> str | None:
    if document.origin == target.origin:
        return document.address
    return None if _is_downgrade(document, target) else document.origin + "/"


def _is_downgrade(document: Target, target: Target) -> bool:
    """From where others on the way cannot read to where they can. Traffic with this computer is on no way."""
    return document.is_trustworthy and not target.is_trustworthy
