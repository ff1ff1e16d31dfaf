"""Addresses that look public and lie at home."""

import socket
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest

from isthisme.acquire.own_networks import OwnNetworks
from tests.acquire.test_answers import Clock


def interface(address: str, netmask: str | None, family: Any = None) -> Any:
    usual = socket.AF_INET6 if ":" in address else socket.AF_INET
    return SimpleNamespace(family=usual if family is None else family, address=address, netmask=netmask)


HOME = [
    interface("192.168.1.20", "255.255.255.0"),
    interface("2a02:1234:5:6::20", "ffff:ffff:ffff:ffff::"),
    interface("fe80::20%eth0", "ffff:ffff:ffff:ffff::"),
    interface("8.8.4.4", "255.255.255.0"),
    interface("9.9.9.9", None),
    interface("11.1.2.3", "255.0.0.0"),
    interface("2a03:1::1", "ffff:fff0::"),
    interface("aa:bb:cc:dd:ee:ff", None, family=17),
    interface("nonsense", "?"),
]


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        ("2a02:1234:5:6::1", True),  # the router
        ("2a02:1234:5:6:ffff::1", True),
        ("2a02:1234:5:7::1", False),
        ("8.8.4.1", True),
        ("8.8.5.1", False),
        ("9.9.9.9", True),
        ("9.9.9.8", False),
        ("11.1.2.3", True),  # of a provider's wide network, ourselves alone
        ("11.1.2.4", False),
        ("2a03:1::1", True),
        ("2a03:1::2", False),
        ("192.168.1.1", False),  # judged by its numbers
        ("fe80::1", False),
    ],
)
def test_what_lies_in_a_network_of_ours_is_near(address: str, is_near: bool) -> None:
    assert OwnNetworks(lambda: {"eth0": HOME[:3], "eth1": HOME[3:]}).hold(ip_address(address)) == is_near


def test_a_laptop_that_moves_is_noticed() -> None:
    clock, networks = Clock(), {"wlan0": [interface("8.8.4.4", "255.255.255.0")]}
    own = OwnNetworks(lambda: networks, clock)
    assert own.hold(ip_address("8.8.4.1"))
    networks["wlan0"] = []
    assert own.hold(ip_address("8.8.4.1"))
    clock.now += 30
    assert not own.hold(ip_address("8.8.4.1"))


def test_this_computer_tells_its_networks() -> None:
    assert not OwnNetworks().hold(ip_address("127.0.0.1"))
