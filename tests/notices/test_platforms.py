import re
from urllib.parse import urlsplit

import pytest

from isthisme.notices.kinds import read_kinds
from isthisme.notices.platforms import Platform, host_of, read_platforms
from isthisme.offenders.known_networks import HOST_NETWORKS, NETWORKS

_PLATFORMS = read_platforms()
_KINDS = {kind.id for kind in read_kinds()}


@pytest.mark.parametrize("platform", _PLATFORMS.all, ids=lambda platform: platform.name)
def test_every_platform_says_where_or_how_and_since_when_that_is_known(platform: Platform) -> None:
    assert platform.pages or platform.how.en
    assert bool(platform.how.en) == bool(platform.how.zh)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", platform.checked)
    assert all(host == host.lower() and "." in host and not host.startswith("www.") for host in platform.hosts)
    for page in platform.pages:
        assert set(page.takes) <= _KINDS
        assert page.takes
        assert urlsplit(page.page).scheme == "https"
        assert urlsplit(page.page).hostname
        assert not page.email or re.fullmatch(r"[\w.]+@[\w.]+", page.email)


def test_no_host_has_two_owners() -> None:
    hosts = [host for platform in _PLATFORMS.all for host in platform.hosts]
    assert len(hosts) == len(set(hosts))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.instagram.com/p/1/", "Instagram"),
        ("https://scontent-ams2-1.cdninstagram.com/v/1.jpg", "Instagram"),
        ("https://mp.weixin.qq.com/s/1", "微信 WeChat"),
        ("https://user.qzone.qq.com/1", "腾讯 QQ"),
        (
            "https://item.taobao.com/item.htm?id=1",
            "阿里巴巴 Alibaba",
        ),
        ("https://de.pinterest.com/pin/1", "Pinterest"),
        ("HTTPS://WWW.EBAY.CO.UK./itm/1", "eBay"),
        ("https://anna.tumblr.com/", "Tumblr"),
    ],
)
def test_a_page_is_known_by_its_host(address: str, name: str) -> None:
    platform = _PLATFORMS.of(address)
    assert platform is not None
    assert platform.name == name


@pytest.mark.parametrize(
    "address",
    [
        "https://notinstagram.com/",
        "https://instagram.com.evil.example/",
        "data:image/png;base64,",
        "",
        "https://[",
        "x" * 9,
    ],
)
def test_who_only_looks_like_a_platform_is_none(address: str) -> None:
    assert _PLATFORMS.of(address) is None
    assert isinstance(host_of(address), str)


def test_every_network_whose_accounts_are_known_is_a_platform() -> None:
    known = [network.hosts[0] for network in NETWORKS] + [network.under for network in HOST_NETWORKS]
    missing = [host for host in known if _PLATFORMS.of(f"https://{host}/") is None]
    assert missing == ["flickr.com"]  # where it takes reports is not known for sure


def test_searches_may_be_asked_about_pages_of_others() -> None:
    assert [each.name for each in _PLATFORMS.everywhere("gdpr")] == ["Google Search", "Bing"]
    assert "中央网信办举报中心 12377" in [each.name for each in _PLATFORMS.everywhere("prc")]
    assert _PLATFORMS.everywhere("request") == []
