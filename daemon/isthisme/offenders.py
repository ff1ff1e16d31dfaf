"""Who is behind a page, as far as its address tells: an account, a shop, a site; which sightings belong together."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
from publicsuffixlist import PublicSuffixList

from isthisme.catalog import Catalog
from isthisme.catalog.decisions import NEAR_COPY_BITS
from isthisme.known_networks import HOST_NETWORKS, NETWORKS, Account, Network

_NAMES = {
    "{}": re.compile(r"[^\s/\\]{1,200}"),
    "{digits}": re.compile(r"[0-9]{1,30}"),
    "{lang}": re.compile(r"[a-z]{2}(-[a-z]{2})?", re.IGNORECASE),
}

type _Picture = tuple[int, str, bytes, int | None]  # number, page address, SHA-256, perceptual hash


@dataclass(frozen=True, slots=True)
class Offender:
    name: str  # the host, with the account's path where there is one: comparable, and for people to read
    kind: Literal["account", "site"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Sightings without a case that seem to belong together, or to a case."""

    reason: Literal["account", "site", "same_picture"]
    offender: str  # '' where only the picture is the same
    sighting_ids: tuple[int, ...]
    case_id: int | None  # the case that they seem to belong to


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


def suggestions(catalog: Catalog) -> list[Suggestion]:
    """What could be put together, the surest first: the same account, the same site, the same picture elsewhere.

    A sighting is suggested once. Alone it is, too, where it belongs to a case that there is.
    """
    loose = catalog.sightings.pictures_without_case()
    if not loose:
        return []
    cases = {case.offender: case.case_id for case in reversed(catalog.cases.all()) if case.offender}
    found: list[Suggestion] = []
    by_offender: dict[Offender, list[_Picture]] = defaultdict(list)
    rest: list[_Picture] = []
    for picture in loose:
        offender = offender_of(picture[1])
        (rest if offender is None else by_offender[offender]).append(picture)
    for offender, pictures in by_offender.items():
        case_id = cases.get(offender.name)
        if case_id is None and len(pictures) == 1:
            rest += pictures
        else:
            numbers = tuple(number for number, *_ in pictures)
            found.append(Suggestion(offender.kind, offender.name, numbers, case_id))
    found.sort(key=lambda each: (each.case_id is None, each.reason, -len(each.sighting_ids)))
    return found + _same_pictures(sorted(rest), catalog.sightings.pictures_in_cases())


def _same_pictures(loose: Sequence[_Picture], in_cases: Sequence[_Picture]) -> list[Suggestion]:
    """Groups of the same picture or near copies of it; a picture that a case has, too, goes there."""
    found: list[Suggestion] = []
    taken: set[int] = set()
    for_cases: dict[int, list[int]] = defaultdict(list)
    for row, column in _near_pairs(loose, in_cases):
        number, case_id = loose[row][0], in_cases[column][0]
        if number not in taken:
            taken.add(number)
            for_cases[case_id].append(number)
    found += [Suggestion("same_picture", "", tuple(numbers), case_id) for case_id, numbers in for_cases.items()]
    left = [picture for picture in loose if picture[0] not in taken]
    group_of = list(range(len(left)))
    for row, column in _near_pairs(left, left):
        group_of[column] = min(group_of[column], group_of[row])
    groups: dict[int, list[int]] = defaultdict(list)
    for picture, group in zip(left, group_of, strict=True):
        groups[group].append(picture[0])
    return found + [Suggestion("same_picture", "", tuple(each), None) for each in groups.values() if len(each) > 1]


def _near_pairs(some: Sequence[_Picture], others: Sequence[_Picture]) -> Iterable[tuple[int, int]]:
    """Positions of pictures that are the same bytes or near copies, in order."""
    hashes = np.array([picture[3] or 0 for picture in others], dtype=np.uint64)
    is_known = np.array([picture[3] is not None for picture in others], dtype=bool)
    by_content: dict[bytes, list[int]] = defaultdict(list)
    for column, picture in enumerate(others):
        by_content[picture[2]].append(column)
    for row, (_, _, content, hash_) in enumerate(some):
        columns = set(by_content[content])
        if hash_ is not None and len(others):
            away = np.bitwise_count(hashes ^ np.uint64(hash_))
            columns |= set(np.flatnonzero((away <= NEAR_COPY_BITS) & is_known).tolist())
        yield from ((row, column) for column in sorted(columns))


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
