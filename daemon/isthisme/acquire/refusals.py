"""Why what was asked for did not come, as an error in words."""

import errno
import socket
from http import HTTPStatus

import aiohttp

from isthisme.acquire.address_guard import Target
from isthisme.acquire.errands import Errand
from isthisme.errors import FetchFailed, ImageTooLarge, NotThere, SiteRefused

_FOR_SOME_ONLY = frozenset({401, 403, 407, 451})
_GONE = frozenset({404, 410})


def check_answer(response: aiohttp.ClientResponse, errand: Errand, target: Target, max_bytes: int) -> None:
    """Raises FetchFailed or ImageTooLarge where the head of the answer already says that something else comes."""
    if response.status in _GONE:
        raise NotThere(refusal(response, errand, target))
    if response.status != HTTPStatus.OK:
        raise (SiteRefused if response.status in _FOR_SOME_ONLY else FetchFailed)(refusal(response, errand, target))
    if "Content-Type" in response.headers and errand.is_other_thing(response.content_type):
        raise SiteRefused(f"{target.host} sent {response.content_type} in place of a {errand.noun}; {errand.way_out}")
    if response.content_length is not None and response.content_length > max_bytes:
        raise too_large(errand, target, str(response.content_length), max_bytes)


def tells_of_no_network(error: Exception) -> bool:
    """Whether it is this computer that reaches nothing, and not that site alone."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    return isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.ENETDOWN)


def refusal(response: aiohttp.ClientResponse, errand: Errand, target: Target) -> str:
    said = f"{target.host} answered {response.status} ({(response.reason or 'no reason given')[:100]})"
    match response.status:
        case 401 | 403 | 407:
            return f"{said}: it gives the {errand.noun} only to some visitors; let the browser fetch it"
        case 404 | 410:
            return f"{said}: the {errand.noun} is not there any more; load the page again"
        case 429 | 503:
            wait = response.headers.get("Retry-After", "")
            return f"{said}: it wants fewer requests; try again " + (f"in {wait} s" if wait.isdecimal() else "later")
        case _:
            return f"{said} in place of a {errand.noun}; try again later"


def too_large(errand: Errand, target: Target, announced: str, max_bytes: int) -> ImageTooLarge:
    return ImageTooLarge(
        f"the {errand.noun} from {target.host} has {announced} bytes; the limit is {max_bytes} (max_bytes)"
    )
