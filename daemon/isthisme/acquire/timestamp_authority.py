"""Sends a timestamp query to an authority, where the user agreed to it. What is sent holds a hash and no more."""

import asyncio
from urllib.parse import urlsplit

import aiohttp

from isthisme.errors import FetchFailed, UsageError

_SECONDS = 30.0
_MOST_BYTES = 256 << 10
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


def ask_authority(address: str, query: bytes) -> bytes:
    """The authority's answer. Blocks for up to 30 s, and so belongs in a thread.

    Raises UsageError for what is no web address, FetchFailed where no answer came.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"timestamp_authority is {address[:200]!r}; it must be a web address (http or https)")
    try:
        return asyncio.run(_ask(address, query))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        words = str(error) or type(error).__name__
        raise FetchFailed(
            f"{parts.hostname} did not answer with a timestamp: {words[:200]}; try again later"
        ) from error


async def _ask(address: str, query: bytes) -> bytes:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    # Through the system's proxy where there is one: the user asked for this very request.
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True, cookie_jar=aiohttp.DummyCookieJar()) as session:
        headers = {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "isthisme"}
        async with session.post(address, data=query, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200:
                raise ValueError(f"HTTP {answer.status}")
            body = await answer.content.read(_MOST_BYTES + 1)
            while not answer.content.at_eof() and len(body) <= _MOST_BYTES:
                body += await answer.content.read(_MOST_BYTES + 1 - len(body))
    if len(body) > _MOST_BYTES:
        raise ValueError("the answer is too large")
    return body
