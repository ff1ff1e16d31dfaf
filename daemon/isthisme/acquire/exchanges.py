"""What was asked and answered, as it is kept with a sighting."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

import aiohttp

from isthisme.acquire.address_guard import Target
from isthisme.acquire.answers import Fetched
from isthisme.domain import Exchange

_MOST_HEADERS = 100  # of a request or an answer that are kept
_LONGEST_HEADER = 4096  # characters


def asked_for_at(answer: Fetched, target: Target) -> Fetched:
    return replace(answer, exchange=replace(answer.exchange, address=target.address))


def exchange_of(response: aiohttp.ClientResponse, target: Target, began: float) -> Exchange:
    return Exchange(
        target.address,
        target.address,
        "companion",
        request_headers=_headers(response.request_info.headers),
        status=response.status,
        reason=_sayable(response.reason or ""),
        response_headers=_headers(response.headers),
        began=began,
    )


def _headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Bounded, so that a site cannot fill memory or disk with them."""
    return tuple((_sayable(name), _sayable(value)) for name, value in islice(headers.items(), _MOST_HEADERS))


def _sayable(text: str) -> str:
    """As text that can be kept: bytes that are not UTF-8 reach us as halves of characters."""
    return text[:_LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
