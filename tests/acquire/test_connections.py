"""The guard at the moment of connecting: names, literals, rebinding."""

import aiohttp
import pytest

from isthisme.acquire.address_guard import PUBLIC_ONLY
from isthisme.acquire.connections import GuardedResolver, open_session
from isthisme.acquire.network_ranges import Reach
from isthisme.acquire.own_networks import OwnNetworks
from isthisme.errors import AddressRefused
from tests.acquire.scripted_resolver import ScriptedResolver
from tests.acquire.site import Site
from tests.acquire.test_own_networks import interface

NETWORK = PUBLIC_ONLY | {Reach.PRIVATE}


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["10.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["fe80::1%2"], ["8.8.8.8", "127.0.0.1"], ["x"]],
)
async def test_a_name_with_any_address_that_is_not_allowed_is_refused(answers: list[str]) -> None:
    resolver = GuardedResolver(ScriptedResolver({"a.example": [answers]}), PUBLIC_ONLY, OwnNetworks())
    with pytest.raises(AddressRefused):
        await resolver.resolve("a.example", 80)


async def test_a_name_with_public_and_private_addresses_is_refused_where_either_would_do() -> None:
    resolver = GuardedResolver(
        ScriptedResolver({"a.example": [["8.8.8.8", "10.0.0.1"], ["10.0.0.1"], ["8.8.8.8"]]}), NETWORK, OwnNetworks()
    )
    with pytest.raises(AddressRefused, match="public and other addresses at once"):
        await resolver.resolve("a.example", 80)
    assert [(await resolver.resolve("a.example", 80))[0]["host"] for _ in range(2)] == ["10.0.0.1", "8.8.8.8"]


async def test_closing_the_guard_leaves_the_resolver_open() -> None:
    inner = ScriptedResolver({})
    await GuardedResolver(inner, PUBLIC_ONLY, OwnNetworks()).close()
    assert not inner.is_closed


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_an_ip_address_is_checked_where_no_resolver_is_asked(site: Site, host: str) -> None:
    resolver = ScriptedResolver({})
    async with open_session(resolver, PUBLIC_ONLY, OwnNetworks(), keeps_connections=True) as session:
        with pytest.raises(aiohttp.ClientConnectorError, match="this computer itself"):
            await session.get(f"http://{host}:{site.port}/")
    assert not site.requests
    assert not resolver.asked


HOME = OwnNetworks(lambda: {"eth0": [interface("2a02:1234:5:6::20", "ffff:ffff:ffff:ffff::")]})


async def test_a_router_that_looks_public_is_asked_for_no_page_elsewhere(site: Site) -> None:
    resolver = ScriptedResolver({"router.example": [["2a02:1234:5:6::1"]], "far.example": [["2a02:1234:5:7::1"]]})
    guarded = GuardedResolver(resolver, PUBLIC_ONLY, HOME)
    assert await guarded.resolve("far.example", 80)
    with pytest.raises(AddressRefused, match=r"router\.example leads to 2a02:1234:5:6::1, which is in this computer's"):
        await guarded.resolve("router.example", 80)
    assert await GuardedResolver(resolver, NETWORK, HOME).resolve("router.example", 80)
    async with open_session(resolver, PUBLIC_ONLY, HOME, keeps_connections=True) as session:
        with pytest.raises(aiohttp.ClientConnectorError, match="this computer's own network"):
            await session.get("http://[2a02:1234:5:6::1]/")


async def test_every_new_connection_is_checked_again(site: Site) -> None:
    """A name that was public when it was first asked, and is this computer when the connection is made."""
    resolver = ScriptedResolver({"photos.example": [["8.8.8.8"], ["127.0.0.1"]]})
    guarded = GuardedResolver(resolver, PUBLIC_ONLY, OwnNetworks())
    await guarded.resolve("photos.example", site.port)
    async with open_session(resolver, PUBLIC_ONLY, OwnNetworks(), keeps_connections=True) as session:
        with pytest.raises(AddressRefused):
            await session.get(site.address("/", "photos.example"))
    assert not site.requests


async def test_sessions_bring_nothing_of_their_own(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    site.serves("/", Set_Cookie="a=b")
    async with open_session(
        ScriptedResolver({}), frozenset({Reach.LOOPBACK}), OwnNetworks(), keeps_connections=True
    ) as session:
        for _ in range(2):
            async with session.get(site.address("/")) as response:
                assert response.status == 200
    assert len(site.requests) == 2
    assert len(site.connections) == 1  # kept
    assert not any("Cookie" in request.headers for request in site.requests)
