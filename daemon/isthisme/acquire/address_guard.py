"""The address guard: which addresses of pictures may be asked at all, and which computers a name may lead to. Pure.

Two questions, two moments. `parse_target` reads an address strictly, as browsers read it. `judge_destination` decides
on the IP address that is about to be connected to, whatever name led there.

Public addresses may always be asked. Others only for a picture on the very host that the page is on, because that page
came from there, too:
- a page on an IP address or on localhost: that host, on any port (the ports of a development server and its storage
  differ, and such a page is the user's own);
- a page on a name that is local by its form (`wiki`, `nas.local`, `nas.lan`): that name on a private network, on the
  page's port or the usual two; never this computer, and its link for `.local` alone.
A name that looks public is never followed to a private network, not even for its own page: whoever owns the name can
point it there when the page is long loaded (DNS rebinding), and would choose what a router is asked.
"""

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import quote

import idna

from isthisme.acquire.network_ranges import IPAddress, Reach, reach_of
from isthisme.errors import AddressRefused

PUBLIC_ONLY = frozenset({Reach.PUBLIC})

_LONGEST_ADDRESS = 16_384  # characters
_USUAL_PORTS = {"http": 80, "https": 443}
# The Fetch standard's bad ports: other protocols than HTTP listen there.
_BLOCKED_PORTS = frozenset(
    {0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109}
    | {110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530}
    | {531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190}
    | {5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)
_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<slashes>/{0,2})(?P<authority>[^/?#]*)(?P<rest>[^#]*)", re.I)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{0,5}))?")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOCAL_ENDINGS = (".local", ".internal", ".home.arpa", ".lan")
_LOCALHOST_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was read and may be asked, provided that its host leads somewhere allowed."""

    scheme: str  # http or https
    host: str  # lower-case ASCII name without trailing dot, or an IP address in its usual notation
    port: int
    path: str  # path and query as sent, beginning with a slash
    ip: IPAddress | None  # when the host is one

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _USUAL_PORTS[self.scheme] else f":{self.port}")

    @property
    def address(self) -> str:
        return self.origin + self.path

    @property
    def is_localhost_name(self) -> bool:
        return self.host in _LOCALHOST_NAMES or self.host.endswith(".localhost")

    @property
    def is_trustworthy(self) -> bool:
        """Whether nobody on the way can read what is said: the standards' "potentially trustworthy"."""
        is_this_computer = self.is_localhost_name or (self.ip is not None and self.ip.is_loopback)
        return self.scheme == "https" or is_this_computer

    @property
    def is_local_name(self) -> bool:
        """Whether the name cannot be that of a public site, whoever answers for it."""
        return self.ip is None and ("." not in self.host or self.host.endswith(_LOCAL_ENDINGS))


def parse_target(address: str) -> Target:
    """Reads an http or https address. Raises AddressRefused with the reason where it is anything but plain and safe.

    Control characters and backslashes before the query are refused where browsers would mend them: what parsers mend,
    they mend differently, and a browser hands over addresses that need no mending.
    """
    address = re.sub("[\ud800-\udfff]", "\ufffd", address.strip(" "))
    if len(address) > _LONGEST_ADDRESS:
        raise AddressRefused(f"the address has {len(address)} characters; the limit is {_LONGEST_ADDRESS}")
    if re.search(r"[\x00-\x1f\x7f]", address):
        raise AddressRefused("the address has control characters in it; copy it again without line breaks")
    parts = _ADDRESS.match(address)
    scheme = parts["scheme"].lower() if parts else ""
    if parts is None or scheme not in _USUAL_PORTS:
        raise AddressRefused(
            f"the address begins with {address[:20]!r}; pictures are fetched from http:, https: and data: addresses"
        )
    if parts["slashes"] != "//" or not parts["authority"]:
        raise AddressRefused(f"the address names no host; it must begin with {scheme}:// and a host")
    if "@" in parts["authority"]:
        raise AddressRefused("the address has a user name in it; give it without the part before the @")
    if "\\" in parts["authority"] + parts["rest"].partition("?")[0]:
        raise AddressRefused("the address has a backslash in it; write it with / instead")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise AddressRefused(f"{parts['authority'][:100]!r} is not a host with an optional port")
    host, ip = _parse_host(authority["host"])
    port = int(authority["port"]) if authority["port"] else _USUAL_PORTS[scheme]
    if port in _BLOCKED_PORTS or port > 65_535:
        raise AddressRefused(f"the address names port {port}, which no site uses; give the site's own address")
    return Target(scheme, host, port, _path_as_sent(parts["rest"]), ip)


def parse_page(page_address: str | None) -> Target | None:
    """The page's place, for the exception and the referrer; None for pages that have none (files, extensions)."""
    if page_address is None:
        return None
    scheme, separator, rest = page_address.partition("://")
    authority = re.match(r"[^/?#]*", rest)
    if separator and authority:  # a tab's address may show credentials, which are nobody's business here
        rest = authority[0].rpartition("@")[2] + rest[authority.end() :]
    try:
        return parse_target(scheme + separator + rest)
    except AddressRefused:
        return None


def as_browsers_ask(target: Target, page: Target | None) -> Target:
    """The same address over https where the page came over https: browsers upgrade the pictures of such pages."""
    is_secure_page = page is not None and page.scheme == "https"
    if not is_secure_page or target.scheme == "https" or target.ip is not None or target.is_localhost_name:
        return target
    return replace(target, scheme="https", port=443 if target.port == 80 else target.port)


def allowed_reaches(target: Target, page: Target | None) -> frozenset[Reach]:
    """How far away or near the computer may be that this target leads to, for a picture on this page."""
    is_page_host = page is not None and page.host == target.host
    if target.is_localhost_name:
        return frozenset({Reach.LOOPBACK}) if is_page_host else frozenset()
    if page is None or not is_page_host:
        return PUBLIC_ONLY
    if target.ip is not None:
        return PUBLIC_ONLY | {Reach.LOOPBACK, Reach.PRIVATE, Reach.SHARED, Reach.LINK_LOCAL}
    if not target.is_local_name or target.port not in {page.port, *_USUAL_PORTS.values()}:
        return PUBLIC_ONLY
    if target.host.endswith(".local"):
        return PUBLIC_ONLY | {Reach.PRIVATE, Reach.SHARED, Reach.LINK_LOCAL}
    return PUBLIC_ONLY | {Reach.PRIVATE, Reach.SHARED}


def judge_name(target: Target, reaches: frozenset[Reach]) -> None:
    """Raises AddressRefused where the answer is no before any name service was asked, or where it must not be asked."""
    if target.ip is not None:
        judge_destination(target.ip, target.host, reaches)
    elif target.host.endswith((".onion", ".i2p")):
        raise AddressRefused(f"{target.host} is inside the Tor or I2P network; only a browser for it can fetch there")
    elif reaches <= PUBLIC_ONLY and (target.is_localhost_name or target.host.endswith(_LOCAL_ENDINGS)):
        raise AddressRefused(
            f"{target.host} is a name of the local network; pictures from there are fetched only for its own pages"
        )


def judge_destination(ip: IPAddress, host: str, reaches: frozenset[Reach]) -> None:
    """Raises AddressRefused unless this IP address, to which the host led, may be connected to."""
    reach = reach_of(ip)
    if reach not in reaches:
        subject = str(ip) if str(ip) == host else f"{host} leads to {ip}, which"
        raise AddressRefused(
            f"{subject} is {reach}; pictures from such places are fetched only for pages of that same host; "
            "open the page by its address"
        )


def _parse_host(host: str) -> tuple[str, IPAddress | None]:
    """The host as it is to be asked for, and the IP address that it is, if it is one."""
    if host.startswith("["):
        ip: IPAddress = _parse_ipv6(host[1:-1])
        return str(ip), ip
    if "%" in host:
        raise AddressRefused(f"the host {host[:100]!r} has a percent sign in it; write it out")
    name = _ascii_name(host).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(f"{host[:100]!r} is not the name of a host")
    if _NUMBER.fullmatch(labels[-1]):
        ip = _parse_ipv4(labels, host)
        return str(ip), ip
    return name, None


def _ascii_name(host: str) -> str:
    """The host's name in the letters of the name service, as browsers write it (UTS 46)."""
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return mapped if mapped.isascii() else idna.encode(mapped).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressRefused(f"{host[:100]!r} is not the name of a host ({error})") from error


def _parse_ipv4(labels: list[str], host: str) -> IPAddress:
    """An IPv4 address in one to four numbers, decimal, octal (0...) or hexadecimal (0x...), as browsers read it."""
    try:
        numbers = [_parse_number(label) for label in labels]
        *first, last = numbers
        if len(numbers) > 4 or max(first, default=0) > 255 or last >= 256 ** (5 - len(numbers)):
            raise ValueError
    except ValueError as error:
        raise AddressRefused(f"the host {host[:100]!r} ends in a number and is no IPv4 address") from error
    return ipaddress.IPv4Address(sum(number << (24 - 8 * place) for place, number in enumerate(first)) + last)


def _parse_number(label: str) -> int:
    if not _NUMBER.fullmatch(label):
        raise ValueError
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") else 10)


def _parse_ipv6(text: str) -> IPAddress:
    if "%" in text:
        raise AddressRefused(f"the host [{text[:100]}] names a network card; pictures are not fetched that way")
    try:
        ip = ipaddress.IPv6Address(text)
    except ValueError as error:
        raise AddressRefused(f"[{text[:100]}] is not an IPv6 address") from error
    return ip.ipv4_mapped or ip


def _path_as_sent(rest: str) -> str:
    """Path and query with what cannot be sent written in percent notation; all else stays as it is."""
    if not rest.startswith("/"):
        rest = "/" + rest
    return re.sub(r"[^\x21-\x7e]+|[\"<>]", lambda part: quote(part[0]), rest)
