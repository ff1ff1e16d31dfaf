"""Which sightings belong together: found at one account, on one site, or of the same picture."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from isthisme.catalog import Catalog
from isthisme.catalog.decisions import NEAR_COPY_BITS
from isthisme.offenders.addresses import Offender, offender_of

type _Picture = tuple[int, str, bytes, int | None]  # number, page address, SHA-256, perceptual hash


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Sightings without a case that seem to belong together, or to a case."""

    reason: Literal["account", "site", "same_picture"]
    offender: str  # '' where only the picture is the same
    sighting_ids: tuple[int, ...]
    case_id: int | None  # the case that they seem to belong to


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
    joined_to = list(range(len(left)))

    def group_of(place: int) -> int:
        while joined_to[place] != place:
            place = joined_to[place]
        return place

    for row, column in _near_pairs(left, left):
        first, second = sorted((group_of(row), group_of(column)))
        joined_to[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for place, picture in enumerate(left):
        groups[group_of(place)].append(picture[0])
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
