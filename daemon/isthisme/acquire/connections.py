"""HTTP sessions whose every connection the address guard has seen: the address checked is the address connected to."""

import errno
import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from isthisme.acquire.address_guard import judge_destination
from isthisme.acquire.network_ranges import IPAddress, Reach, reach_of
from isthisme.acquire.own_networks import OwnNetworks
from isthisme.errors import AddressRefused


class GuardedResolver(AbstractResolver):
    """Asks another resolver and lets an answer through only when every address in it is allowed."""

    def __init__(self, resolver: AbstractResolver, reaches: frozenset[Reach], own_networks: OwnNetworks) -> None:
        self._resolver = resolver
        self._reaches = reaches
        self._own_networks = own_networks

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises AddressRefused for a host that leads anywhere else, or to public and other addresses at once."""
        answers = await self._resolver.resolve(host, port, family)
        ips = [_ip(answer["host"]) for answer in answers]
        for ip in ips:
            _judge(ip, host, self._reaches, self._own_networks)
        if len({reach_of(ip) is Reach.PUBLIC for ip in ips}) > 1:
            raise AddressRefused(f"{host} leads to public and other addresses at once, as in attacks; it is not asked")
        return answers

    async def close(self) -> None:
        """Leaves the resolver that is asked open: it belongs to whoever made it."""


def open_session(
    resolver: AbstractResolver, reaches: frozenset[Reach], own_networks: OwnNetworks, *, keeps_connections: bool
) -> aiohttp.ClientSession:
    """A session that connects only that far, and brings no cookies, proxies or redirects of its own."""

    def guarded_socket(address_info: tuple[Any, ...]) -> socket.socket:
        """The last look, at the very address: also for hosts that are IP addresses, for which no resolver is asked."""
        family, kind, protocol, _, where = address_info
        try:
            _judge(_ip(where[0]), where[0], reaches, own_networks)
        except AddressRefused as error:
            raise PermissionError(errno.EACCES, str(error)) from error  # aiohttp passes on no others
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(resolver, reaches, own_networks),
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


def _judge(ip: IPAddress, host: str, reaches: frozenset[Reach], own_networks: OwnNetworks) -> None:
    judge_destination(ip, host, reaches)
    if Reach.PRIVATE not in reaches and own_networks.hold(ip):
        raise AddressRefused(
            f"{host} leads to {ip}, which is in this computer's own network; pictures from there are fetched only for "
            "pages of that same host; open the page by its address"
        )


def _ip(text: str) -> IPAddress:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise AddressRefused(f"the name service answered {text[:100]!r}, which is no IP address") from error
