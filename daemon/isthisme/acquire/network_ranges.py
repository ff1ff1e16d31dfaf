"""Which IP addresses are on the public internet, after the registries of special-purpose addresses (RFC 6890).

The standard library's `is_global` changes between patch releases; the table here is what the guard promises.
"""

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

type IPAddress = IPv4Address | IPv6Address


class Reach(StrEnum):
    """How far an address reaches. The values finish the sentence "the address is ..."."""

    PUBLIC = "public"
    LOOPBACK = "this computer itself (loopback)"
    PRIVATE = "on a private network"
    SHARED = "inside a provider's network (shared address space)"
    LINK_LOCAL = "on the local link"
    SPECIAL = "not the address of a site (reserved, documentation, multicast or a tunnel)"


def _networks(table: dict[str, Reach]) -> list[tuple[IPv4Network | IPv6Network, Reach]]:
    return [(ip_network(network), reach) for network, reach in table.items()]


_IPV4 = _networks(
    {
        "0.0.0.0/8": Reach.SPECIAL,  # this network; 0.0.0.0 connects to this computer
        "10.0.0.0/8": Reach.PRIVATE,
        "100.64.0.0/10": Reach.SHARED,
        "127.0.0.0/8": Reach.LOOPBACK,
        "168.63.129.16/32": Reach.LINK_LOCAL,  # Azure's own service for each of its machines
        "169.254.0.0/16": Reach.LINK_LOCAL,  # 169.254.169.254 answers with a cloud machine's secrets
        "172.16.0.0/12": Reach.PRIVATE,
        "192.0.0.0/24": Reach.SPECIAL,  # protocol assignments
        "192.0.2.0/24": Reach.SPECIAL,  # documentation
        "192.88.99.0/24": Reach.SPECIAL,  # 6to4 relays
        "192.168.0.0/16": Reach.PRIVATE,
        "198.18.0.0/15": Reach.SPECIAL,  # benchmarks
        "198.51.100.0/24": Reach.SPECIAL,  # documentation
        "203.0.113.0/24": Reach.SPECIAL,  # documentation
        "224.0.0.0/4": Reach.SPECIAL,  # multicast
        "240.0.0.0/4": Reach.SPECIAL,  # reserved, and broadcast
    }
)
# Outside 2000::/3 nothing is public. The first network that fits counts.
_IPV6 = _networks(
    {
        "::1/128": Reach.LOOPBACK,
        "fc00::/7": Reach.PRIVATE,
        "fec0::/10": Reach.PRIVATE,  # site-local, long deprecated
        "fe80::/10": Reach.LINK_LOCAL,
        "64:ff9b:1::/48": Reach.PRIVATE,  # a network's own NAT64
        "2001::/23": Reach.SPECIAL,  # protocol assignments, Teredo, benchmarks, ORCHID
        "2001:db8::/32": Reach.SPECIAL,  # documentation
        "2002::/16": Reach.SPECIAL,  # 6to4 tunnels
        "3fff::/20": Reach.SPECIAL,  # documentation
        "2000::/3": Reach.PUBLIC,
    }
)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP_MARKS = (0x0000_5EFE, 0x0200_5EFE)  # in front of the IPv4 address of a tunnel's end (RFC 5214)


def reach_of(address: IPAddress) -> Reach:
    """How far the address reaches, seen through the forms that hide an IPv4 address in an IPv6 one."""
    if isinstance(address, IPv4Address):
        return next((reach for network, reach in _IPV4 if address in network), Reach.PUBLIC)
    if address.scope_id is not None:  # fe80::1%eth0: a zone makes sense on a link alone
        address = IPv6Address(int(address))
        return reach_of(address) if reach_of(address) is not Reach.PUBLIC else Reach.SPECIAL
    if address.ipv4_mapped is not None:
        return reach_of(address.ipv4_mapped)
    if address in _NAT64:  # how a network without IPv4 reaches public IPv4 sites, and those alone (RFC 6052, 3.1)
        is_public = reach_of(IPv4Address(int(address) & 0xFFFF_FFFF)) is Reach.PUBLIC
        return Reach.PUBLIC if is_public else Reach.SPECIAL
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP_MARKS:
        return Reach.SPECIAL
    return next((reach for network, reach in _IPV6 if address in network), Reach.SPECIAL)
