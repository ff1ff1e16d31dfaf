"""Who is behind a page, as far as its address tells: an account, a shop, a site."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from publicsuffixlist import PublicSuffixList

from isthisme.offenders.known_networks import HOST_NETWORKS, NETWORKS, Account, Network

_NAMES = {
    "{}": re.compile(r"[^\s/\\]{1,200}"),
    "{digits}": re.compile(r"[0-9]{1,30}"),
    "{lang}": re.compile(r"[a-z]{2}(-[a-z]{2})?", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Offender:
    name: str  # the host, with the account's path where there is one: comparable, and for people to read
    kind: Literal["account", "site"]


def offender_of(address: str) -> Offender | None:
    """None where the address does not tell: of a post on a network, say, or of a file."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    for ours in HOST_NETWORKS:
        if host == ours.under or host.endswith(f".{ours.under}"):
            is_account = host.removesuffix(f".{ours.under}") not in ours.reserved | {host}
            return Offender(host, "account") if is_account else None
    network = _network_of(host)
    if network is not None:
        path = [unquote(each) for each in parts.path.split("/") if each]
        account = _account_in(network, path, dict(parse_qsl(parts.query)))
        return None if account is None else Offender(network.hosts[0] + account, "account")
    is_number = ":" in host or host.replace(".", "").isdigit()
    return Offender(host if is_number else _public_suffixes().privatesuffix(host) or host, "site")


def _network_of(host: str) -> Network | None:
    for network in NETWORKS:
        if host in network.hosts or (network.other_hosts is not None and network.other_hosts.fullmatch(host)):
            return network
    return None


def _account_in(network: Network, path: list[str], query: dict[str, str]) -> str | None:
    """The account's path and query in the form that is kept."""
    for account in network.accounts:
        for form in account.forms:
            names = _names_in(form, path, query)
            if names is not None and not any(name.lower() in network.reserved for name in names):
                return _filled_in(account, names)
    return None


def _names_in(form: str, path: list[str], query: dict[str, str]) -> list[str] | None:
    """What stands in the places of the form; None where the address has another form. Languages are left out."""
    form_path, _, form_query = form.partition("?")
    pieces = form_path.strip("/").split("/")
    if len(path) < len(pieces):
        return None
    given = list(zip(pieces, path, strict=False))
    for name, piece in (each.split("=") for each in form_query.split("&") if each):
        given.append((piece, query.get(name, "")))
    names: list[str] = []
    for piece, text in given:
        prefix, mark, _ = piece.partition("{")
        if not text.startswith(prefix) or (not mark and text != piece):
            return None
        if not mark:
            continue
        pattern = piece[len(prefix) :]
        if not _NAMES[pattern].fullmatch(text[len(prefix) :]):
            return None
        if pattern != "{lang}":
            names.append(text[len(prefix) :])
    return names


def _filled_in(account: Account, names: list[str]) -> str:
    kept = iter(name.lower() if account.folds_case else name for name in names)
    return re.sub(r"\{[a-z]*\}", lambda _: next(kept), account.forms[0])


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
