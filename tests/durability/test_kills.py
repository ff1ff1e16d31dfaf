"""Killed anywhere, hundreds of times: the catalog opens and is sound, what was acknowledged is there, it ends well."""

import random
import shutil
from contextlib import closing
from pathlib import Path

from isthisme.catalog import Catalog, kept_files
from tests.durability import work
from tests.durability.deaths import ROUNDS, Deaths, is_sound, kept_at_last
from tests.durability.doomed import Mother
from tests.durability.photo_folder import make_catalog, make_photos, photos_of, state_of

PHOTOS = 80  # written in two transactions, or more on a busy machine


def test_indexing_killed_anywhere_keeps_what_was_done_and_ends_as_an_undisturbed_run(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    photos = make_photos(quick_path / "photos", PHOTOS)
    empty = make_catalog(quick_path / "empty.db", photos)
    undisturbed, disturbed = quick_path / "undisturbed.db", quick_path / "disturbed.db"
    shutil.copy(empty, undisturbed)
    deaths = Deaths(mother, chance, work.index, undisturbed)
    expected = state_of(undisturbed)
    assert len(expected.photos) == PHOTOS
    kills = finished = 0
    for _ in range(ROUNDS):
        if not disturbed.exists():
            shutil.copy(empty, disturbed)
        end = deaths.once(disturbed)
        kills += end.was_killed
        assert is_sound(disturbed)
        found = state_of(disturbed)
        assert found.photos.items() <= expected.photos.items()
        assert len(found.photos) >= kept_at_last(end).get(0, 0)
        if not end.was_killed:
            assert found == expected
            kept_files.remove(list(quick_path.glob("disturbed.db*")))
            finished += 1
    assert kills > ROUNDS / 4
    end = mother.run(work.index, disturbed) if disturbed.exists() else None
    assert end is None or state_of(disturbed) == expected
    assert finished or end is not None


def test_a_rebuild_killed_anywhere_leaves_the_old_generation_or_the_new_one(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    photos = make_photos(quick_path / "photos", PHOTOS)
    path = make_catalog(quick_path / "catalog.db", photos)
    mother.run(work.index, path)
    shutil.copy(path, quick_path / "trial.db")
    deaths = Deaths(mother, chance, work.rebuild, quick_path / "trial.db")
    expected = state_of(path)
    kills = 0
    switches = set()
    for _ in range(ROUNDS):
        generation, built = expected.generation, state_of(path).building
        end = deaths.once(path)
        kills += end.was_killed
        assert is_sound(path)
        found = state_of(path)
        assert found.photos == expected.photos, "complete, the old one or the new one"
        switches.add(found.generation)
        if found.generation == generation:
            assert end.was_killed
            assert found.building >= built, "the work that was done is kept"
        kept = kept_at_last(end)
        assert not kept or max(kept) == found.generation or found.building >= kept[max(kept)]
        expected = found
    assert kills > ROUNDS / 4
    assert len(switches) > 1, "some rebuilds came to their end"
    mother.run(work.rebuild, path)
    assert state_of(path).photos == expected.photos


def test_forgetting_killed_anywhere_forgets_wholly_or_not_at_all_and_can_be_repeated(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    photos = make_photos(quick_path / "photos", 12)
    home = quick_path / "home"
    home.mkdir()
    whole = make_catalog(quick_path / "whole.db", photos)
    mother.run(work.index, whole)
    expected = state_of(whole)
    unwanted = photos_of(whole)[::3]
    shutil.copy(whole, quick_path / "trial.db")
    deaths = Deaths(mother, chance, work.forget, quick_path / "trial.db", unwanted)
    after = state_of(quick_path / "trial.db")
    secrets = [key for key in expected.photos if key not in after.photos]
    assert len(secrets) == len(unwanted)
    path = home / "catalog.db"
    kills = 0
    for _ in range(ROUNDS):
        shutil.copy(whole, path)
        end = deaths.once(path)
        kills += end.was_killed
        assert is_sound(path)
        assert state_of(path) in (expected, after)
        mother.run(work.forget, path, unwanted)
        assert state_of(path) == after
        kept = b"".join(file.read_bytes() for file in home.iterdir())
        assert not any(secret[:32] in kept or secret[-32:] in kept for secret in secrets)
        assert next(iter(after.photos))[:32] in kept, "the search finds what is there"
        kept_files.remove(list(home.iterdir()))
    assert kills > ROUNDS / 4


def test_a_repair_killed_anywhere_can_be_repeated_and_loses_nothing(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    photos = make_photos(quick_path / "photos", 12)
    whole = make_catalog(quick_path / "whole.db", photos)
    mother.run(work.index, whole)
    expected = state_of(whole)
    broken = bytes(4096) + whole.read_bytes()[4096:]
    home = quick_path / "home"
    home.mkdir()
    path = home / "catalog.db"
    (quick_path / "trial.db").write_bytes(broken)
    deaths = Deaths(mother, chance, work.repair, quick_path / "trial.db")
    for _ in range(ROUNDS // 2):
        path.write_bytes(broken)
        deaths.once(path)
        asides = kept_files.damaged_ones(path)
        assert path.read_bytes() == broken or is_sound(path)
        assert [aside for aside in asides if aside.read_bytes() == broken] or path.read_bytes() == broken
        mother.run(work.repair, path)
        assert state_of(path).photos == expected.photos
        assert kept_files.leftovers(path) == []
        kept_files.remove(list(home.iterdir()))


def test_two_at_once_one_of_them_killed_leave_the_other_at_its_work(
    quick_path: Path, mother: Mother, chance: random.Random
) -> None:
    """A check answers all the while: this process reads with the catalog open through each death."""
    photos = make_photos(quick_path / "photos", PHOTOS)
    path = make_catalog(quick_path / "catalog.db", photos)
    shutil.copy(path, quick_path / "trial.db")
    deaths = Deaths(mother, chance, work.index, quick_path / "trial.db")
    with closing(Catalog(path)) as reader:
        known = 0
        for _ in range(ROUNDS // 4):
            deaths.once(path)
            assert reader.photos.count() >= known
            known = reader.photos.count()
            assert reader.damage() is None
