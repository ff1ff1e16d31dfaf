"""Who is behind a page, by its address; and what seems to belong together."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.offenders.addresses import offender_of
from isthisme.offenders.known_networks import HOST_NETWORKS, NETWORKS
from isthisme.offenders.suggestions import suggestions

TOP = Path(__file__).parents[2]


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


def see(catalog: Catalog, page: str, picture: bytes, bits: int | None = None) -> int:
    return catalog.sightings.keep(SeenPicture(page, None, "p", picture, b"jpeg", 1, 1, "{}", bits))


@pytest.mark.parametrize(
    ("address", "name", "kind"),
    [
        ("https://shop.example.co.uk/x?y", "example.co.uk", "site"),
        ("http://www.thief.example:8080/", "thief.example", "site"),
        ("https://127.0.0.1/", "127.0.0.1", "site"),
        ("https://www.instagram.com/Anna.Photo/", "instagram.com/anna.photo", "account"),
        ("https://www.instagram.com/stories/anna/3/", "instagram.com/anna", "account"),
        ("https://m.facebook.com/profile.php?id=123&x=y", "facebook.com/profile.php?id=123", "account"),
        ("https://de-de.facebook.com/people/Anna/99/", "facebook.com/people/Anna/99", "account"),
        ("https://www.tiktok.com/@Anna/video/5", "tiktok.com/@anna", "account"),
        ("https://weibo.com/u/123", "weibo.com/u/123", "account"),
        ("https://www.etsy.com/de/shop/Cats", "etsy.com/shop/cats", "account"),
        ("https://shop123.taobao.com/item", "shop123.taobao.com", "account"),
    ],
)
def test_an_address_tells_who_is_behind_it(address: str, name: str, kind: str) -> None:
    found = offender_of(address)
    assert found is not None
    assert (found.name, found.kind) == (name, kind)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.instagram.com/p/Cxyz/",  # a post does not say whose it is
        "https://www.instagram.com/",
        "https://item.taobao.com/item.htm?id=5",
        "https://taobao.com/",
        "file:///photos/pack.zip",
        "https://[bad/",
        "",
        "no address",
    ],
)
def test_what_does_not_tell_is_nobody(address: str) -> None:
    assert offender_of(address) is None


def test_the_table_of_networks_is_the_extensions() -> None:
    table = "JSON.stringify([networks.NETWORKS, networks.HOST_NETWORKS])"
    script = f"import('./extension/shared/networks.js').then((networks) => console.log({table}))"
    done = subprocess.run(["node", "-e", script], cwd=TOP, capture_output=True, text=True, check=True)
    networks, host_networks = json.loads(done.stdout)
    assert [
        {
            "hosts": list(each.hosts),
            "accounts": [{"forms": list(one.forms), "foldsCase": one.folds_case} for one in each.accounts],
            "reserved": sorted(each.reserved),
        }
        for each in NETWORKS
    ] == [
        {
            "hosts": each["hosts"],
            "accounts": [{"forms": one["forms"], "foldsCase": one.get("foldsCase", False)} for one in each["accounts"]],
            "reserved": sorted(each.get("reserved", [])),
        }
        for each in networks
    ]
    assert {each.under: each.reserved for each in HOST_NETWORKS} == {
        each["under"]: frozenset(each["reserved"]) for each in host_networks
    }


def test_one_site_and_one_account_are_suggested_and_a_lone_sighting_is_not(catalog: Catalog) -> None:
    see(catalog, "https://a.example/1", b"1")
    see(catalog, "https://shop.a.example/2", b"2")
    see(catalog, "https://instagram.com/anna", b"3")
    see(catalog, "https://www.instagram.com/Anna/reels", b"4")
    see(catalog, "https://alone.example/", b"5")
    found = suggestions(catalog)
    assert [(each.reason, each.offender, each.sighting_ids, each.case_id) for each in found] == [
        ("account", "instagram.com/anna", (3, 4), None),
        ("site", "a.example", (1, 2), None),
    ]


def test_the_same_picture_elsewhere_is_suggested_near_copies_too(catalog: Catalog) -> None:
    see(catalog, "https://a.example/", b"1", 0xFF00)
    see(catalog, "https://b.example/", b"2", 0xFF01)
    see(catalog, "https://c.example/", b"1", None)
    see(catalog, "https://d.example/", b"3", 0x00FF)
    assert [(each.reason, each.sighting_ids) for each in suggestions(catalog)] == [("same_picture", (1, 2, 3))]


def test_what_belongs_to_a_case_is_suggested_for_it(catalog: Catalog) -> None:
    first = see(catalog, "https://a.example/", b"1", 0xFF00)
    case = catalog.cases.make("A thief", "a.example", [first])
    see(catalog, "https://a.example/2", b"2", 0x0)
    see(catalog, "https://b.example/", b"3", 0xFF01)
    assert [(each.reason, each.sighting_ids, each.case_id) for each in suggestions(catalog)] == [
        ("site", (2,), case),
        ("same_picture", (3,), case),
    ]


def test_without_sightings_there_is_nothing_to_suggest(catalog: Catalog) -> None:
    assert suggestions(catalog) == []


def test_copies_of_copies_are_one_group_in_whatever_order_they_were_seen(catalog: Catalog) -> None:
    """Each is near the next alone: A, B, C, D. Seen as D, A, B, something else, C."""
    a, b, c, d = 0, 0xF, 0xFF, 0xFFF  # 4 bits from one to the next
    numbers = [
        see(catalog, f"file:///{number}.zip", b"%d" % number, bits)
        for number, bits in enumerate((d, a, b, 0xFFFF_0000_0000, c))
    ]
    (found,) = suggestions(catalog)
    assert (found.reason, found.case_id) == ("same_picture", None)
    assert list(found.sighting_ids) == [numbers[0], numbers[1], numbers[2], numbers[4]]
