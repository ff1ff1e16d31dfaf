"""Addresses of pictures and where redirects lead: what the guard reads, against what would be connected to."""

import ipaddress
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

from yarl import URL

from isthisme.acquire.address_guard import (
    PUBLIC_ONLY,
    allowed_reaches,
    judge_destination,
    judge_name,
    parse_page,
    parse_target,
)
from isthisme.acquire.address_guard import (
    Target as Place,
)
from isthisme.acquire.fetch import _follow
from isthisme.acquire.network_ranges import Reach, reach_of
from isthisme.errors import AddressRefused, FetchFailed
from tests.fuzz.target import Target, promise

_ADDRESSES = (
    *("https://a.example/a.png", "http://a.example:8080/a%20b?c=d#e", "HTTP://A.EXAMPLE./", "https://例え.テスト/"),
    *("http://127.0.0.1/", "http://0177.0.0.1/", "http://0x7f.1/", "http://2130706433/", "http://127.1/a", "http://0/"),
    *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[fe80::1%25eth0]/"),
    *("http://[2002:7f00:1::]/", "http://[fec0::1]/", "http://[::127.0.0.1]/", "http://[2001:db8::5efe:7f00:1]/"),
    *("http://169.254.169.254/latest", "http://100.64.0.1/", "http://192.168.0.1:8443/", "http://10.0.0.1/"),
    *("http://user:password@a.example/", "http://a.example@b.example/", "http://a.example\\@b.example/"),
    *("http://a.example:65536/", "http://a.example:22/", "http://a.example:/", "http://a.example:0080/", "http:///a"),
    *("http://xn--e1afmkfd/", "http://раураl.com/", "http://ａ．example/", "http://a。example/", "http://ⅰ.example/"),
    *("http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://faß.example/", "http://a\u200d.example/", "http://xn--/"),
    *("http://nas.local/", "http://wiki/", "http://localhost/", "http://a.localhost/", "http://a.onion/", "http://_/"),
    *("//b.example/c", "/c", "?c", "#c", "../../c", "http:c", "https:/c", "javascript:alert(1)", "file:///etc/passwd"),
    *(
        "http://a..example/",
        "http://.example/",
        "http://a.example../",
        "http://1.2.3/",
        "http://1.2.3.4.5/",
        "http://256.1/",
    ),
    *(
        "http://08.1.1.1/",
        "http://0x.0x.0x.0x/",
        "http://a.0x7f/",
        "http://%31%32%37.1/",
        "http://[::1]x/",
        "http://[/",
    ),
    "http://" + "a" * 300 + "/",
    "http://" + "a." * 130 + "/",
    "http://" + "\u0301" * 200 + ".example/",
)

_HERE = parse_target("https://a.example/b/c?d")


def target(_scratch: Path) -> Target:
    hosts = [re.split(r"[/?#]", each.partition("://")[2])[0] for each in _ADDRESSES]
    return Target(
        name="addresses",
        attack=attack,
        seeds=tuple(each.encode() for each in _ADDRESSES),
        covers=("isthisme.acquire.address_guard", "isthisme.acquire.network_ranges"),
        runs_in_ci=3_000,
        words=(
            *tuple(each.encode() for each in hosts if each),
            "。".encode(),
            "．".encode(),
            "％".encode(),
            "＠".encode(),
            "／".encode(),
            "\xad".encode(),
            "\u200c".encode(),
            b"0x",
            b"0",
            b"@",
            b":",
            b"[",
            b"]",
            b"%",
            b"\\",
            b"/",
            b"?",
            b"#",
            b"\t",
            b"..",
            b"\xed\xa0\x80",
            b"65535",
        ),
        largest=600,
    )


def attack(data: bytes) -> int:
    """- An address is refused as AddressRefused in a few words, or read; and what was read reads the same again.
    - Two other readers, urllib's and the one that connects (yarl), see the same host and port in it.
    - A host that the system's own functions take for an IP address is that IP address here.
    - What may be asked for any page is public by the standard library's table, too.
    - Private places are open to the pages of that very host alone.
    - A redirect leads to such an address, or is refused.
    """
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = parse_target(text)
    except AddressRefused as error:
        promise(len(str(error)) < 1_000, "a refusal repeats the address")
    else:
        _check(found)
    parse_page(text)
    try:
        led_to = _follow(_HERE, text)
    except (AddressRefused, FetchFailed):
        return 1
    _check(led_to)
    promise(allowed_reaches(led_to, None) == PUBLIC_ONLY or led_to.is_localhost_name, "a redirect opened more")
    return 1


def _check(found: Place) -> None:
    address = found.address
    promise(address.isascii() and not re.search(r"[\s\x00-\x1f\x7f]", address), f"{address!r} cannot be sent")
    promise(parse_target(address) == found, f"{address!r} reads differently the second time")
    parts = urlsplit(address)
    promise((parts.hostname, parts.username) == (found.host, None), f"urllib reads another host in {address!r}")
    promise((parts.port or {"http": 80, "https": 443}[found.scheme]) == found.port, f"another port in {address!r}")
    read = URL(address, encoded=True)
    same = (read.raw_host, read.port, read.user) == (found.host, found.port, None)
    promise(same or not read.raw_host, f"yarl reads another host in {address!r}")
    taken_for = _as_the_system(found.host)
    if taken_for is not None:
        promise(found.ip is not None, f"the system takes {found.host!r} for {taken_for}, the guard for a name")
        promise(_bare(taken_for) == _bare(found.ip), f"the system takes {found.host!r} for {taken_for}")
    _check_reach(found)


def _check_reach(found: Place) -> None:
    promise(allowed_reaches(found, None) <= PUBLIC_ONLY, "without a page more than the public is open")
    if found.ip is None:
        return
    try:
        judge_name(found, PUBLIC_ONLY)
        judge_destination(found.ip, found.host, PUBLIC_ONLY)
    except AddressRefused:
        return
    promise(found.ip.is_global and not found.ip.is_multicast, f"{found.ip} was taken for public")
    promise(reach_of(found.ip) is Reach.PUBLIC, f"{found.ip} was taken for public")
    other = parse_page("http://192.168.77.1/")
    promise(allowed_reaches(found, other) == PUBLIC_ONLY, "another host's page opened more than the public")


def _as_the_system(host: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    """What `getaddrinfo` connects to without asking any name service."""
    try:
        ((*_, where), *_) = socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return ipaddress.ip_address(str(where[0]).partition("%")[0])


def _bare(ip: "ipaddress.IPv4Address | ipaddress.IPv6Address | None") -> object:
    return getattr(ip, "ipv4_mapped", None) or ip
