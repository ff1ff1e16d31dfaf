"""How the address of an account looks on the big networks: the same table as `extension/shared/networks.js`, of which a
test keeps this one a copy.

In a form `{}` stands for a name, `{digits}` for a number, `{lang}` for a language. Forms of one account name the same;
the first is how it is kept.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    forms: tuple[str, ...]
    folds_case: bool = False  # whether Anna and anna are the same


@dataclass(frozen=True, slots=True)
class Network:
    hosts: tuple[str, ...]  # without `www.`; the first is how it is kept
    accounts: tuple[Account, ...]  # the first that fits counts
    reserved: frozenset[str] = frozenset()  # words in the place of a name that name no account
    other_hosts: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class HostNetwork:
    """Where each account has a host of its own."""

    under: str
    reserved: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NETWORKS = (
    Network(
        ("instagram.com", "m.instagram.com"),
        (Account(("/{}", "/stories/{}"), folds_case=True),),
        reserved=_words("about accounts ar developer direct explore legal p reel reels stories tv"),
    ),
    Network(("threads.net", "threads.com"), (Account(("/@{}",), folds_case=True),)),
    Network(
        ("facebook.com", "m.facebook.com", "web.facebook.com", "mbasic.facebook.com", "touch.facebook.com"),
        (
            Account(("/profile.php?id={digits}",)),
            Account(("/people/{}/{digits}",)),
            Account(("/{}",), folds_case=True),
        ),
        reserved=_words(
            "about ads bookmarks business dialog events friends gaming groups hashtag help home.php legal "
            "login login.php marketplace media messages notifications pages people permalink.php photo "
            "photo.php photos plugins policies privacy profile.php public reel reels saved search settings "
            "share sharer sharer.php stories story.php watch"
        ),
        other_hosts=re.compile(r"[a-z]{2}-[a-z]{2}\.facebook\.com"),
    ),
    Network(
        ("x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com", "m.twitter.com"),
        (Account(("/{}",), folds_case=True),),
        reserved=_words(
            "about compose explore hashtag home i intent jobs login logout messages notifications privacy "
            "search settings share signup tos"
        ),
    ),
    Network(("tiktok.com", "m.tiktok.com"), (Account(("/@{}",), folds_case=True),)),
    Network(("douyin.com",), (Account(("/user/{}",)),), reserved=_words("self")),
    Network(
        ("weibo.com", "m.weibo.cn", "weibo.cn", "m.weibo.com"),
        (
            Account(("/u/{digits}", "/profile/{digits}", "/{digits}")),
            Account(("/n/{}",)),
            Account(("/{}",), folds_case=True),
        ),
        reserved=_words(
            "a ajax at detail fav home hot like login login.php message mygroups n newlogin p profile search "
            "set status tv ttarticle u"
        ),
    ),
    Network(("xiaohongshu.com", "rednote.com"), (Account(("/user/profile/{}",)),)),
    Network(
        ("linkedin.com", "m.linkedin.com"),
        (
            Account(("/in/{}",), folds_case=True),
            Account(("/company/{}",), folds_case=True),
        ),
        other_hosts=re.compile(r"[a-z]{2}\.linkedin\.com"),
    ),
    Network(
        (
            "pinterest.com",
            "pinterest.at",
            "pinterest.ca",
            "pinterest.ch",
            "pinterest.cl",
            "pinterest.co.kr",
            "pinterest.co.uk",
            "pinterest.com.au",
            "pinterest.com.mx",
            "pinterest.de",
            "pinterest.dk",
            "pinterest.es",
            "pinterest.fr",
            "pinterest.ie",
            "pinterest.info",
            "pinterest.it",
            "pinterest.jp",
            "pinterest.nz",
            "pinterest.ph",
            "pinterest.pt",
            "pinterest.ru",
            "pinterest.se",
        ),
        (Account(("/{}",), folds_case=True),),
        reserved=_words(
            "about business categories explore homefeed idea ideas login news pin pin-creation-tool resource "
            "search settings signup today topics videos"
        ),
        other_hosts=re.compile(r"[a-z]{2}\.pinterest\.com"),
    ),
    Network(
        ("youtube.com", "m.youtube.com"),
        (
            Account(("/@{}",), folds_case=True),
            Account(("/channel/{}",)),
            Account(("/c/{}",), folds_case=True),
            Account(("/user/{}",), folds_case=True),
        ),
    ),
    Network(("space.bilibili.com",), (Account(("/{digits}",)),)),
    Network(
        ("etsy.com",),
        (
            Account(("/shop/{}", "/{lang}/shop/{}"), folds_case=True),
            Account(("/people/{}", "/{lang}/people/{}"), folds_case=True),
        ),
    ),
    Network(
        ("flickr.com", "m.flickr.com"),
        (Account(("/photos/{}", "/people/{}"), folds_case=True),),
        reserved=_words("tags"),
    ),
    Network(
        ("reddit.com", "old.reddit.com", "new.reddit.com", "m.reddit.com"),
        (Account(("/user/{}", "/u/{}"), folds_case=True),),
        reserved=_words("me"),
    ),
    Network(
        ("vk.com", "m.vk.com", "vk.ru", "m.vk.ru"),
        (Account(("/{}",), folds_case=True),),
        reserved=_words("about al_feed.php clips feed friends groups im jobs login market search settings video"),
    ),
)

HOST_NETWORKS = (
    HostNetwork(
        "taobao.com",
        _words(
            "2 a ai.m bbs buy buyertrade cart click detail favorite h5 h5.m huodong i img item jiyoujia list "
            "live login m main.m market member.m my myseller open passport pages pub.alimama rate s shop "
            "shopsearch sale search seller service tw uland world world.m www"
        ),
    ),
    HostNetwork(
        "tmall.com",
        _words("3c brand chaoshi detail detail.m food item list login m nvzhuang pages pages.m search world www yao"),
    ),
    HostNetwork("tumblr.com", _words("api assets embed m media static www")),
)
