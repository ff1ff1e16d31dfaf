"""What the user decided: how far it reaches, and that it can be undone."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.decisions import NEAR_COPY_BITS
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import PhotoDescription

HASH = 0xF0F0_F0F0_F0F0_F0F0  # of the dismissed picture; its highest bit is set, as SQLite cannot keep it unsigned
PHOTO_HASH = HASH ^ 0x3FF_0000  # 10 bits away


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "catalog.db")) as opened:
        yield opened


def add_photo(catalog: Catalog, name: bytes = b"/photos/1.jpg", photo_hash: int = PHOTO_HASH) -> int:
    made = PhotoDescription(None, 9, 9, np.array([photo_hash], np.uint64), None, b"preview")
    photo_id = catalog.photos.add(name, made, name)
    generation = catalog.generations.current() or catalog.generations.start_first(None)
    catalog.generations.add(generation, photo_id, made)
    return photo_id


def see(catalog: Catalog, picture: bytes = b"sha", bits: int | None = HASH, page: str = "https://a.example/") -> int:
    return catalog.sightings.keep(SeenPicture(page, "A page", "p", picture, b"jpeg", 1, 1, "{}", bits))


def flipped(bits: int, count: int) -> int:
    return bits ^ ((1 << count) - 1)


def test_a_kept_sighting_is_one_decision_however_often_it_is_kept(catalog: Catalog) -> None:
    sighting = see(catalog)
    catalog.decisions.keep(sighting)
    catalog.decisions.keep(sighting)
    (decision,) = catalog.decisions.latest(10)
    assert (decision.kind, decision.sighting_ids) == ("mine", (sighting,))


def test_what_was_not_seen_cannot_be_kept(catalog: Catalog) -> None:
    assert catalog.decisions.keep(5) is None


def test_a_kept_sighting_that_is_deleted_takes_its_decision_along(catalog: Catalog) -> None:
    sighting = see(catalog)
    catalog.decisions.keep(sighting)
    catalog.sightings.delete([sighting])
    assert catalog.decisions.latest(10) == []


def test_the_same_address_is_one_decision_and_the_last_word_counts(catalog: Catalog) -> None:
    catalog.decisions.allow("a.example/anna", "below", is_own_place=False)
    catalog.decisions.allow("a.example/anna", "below", is_own_place=True)
    catalog.decisions.allow("a.example/anna", "page", is_own_place=False)
    found = [(each.kind, each.pattern, each.reach) for each in catalog.decisions.latest(10)]
    assert found == [("fine", "a.example/anna", "page"), ("own_place", "a.example/anna", "below")]


@pytest.mark.parametrize(
    ("picture", "bits", "is_left_out"),
    [
        (b"sha", None, True),
        (b"sha", flipped(HASH, 30), True),  # the same bytes, whatever the hash says
        (b"other", HASH, True),
        (b"other", flipped(HASH, NEAR_COPY_BITS), True),
        (b"other", flipped(HASH, NEAR_COPY_BITS + 1), False),
        (b"other", None, False),
        (b"other", PHOTO_HASH, False),
    ],
)
def test_not_me_holds_for_the_picture_and_near_copies(
    catalog: Catalog, picture: bytes, bits: int | None, is_left_out: bool
) -> None:
    photo = add_photo(catalog)
    catalog.decisions.dismiss(photo, b"sha", HASH)
    assert catalog.decisions.dismissed([photo], picture, bits) == ({photo} if is_left_out else set())


def test_not_me_says_nothing_of_other_photos(catalog: Catalog) -> None:
    photo, other = add_photo(catalog), add_photo(catalog, b"/photos/2.jpg")
    catalog.decisions.dismiss(photo, b"sha", HASH)
    assert catalog.decisions.dismissed([photo, other], b"sha", HASH) == {photo}


def test_a_copy_of_the_photo_is_found_where_a_picture_much_like_it_was_dismissed(catalog: Catalog) -> None:
    """Two shots of one burst: one is a stranger's, the other is the user's photo."""
    photo_hash = flipped(HASH, 3)
    photo = add_photo(catalog, photo_hash=photo_hash)
    catalog.decisions.dismiss(photo, b"sha", HASH)
    assert catalog.decisions.dismissed([photo], b"a copy", photo_hash) == set()
    assert catalog.decisions.dismissed([photo], b"a copy", flipped(HASH, 2)) == set(), "nearer to the photo"
    assert catalog.decisions.dismissed([photo], b"the stranger's", flipped(HASH, 1)) == {photo}


def test_of_a_photo_that_is_not_the_users_near_copies_are_left_out_too(catalog: Catalog) -> None:
    photo = add_photo(catalog, photo_hash=HASH)
    catalog.decisions.dismiss(photo, b"sha", HASH)
    assert catalog.decisions.dismissed([photo], b"recompressed", flipped(HASH, 2)) == {photo}


def test_not_me_names_the_sightings_that_it_covers(catalog: Catalog) -> None:
    photo = add_photo(catalog)
    same = see(catalog)
    near = see(catalog, b"near", flipped(HASH, 1), "https://b.example/")
    see(catalog, b"far", flipped(HASH, 20))
    see(catalog, b"old", None)
    assert catalog.decisions.dismiss(photo, b"sha", HASH).sighting_ids == (same, near)


def test_a_forgotten_photo_takes_its_decisions_along(catalog: Catalog) -> None:
    photo = add_photo(catalog)
    catalog.decisions.dismiss(photo, b"sha", HASH)
    catalog.forgetting.forget([photo])
    assert catalog.decisions.latest(10) == []


def test_decisions_that_differ_have_different_marks(catalog: Catalog) -> None:
    seen = {(): catalog.decisions.mark()}
    for change in (
        lambda: catalog.decisions.allow("a.example", "below", is_own_place=True),
        lambda: catalog.decisions.allow("b.example", "below", is_own_place=True),
        lambda: catalog.decisions.allow("b.example", "below", is_own_place=False),
        lambda: catalog.decisions.undo(1),
        lambda: catalog.decisions.undo(3),
        lambda: catalog.decisions.allow("a.example", "below", is_own_place=True),
    ):
        change()
        seen[tuple(each.decision_id for each in catalog.decisions.latest(10))] = catalog.decisions.mark()
    assert len(set(seen.values())) == len(seen) == 6


def test_undoing_what_is_not_there_is_said(catalog: Catalog) -> None:
    made = catalog.decisions.allow("a.example", "below", is_own_place=True)
    assert catalog.decisions.undo(made.decision_id)
    assert not catalog.decisions.undo(made.decision_id)


def test_decisions_are_listed_newest_first_in_pages(catalog: Catalog) -> None:
    made = [catalog.decisions.allow(f"{name}.example", "below", is_own_place=True) for name in "abc"]
    newest, middle = catalog.decisions.latest(2)
    (oldest,) = catalog.decisions.latest(2, before=middle.decision_id)
    assert [newest, middle, oldest] == made[::-1]


def test_a_sighting_from_before_hashes_were_kept_gets_one_when_it_is_seen_again(catalog: Catalog) -> None:
    sighting = see(catalog, bits=None)
    assert catalog.sightings.hashes_of(sighting) == (b"sha", None)
    see(catalog, bits=HASH)
    see(catalog, bits=None)
    assert catalog.sightings.hashes_of(sighting) == (b"sha", HASH)
