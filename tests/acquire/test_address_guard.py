"""The address guard: what is read, how it is read, and where it may lead."""

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from isthisme.acquire.address_guard import (
    PUBLIC_ONLY,
    Target,
    allowed_reaches,
    as_browsers_ask,
    judge_destination,
    judge_name,
    parse_page,
    parse_target,
)
from isthisme.acquire.network_ranges import Reach, reach_of
from isthisme.errors import AddressRefused

# As given, and as it is asked for.
READ = [
    ("http://example.org", "http://example.org/"),
    ("http://example.org/", "http://example.org/"),
    ("HTTP://EXAMPLE.org/Path", "http://example.org/Path"),
    ("  https://example.org/a.jpg  ", "https://example.org/a.jpg"),
    ("http://example.org:80/", "http://example.org/"),
    ("https://example.org:443/", "https://example.org/"),
    ("http://example.org:443/", "http://example.org:443/"),
    ("https://example.org:80/", "https://example.org:80/"),
    ("http://example.org:/", "http://example.org/"),
    ("http://example.org:08080/", "http://example.org:8080/"),
    ("http://example.org:8080/a?b=c#d", "http://example.org:8080/a?b=c"),
    ("http://example.org?b", "http://example.org/?b"),
    ("http://example.org#b", "http://example.org/"),
    ("http://example.org/a?b=http://user@host:22/", "http://example.org/a?b=http://user@host:22/"),
    ("http://example.org/a@b:c", "http://example.org/a@b:c"),
    ("http://example.org/a?b\\c", "http://example.org/a?b\\c"),
    ("http://example.org/a%2Fb%zz", "http://example.org/a%2Fb%zz"),
    ("http://example.org/../a/./b", "http://example.org/../a/./b"),
    ("http://example.org/a b", "http://example.org/a%20b"),
    ("http://example.org/ä?ö", "http://example.org/%C3%A4?%C3%B6"),
    ("http://example.org/图.jpg", "http://example.org/%E5%9B%BE.jpg"),
    ('http://example.org/"<>', "http://example.org/%22%3C%3E"),
    ("http://example.org/\ud800", "http://example.org/%EF%BF%BD"),
    ("http://example.org./", "http://example.org/"),
    ("http://exa_mple.org/", "http://exa_mple.org/"),
    ("http://a--b-.example.org/", "http://a--b-.example.org/"),
    ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"),
    ("http://bücher.example/", "http://xn--bcher-kva.example/"),
    ("http://BÜCHER.example/", "http://xn--bcher-kva.example/"),
    ("http://bücher.example/", "http://xn--bcher-kva.example/"),
    ("http://faß.example/", "http://xn--fa-hia.example/"),
    ("http://例え.テスト/", "http://xn--r8jz45g.xn--zckzah/"),
    ("http://例え。テスト/", "http://xn--r8jz45g.xn--zckzah/"),
    ("http://ｅｘａｍｐｌｅ．ｏｒｇ/", "http://example.org/"),
    ("http://exa\u00admple.org/", "http://example.org/"),
    ("http://1.example/", "http://1.example/"),
    ("http://1.2.3.4.example/", "http://1.2.3.4.example/"),
    ("http://0x.example/", "http://0x.example/"),
    # IPv4 in every notation
    ("http://8.8.8.8/", "http://8.8.8.8/"),
    ("http://8.8.8.8./", "http://8.8.8.8/"),
    ("http://8.8.8.8:8080/", "http://8.8.8.8:8080/"),
    ("http://134744072/", "http://8.8.8.8/"),
    ("http://0x08080808/", "http://8.8.8.8/"),
    ("http://0X8080808/", "http://8.8.8.8/"),
    ("http://01002004010/", "http://8.8.8.8/"),
    ("http://010.010.010.010/", "http://8.8.8.8/"),
    ("http://0x8.0x8.0x8.0x8/", "http://8.8.8.8/"),
    ("http://8.0x8.010.8/", "http://8.8.8.8/"),
    ("http://8.526344/", "http://8.8.8.8/"),
    ("http://8.8.2056/", "http://8.8.8.8/"),
    ("http://0000000008.8.8.8.example/", "http://0000000008.8.8.8.example/"),
    ("http://127.1/", "http://127.0.0.1/"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://0x7f000001/", "http://127.0.0.1/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://017700000001/", "http://127.0.0.1/"),
    ("http://0177.0.0.1/", "http://127.0.0.1/"),
    ("http://00000177.0.0.1/", "http://127.0.0.1/"),
    ("http://127.0x0.0.0x1/", "http://127.0.0.1/"),
    ("http://127.0.1/", "http://127.0.0.1/"),
    ("http://127.65536/", "http://127.1.0.0/"),
    ("http://１２７.0.0.1/", "http://127.0.0.1/"),
    ("http://127。0。0。1/", "http://127.0.0.1/"),
    ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
    ("http://0/", "http://0.0.0.0/"),
    ("http://0x/", "http://0.0.0.0/"),
    ("http://0x0/", "http://0.0.0.0/"),
    ("http://4294967295/", "http://255.255.255.255/"),
    ("http://2852039166/", "http://169.254.169.254/"),
    ("http://0xa9.0xfe.0xa9.0xfe/", "http://169.254.169.254/"),
    ("http://0xA9FEA9FE/", "http://169.254.169.254/"),
    ("http://0251.0376.0251.0376/", "http://169.254.169.254/"),
    ("http://3232235777/", "http://192.168.1.1/"),
    ("http://192.11010305/", "http://192.168.1.1/"),
    ("http://10.1/", "http://10.0.0.1/"),
    # IPv6
    ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
    ("http://[2606:4700:0:0:0:0:0:1111]/", "http://[2606:4700::1111]/"),
    ("http://[2606:4700::1111]:8080/a", "http://[2606:4700::1111]:8080/a"),
    ("http://[2A00:1450::1]:80/", "http://[2a00:1450::1]/"),
    ("http://[::1]/", "http://[::1]/"),
    ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
    ("http://[::0001]/", "http://[::1]/"),
    ("http://[::ffff:127.0.0.1]/", "http://127.0.0.1/"),
    ("http://[::ffff:7f00:1]/", "http://127.0.0.1/"),
    ("http://[0:0:0:0:0:ffff:10.0.0.1]/", "http://10.0.0.1/"),
    ("http://[::ffff:8.8.8.8]:8080/", "http://8.8.8.8:8080/"),
    ("http://[::127.0.0.1]/", "http://[::7f00:1]/"),
    ("http://[64:ff9b::8.8.8.8]/", "http://[64:ff9b::808:808]/"),
]

# What is refused, by a word of the reason.
REFUSED = {
    "begins with": """
        ftp://example.org/ file:///etc/passwd javascript:alert(1) data:image/png,x blob:https://example.org/1
        about:blank chrome-extension://abc/x ws://example.org/ wss://example.org/ gopher://example.org/ //example.org/
        example.org /a.jpg ://example.org view-source:http://example.org/ filesystem:http://example.org/ httpx://a/
        ahttp://example.org/ http+unix://a/ http-://a/ -http://example.org/ 1http://example.org/ dict://a:11/
        unix:/var/run/docker.sock ldap://example.org/ jar:http://example.org!/ mailto:a@example.org
    """,
    "names no host": """
        http: http:/ http:// http:///a.jpg http:example.org http:/example.org http://?a http://#a https:///example.org
        http:////example.org/
    """,
    "user name": """
        http://user@example.org/ http://user:word@example.org/ http://@example.org/ http://:@example.org/
        http://example.org@127.0.0.1/ http://127.0.0.1@example.org/ http://a:b@c@d/ http://user:22@example.org:80/
        http://example.org:80@127.0.0.1:80/ http://example.org\\@127.0.0.1/ http://example.org:80\\@127.0.0.1/
    """,
    "backslash": r"""
        http://example.org\a http://127.0.0.1\.example.org/ http://example.org/a\b
        http://\127.0.0.1/
    """,
    "optional port": """
        http://example.org:80:80/ http://example.org:x/ http://example.org:-1/ http://example.org:+80/
        http://example.org:8_0/ http://example.org:123456/ http://example.org:٨٠/ http://[::1/ http://::1/ http://::1]/
        http://[::1]x/ http://[::1]:x/ http://a[::1]/ http://[[::1]]/ http://1::8/ http://[]:80x/ http://example.org:0x50/
        http://[::1].example.org/ http://example.org:80.0/ http://[::1/]/
    """,
    "which no site uses": """
        http://example.org:0/ http://example.org:1/ http://example.org:7/ http://example.org:21/ http://example.org:22/
        http://example.org:23/ http://example.org:25/ http://example.org:53/ http://example.org:110/
        http://example.org:143/ http://example.org:389/ http://example.org:465/ http://example.org:587/
        http://example.org:636/ http://example.org:993/ http://example.org:2049/ http://example.org:5060/
        http://example.org:6000/ http://example.org:6667/ http://example.org:6697/ http://example.org:10080/
        http://example.org:65536/ http://example.org:99999/ https://example.org:22/ http://127.0.0.1:25/ http://[::1]:22/
        http://example.org:0022/
    """,
    "percent sign": "http://%31%32%37.0.0.1/ http://exam%70le.org/ http://127.0.0.1%2f/ http://a%00.org/ http://%/",
    "network card": "http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/ http://[::1%lo]/ http://[2606:4700::1%251]/",
    "not an IPv6 address": """
        http://[]/ http://[1]/ http://[::1::]/ http://[:::1]/ http://[1:2:3:4:5:6:7]/ http://[1:2:3:4:5:6:7:8:9]/
        http://[::12345]/ http://[::g]/ http://[127.0.0.1]/ http://[::127.0.0.256]/ http://[::127.0.1]/ http://[v1.x]/
        http://[example.org]/ http://[::0x7f.0.0.1]/ http://[::01.2.3.4]/ http://[+1::]/
    """,
    "is no IPv4 address": """
        http://256.256.256.256/ http://1.2.3.4.5/ http://127.0.0.256/ http://127.0.0.09/ http://08.8.8.8/
        http://4294967296/ http://0x100000000/ http://040000000000/ http://127.16777216/ http://127.0.65536/
        http://300.1/ http://1.300.1/ http://example.1/ http://example.0x1/ http://example.01/ http://a.b.127/
        http://1_0.0.0.1/ http://0x1_0.1/ http://1e1.0.0.1/ http://-1.0.0.1/ http://0b1.0.0.1/ http://0o1.0.0.1/
        http://99999999999999999999/ http://0xffffffffffffffffff/ http://1.2.3.0x100/ http://foo.0x/
    """,
    "name of a host": """
        http://./ http://../ http://.example.org/ http://example..org/ http://example.org../ http://exa!mple.org/
        http://exa$mple.org/ http://exa*mple.org/ http://exa,mple.org/ http://exa;mple.org/ http://(example.org)/
        http://{example}.org/ http://exa~mple.org/ http://exa'mple.org/ http://exa+mple.org/ http://exa=mple.org/
        http://exa|mple.org/ http://exa`mple.org/ http://exa^mple.org/ http://"example".org/ http://<example>.org/
        http://℀.example/ http://example。。org/ http://♥.example/ http://\u202eexample.org/
        http://exa\u00a0mple.org/ http://example.org：80/ http://exa\u2044mple.org/ http://１２７％2e.example/
    """,
}

LONG_NAMES = [f"http://{'a' * 64}.org/", f"http://{'.'.join(['a' * 60] * 5)}/", f"http://{'ü' * 60}.org/"]


@pytest.mark.parametrize(("given", "asked"), READ)
def test_an_address_is_read_as_browsers_read_it(given: str, asked: str) -> None:
    assert parse_target(given).address == asked


@pytest.mark.parametrize(("given", "asked"), READ)
def test_what_was_read_reads_the_same_again(given: str, asked: str) -> None:
    target = parse_target(given)
    assert parse_target(target.address) == target


@pytest.mark.parametrize(("given", "asked"), READ)
def test_the_parser_of_the_http_library_reads_the_same_host(given: str, asked: str) -> None:
    target, url = parse_target(given), URL(parse_target(given).address, encoded=True)
    assert (url.scheme, url.raw_host, url.port) == (target.scheme, target.host, target.port)


@pytest.mark.parametrize(
    ("address", "word"),
    [(address, word) for word, addresses in REFUSED.items() for address in re.split("[ \n]+", addresses.strip())],
)
def test_an_address_is_refused_with_its_reason(address: str, word: str) -> None:
    with pytest.raises(AddressRefused, match=re.escape(word)):
        parse_target(address)


@pytest.mark.parametrize("address", LONG_NAMES)
def test_names_longer_than_the_name_service_takes_are_refused(address: str) -> None:
    with pytest.raises(AddressRefused, match="name of a host"):
        parse_target(address)


@pytest.mark.parametrize("character", [*map(chr, range(32)), "\x7f"])
@pytest.mark.parametrize(
    "place", ["{}http://example.org/", "ht{}tp://example.org/", "http://exa{}mple.org/", "http://example.org/a{}b"]
)
def test_control_characters_are_refused_wherever_they_are(character: str, place: str) -> None:
    with pytest.raises(AddressRefused, match="control characters"):
        parse_target(place.format(character))


def test_an_endless_address_is_refused() -> None:
    assert parse_target("http://example.org/" + "a" * 16_000).path == "/" + "a" * 16_000
    with pytest.raises(AddressRefused, match="has 20019 characters; the limit is 16384"):
        parse_target("http://example.org/" + "a" * 20_000)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for address in (text, f"http://{text}", f"http://example.org/{text}", f"http://example.org:{text}"):
        try:
            target = parse_target(address)
        except AddressRefused:
            continue
        assert target.address.isascii()
        assert parse_target(target.address) == target
        assert URL(target.address, encoded=True).raw_host == target.host


@given(st.ip_addresses())
def test_every_ip_address_is_read_as_itself(ip: object) -> None:
    target = parse_target(f"http://[{ip}]/" if ":" in str(ip) else f"http://{ip}/")
    assert target.ip == (getattr(ip, "ipv4_mapped", None) or ip)
    assert URL(target.address, encoded=True).raw_host == target.host


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(["%d", "0%o", "0x%x", "0X%X"]), min_size=4, max_size=4))
def test_every_notation_of_an_ipv4_address_is_the_same_address(number: int, notations: list[str]) -> None:
    parts = [number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255]
    for count in range(1, 5):
        values = [*parts[: count - 1], number & (256 ** (5 - count) - 1)]
        text = ".".join(notation % value for notation, value in zip(notations, values, strict=False))
        assert parse_target(f"http://{text}/").ip == ip_address(number)


# The rule for other than public addresses.

PUBLIC = "8.8.8.8 2606:4700::1"
NETWORK = PUBLIC + " 10.0.0.1 192.168.1.1 172.16.0.1 100.64.0.1 fd00::1"
LINK = NETWORK + " 169.254.169.254 fe80::1"
EVERYWHERE = LINK + " 127.0.0.1 ::1 0.0.0.0 224.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1"

# picture, page, the addresses that the picture's host may lead to
RULE = [
    ("http://example.org/", None, PUBLIC),
    ("http://example.org/", "http://other.example/", PUBLIC),
    ("http://example.org/", "http://127.0.0.1/", PUBLIC),
    ("http://example.org/", "http://localhost/", PUBLIC),
    ("http://example.org/", "file:///home/ann/page.html", PUBLIC),
    ("http://example.org/", "http://sub.example.org/", PUBLIC),
    ("http://sub.example.org/", "http://example.org/", PUBLIC),
    # a page's own name, of a form that anybody can point anywhere
    ("http://example.org/", "http://example.org/", PUBLIC),
    ("http://example.org:8080/", "http://example.org:8080/", PUBLIC),
    ("http://nas.example.org/", "http://nas.example.org/", PUBLIC),
    ("http://local.example/", "http://local.example/", PUBLIC),
    ("http://nas.notlocal/", "http://nas.notlocal/", PUBLIC),
    ("http://nas.lan.example/", "http://nas.lan.example/", PUBLIC),
    ("http://nas.arpa/", "http://nas.arpa/", PUBLIC),
    ("http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/", PUBLIC),
    # names that say an address, and names below local ones that are not
    ("http://127.0.0.1.nip.example/", "http://127.0.0.1/", PUBLIC),
    ("http://127.0.0.1.nip.example/", "http://127.0.0.1.nip.example/", PUBLIC),
    ("http://localhost.example/", "http://localhost.example/", PUBLIC),
    ("http://nas.lan.example/", "http://nas.lan/", PUBLIC),
    # a page's own name, local by its form: private networks, on the page's port and the usual ones
    ("http://nas.lan/", "http://nas.lan/", NETWORK),
    ("http://NAS.Lan./", "http://nas.lan/", NETWORK),
    ("http://a.b.internal/", "http://a.b.internal/", NETWORK),
    ("http://nas.home.arpa/", "http://nas.home.arpa/", NETWORK),
    ("http://nas.lan/", "http://other.lan/", PUBLIC),
    ("http://wiki/", "http://wiki/start", NETWORK),
    ("http://wiki./", "http://WIKI/", NETWORK),
    ("http://wiki:8080/", "http://wiki:8080/", NETWORK),
    ("http://wiki/", "http://wiki:8080/", NETWORK),
    ("https://wiki/", "http://wiki/", NETWORK),
    ("http://wiki:9000/", "http://wiki/", PUBLIC),
    ("http://wiki:9000/", "http://wiki:8080/", PUBLIC),
    ("http://nas.local/", "http://nas.local/", LINK),
    # localhost leads to this computer and nowhere else
    ("http://localhost/", None, ""),
    ("http://localhost/", "http://example.org/", ""),
    ("http://localhost/", "http://127.0.0.1/", ""),
    ("http://localhost/", "http://localhost/", "127.0.0.1 ::1"),
    ("http://localhost:9000/", "http://localhost:3000/", "127.0.0.1 ::1"),
    ("http://localhost./", "https://LOCALHOST:8443/", "127.0.0.1 ::1"),
    ("http://a.localhost/", "http://a.localhost/", "127.0.0.1 ::1"),
    ("http://a.localhost/", "http://localhost/", ""),
    ("http://a.localhost/", "http://b.localhost/", ""),
    ("http://localhost.example.org/", "http://localhost/", PUBLIC),
]


@pytest.mark.parametrize(
    ("picture", "page", "ip", "is_allowed"),
    [(picture, page, ip, ip in allowed.split()) for picture, page, allowed in RULE for ip in EVERYWHERE.split()],
)
def test_a_name_may_lead_only_as_far_as_the_rule_says(
    picture: str, page: str | None, ip: str, is_allowed: bool
) -> None:
    target = parse_target(picture)
    reaches = allowed_reaches(target, parse_page(page))
    if is_allowed:
        judge_destination(ip_address(ip), target.host, reaches)
    else:
        with pytest.raises(
            AddressRefused, match=r"leads to .* for pages of that same host; open the page by its address"
        ):
            judge_destination(ip_address(ip), target.host, reaches)


@pytest.mark.parametrize(
    ("picture", "page", "is_allowed"),
    [
        ("http://8.8.8.8/", None, True),
        ("http://8.8.8.8/", "http://127.0.0.1/", True),
        ("http://[2606:4700::1]/", "http://example.org/", True),
        ("http://127.0.0.1/", None, False),
        ("http://127.0.0.1/", "http://example.org/", False),
        ("http://127.0.0.1/", "http://localhost/", False),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://127.0.0.1/", "http://[::1]/", False),
        ("http://127.0.0.1/", "http://127.0.0.1/", True),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:3000/", True),
        ("http://127.1/", "http://2130706433:8000/", True),
        ("http://[::ffff:127.0.0.1]/", "http://127.0.0.1/", True),
        ("http://[::1]/", "http://[0:0::1]:8000/", True),
        ("http://[::1]/", "http://127.0.0.1/", False),
        ("http://192.168.1.1/", "http://192.168.1.1:8080/", True),
        ("http://192.168.1.2/", "http://192.168.1.1/", False),
        ("http://192.168.1.1/", "http://127.0.0.1/", False),
        ("http://127.0.0.1/", "http://192.168.1.1/", False),
        ("http://10.0.0.1/", "http://10.0.0.1/", True),
        ("http://100.64.0.1/", "http://100.64.0.1/", True),
        ("http://169.254.169.254/", "http://169.254.169.254/", True),
        ("http://169.254.169.254/latest/", "http://example.org/", False),
        ("http://169.254.169.254/latest/", "http://169.254.1.1/", False),
        ("http://0.0.0.0/", "http://0.0.0.0/", False),
        ("http://224.0.0.1/", "http://224.0.0.1/", False),
        ("http://255.255.255.255/", "http://255.255.255.255/", False),
        ("http://[::]/", "http://[::]/", False),
        ("http://[ff02::1]/", "http://[ff02::1]/", False),
        ("http://[2002:7f00:1::]/", "http://example.org/", False),
        ("http://[64:ff9b::7f00:1]/", "http://example.org/", False),
        ("http://[64:ff9b::8.8.8.8]/", "http://example.org/", True),
        ("http://[fd00::1]/", "http://[fd00::1]/", True),
        ("http://[fd00::2]/", "http://[fd00::1]/", False),
        ("http://localhost/", None, False),
        ("http://localhost/", "http://localhost:1234/", True),
        ("http://ip6-localhost/", "http://example.org/", False),
        ("http://localhost.localdomain/", "http://example.org/", False),
        ("http://printer.local/", "http://example.org/", False),
        ("http://printer.local/", "http://printer.local/", True),
        ("http://metadata.google.internal/", "http://example.org/", False),
        ("http://router.home.arpa/", "http://example.org/", False),
        ("http://router.lan/", "http://example.org/", False),
        ("http://router.lan/", "http://router.lan/", True),
        ("http://example.onion/", "http://example.onion/", False),
        ("http://example.onion/", None, False),
        ("http://example.i2p/", "http://example.i2p/", False),
        ("http://168.63.129.16/machine", "http://example.org/", False),
        ("http://[fd00:ec2::254]/latest/", "http://example.org/", False),
        ("http://[::ffff:a9fe:a9fe]/latest/", "http://example.org/", False),
        ("http://100.100.100.200/latest/", "http://example.org/", False),
        ("http://wiki/", "http://example.org/", True),  # only the name service knows
    ],
)
def test_what_needs_no_name_service_is_judged_before(picture: str, page: str | None, is_allowed: bool) -> None:
    target = parse_target(picture)
    reaches = allowed_reaches(target, parse_page(page))
    if is_allowed:
        judge_name(target, reaches)
    else:
        with pytest.raises(AddressRefused):
            judge_name(target, reaches)


@given(st.ip_addresses(), st.sampled_from([None, "http://example.org/", "http://127.0.0.1/", "http://localhost/", "x"]))
def test_no_page_elsewhere_opens_the_way_to_an_address_that_is_not_public(ip: object, page: str | None) -> None:
    target = parse_target("http://pictures.example/")
    reaches = allowed_reaches(target, parse_page(page))
    assert reaches == PUBLIC_ONLY
    if reach_of(ip_address(str(ip))) is not Reach.PUBLIC:
        with pytest.raises(AddressRefused):
            judge_destination(ip_address(str(ip)), target.host, reaches)


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("https://example.org/a?b#c", "https://example.org/a?b"),
        ("https://user:word@example.org/a@b", "https://example.org/a@b"),
        ("https://a@b@example.org:8443", "https://example.org:8443/"),
        ("http://127.1:3000/", "http://127.0.0.1:3000/"),
    ],
)
def test_a_page_has_a_place(page: str, address: str) -> None:
    target = parse_page(page)
    assert target is not None
    assert target.address == address


@pytest.mark.parametrize(
    "page",
    [None, "", "about:blank", "file:///home/ann/a.html", "data:text/html,x", "chrome-extension://abc/p.html", "x"],
)
def test_other_pages_have_none(page: str | None) -> None:
    assert parse_page(page) is None


@pytest.mark.parametrize(
    ("picture", "page", "asked"),
    [
        ("http://example.org/a", "https://site.example/", "https://example.org/a"),
        ("http://example.org:8080/a", "https://site.example/", "https://example.org:8080/a"),
        ("https://example.org/a", "https://site.example/", "https://example.org/a"),
        ("http://example.org/a", "http://site.example/", "http://example.org/a"),
        ("http://example.org/a", None, "http://example.org/a"),
        ("http://8.8.8.8/a", "https://site.example/", "http://8.8.8.8/a"),
        ("http://localhost/a", "https://localhost/", "http://localhost/a"),
    ],
)
def test_pictures_of_secure_pages_are_asked_for_securely(picture: str, page: str | None, asked: str) -> None:
    assert as_browsers_ask(parse_target(picture), parse_page(page)).address == asked


def test_a_target_is_what_its_address_says() -> None:
    assert parse_target("http://[::1]:8080/a?b") == Target("http", "::1", 8080, "/a?b", ip_address("::1"))
