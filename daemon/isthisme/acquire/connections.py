"""HTTP sessions whose every connection the address guard has seen: the address checked is the address connected to."""

import errno
import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from isthisme.acquire.address_guard import judge_destination
from isthisme.acquire.network_ranges import IPAddress, Reach, reach_of
from isthisme.errors import AddressRefused


class GuardedResolver(AbstractResolver):
    """Asks another resolver and lets an answer through only when every address in it is allowed."""

    def __init__(self, resolver: AbstractResolver, reaches: frozenset[Reach]) -> None:
        self._resolver = resolver
        self._reaches = reaches

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises AddressRefused for a host that leads anywhere else, or to public and other addresses at once."""
        answers = await self._resolver.resolve(host, port, family)
        ips = [_ip(answer["host"]) for answer in answers]
        for ip in ips:
            judge_destination(ip, host, self._reaches)
        if len({reach_of(ip) is Reach.PUBLIC for ip in ips}) > 1:
            raise AddressRefused(f"{host} leads to public and other addresses at once, as in attacks; it is not asked")
        return answers

    async def close(self) -> None:
        """Leaves the resolver that is asked open: it belongs to whoever made it."""


def open_session(
    resolver: AbstractResolver, reaches: frozenset[Reach], *, keeps_connections: bool
) -> aiohttp.ClientSession:
    """A session that connects only that far, and brings no cookies, proxies or redirects of its own."""

    def guarded_socket(address_info: tuple[Any, ...]) -> socket.socket:
        """The last look, at the very address: also for hosts that are IP addresses, for which no resolver is asked."""
        family, kind, protocol, _, where = address_info
        try:
            judge_destination(_ip(where[0]), where[0], reaches)
        except AddressRefused as error:
            raise PermissionError(errno.EACCES, str(error)) from error  # aiohttp passes on no others
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(resolver, reaches),
        socket_factory=guarded_socket,
        force_close=not keeps_connections,
        limit=0,  # `Slots` counts
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the fetcher has one clock for all of it
        auto_decompress=False,
        trust_env=False,
        requote_redirect_url=False,
    )


def _ip(text: str) -> IPAddress:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise AddressRefused(f"the name service answered {text[:100]!r}, which is no IP address") from error
