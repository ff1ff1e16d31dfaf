"""How far IP addresses reach: the table's borders, and IPv4 hidden in IPv6."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.acquire.network_ranges import Reach, reach_of

NAT64 = IPv6Network("64:ff9b::/96")

CASES = {
    Reach.PUBLIC: """
        168.63.129.15 168.63.129.17
        1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
        169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255
        192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255
        203.0.114.0 223.255.255.255
        2000:: 2001:200:: 2001:db7:ffff:: 2001:db9:: 2003:: 2606:4700:4700::1111 2620:fe::fe 2a00:1450:4001::1
        3ffe:: 3fff:1000:: 3fff:ffff:: ::ffff:8.8.8.8 64:ff9b::8.8.8.8 64:ff9b::101:101
    """,
    Reach.LOOPBACK: """
        127.0.0.0 127.0.0.1 127.0.1.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1
    """,
    Reach.PRIVATE: """
        10.0.0.0 10.0.0.1 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.1.1 192.168.255.255
        fc00:: fd00:ec2::254 fd20:ce::254 fd00::1 fdff:ffff:: fec0::1 feff:: ::ffff:10.0.0.1 ::ffff:192.168.0.1
        64:ff9b:1:: 64:ff9b:1:ffff::8.8.8.8
    """,
    Reach.SHARED: "100.64.0.0 100.100.100.200 100.127.255.255 ::ffff:100.64.0.1",
    Reach.LINK_LOCAL: """
        168.63.129.16 ::ffff:168.63.129.16
        169.254.0.0 169.254.169.254 169.254.255.255 fe80:: fe80::1 febf:ffff:: ::ffff:169.254.169.254
        fe80::1%eth0 fe80::1%1
    """,
    Reach.SPECIAL: """
        0.0.0.0 0.0.0.1 0.255.255.255 192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.255 192.0.2.0 192.0.2.255 192.88.99.0
        192.88.99.1 198.18.0.0 198.19.255.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 224.0.0.0
        224.0.0.251 239.255.255.250 240.0.0.0 250.1.2.3 255.255.255.254 255.255.255.255
        :: ::2 ::7f00:1 ::8.8.8.8 ::127.0.0.1 ::ffff:0:0 ::ffff:0.0.0.0 ::ffff:255.255.255.255 ::ffff:0:127.0.0.1
        ::fffe:127.0.0.1 64:ff9a:: 64:ff9b::1:0:0 64:ff9b:0:1:: 64:ff9b:2:: 100:: 100::1 200:: 400:: 1000:: 1fff::
        2001:: 2001::1 2001:0:53aa:64c:0:fbff:8888:7777 2001:1::1 2001:2:: 2001:10:: 2001:20:: 2001:1ff:ffff::
        2001:db8:: 2001:db8::1 2001:db8:ffff:: 2002:: 2002:7f00:1:: 2002:a00:1:: 2002:808:808:: 2002:ffff:ffff::
        3fff:: 3fff:fff:ffff:: 4000:: 5f00:: 8000:: c000:: e000:: f000:: fbff:: fe00:: fe7f:: ff00:: ff02::1 ff02::fb
        ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2606:4700::5efe:10.0.0.1 2606:4700::5efe:8.8.8.8
        2606:4700::200:5efe:10.0.0.1 2606:4700::1%eth0 64:ff9b::0.0.0.0 64:ff9b::224.0.0.1 64:ff9b::127.0.0.1
        64:ff9b::10.0.0.1 64:ff9b::192.168.1.1 64:ff9b::100.64.0.1 64:ff9b::169.254.169.254
        64:ff9b::168.63.129.16 192.0.0.192
    """,
}


@pytest.mark.parametrize(
    ("address", "reach"), [(address, reach) for reach, addresses in CASES.items() for address in addresses.split()]
)
def test_each_address_reaches_as_far_as_the_registries_say(address: str, reach: Reach) -> None:
    assert reach_of(ip_address(address)) is reach


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_mapped_address_reaches_as_far_as_the_address_itself(address: IPv4Address) -> None:
    assert reach_of(IPv6Address(f"::ffff:{address}")) is reach_of(address)
    is_public = reach_of(IPv6Address(f"64:ff9b::{address}")) is Reach.PUBLIC
    assert is_public == (reach_of(address) is Reach.PUBLIC)


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_never_public(address: IPv4Address | IPv6Address) -> None:
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if inner.is_private or inner.is_loopback or inner.is_multicast or inner.is_reserved or inner.is_link_local:
        is_translated = isinstance(inner, IPv6Address) and inner in NAT64
        assert is_translated or reach_of(address) is not Reach.PUBLIC


@given(st.ip_addresses(v=6))
def test_beyond_the_global_unicast_range_only_translated_addresses_are_public(address: IPv6Address) -> None:
    if reach_of(address) is Reach.PUBLIC:
        assert int(address) >> 125 == 1 or address.ipv4_mapped or address in NAT64
