"""The networks that this computer is in. With IPv6 a router and a printer at home have addresses that look public."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import psutil

from isthisme.acquire.network_ranges import IPAddress, Reach, reach_of

_SECONDS = 30.0  # for which what was found is believed
# A wider network is a provider's, in which strangers have their sites: of it only our own address is near.
_WIDEST = {4: 22, 6: 48}


class InterfaceAddress(Protocol):
    """As psutil tells it."""

    @property
    def family(self) -> int: ...

    @property
    def address(self) -> str: ...

    @property
    def netmask(self) -> str | None: ...


class OwnNetworks:
    """Asked anew every now and then, as laptops move. Threads may share it."""

    def __init__(
        self,
        interfaces: Callable[[], Mapping[str, Sequence[InterfaceAddress]]] = psutil.net_if_addrs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interfaces = interfaces
        self._clock = clock
        self._lock = threading.Lock()
        self._known: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        self._until = float("-inf")

    def hold(self, ip: IPAddress) -> bool:
        """Whether this address, public by its numbers, is in a network of this computer's own."""
        if reach_of(ip) is not Reach.PUBLIC:
            return False  # which is near or far by its numbers alone
        with self._lock:
            if self._clock() >= self._until:
                self._known = [network for each in self._interfaces().values() for network in _networks(each)]
                self._until = self._clock() + _SECONDS
            return any(ip in network for network in self._known)


def _networks(addresses: Sequence[InterfaceAddress]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for each in addresses:
        if each.family not in (socket.AF_INET, socket.AF_INET6):
            continue
        try:
            ip = ipaddress.ip_address(each.address.partition("%")[0])
            length = _prefix_length(each.netmask, ip.max_prefixlen)
        except ValueError:
            continue  # a form of the system's own
        wide_enough = length if length >= _WIDEST[ip.version] else ip.max_prefixlen
        found.append(ipaddress.ip_network((ip, wide_enough), strict=False))
    return found


def _prefix_length(netmask: str | None, longest: int) -> int:
    return longest if netmask is None else int(ipaddress.ip_address(netmask)).bit_count()
