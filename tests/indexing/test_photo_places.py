"""Where photos usually lie: only what is there and holds pictures, each place once, counted for a while."""

import os
from pathlib import Path

import pytest

from isthisme.indexing.photo_places import PlaceKind, count_pictures, find_photo_places, usual_places

FAR = float("inf")


def pictures_in(folder: Path, count: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number}.jpg").touch()
    return folder


@pytest.fixture(autouse=True)
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_places_that_are_not_there_or_hold_no_picture_are_not_suggested(user_home: Path) -> None:
    pictures_in(user_home / "Pictures", 3)
    (user_home / "Desktop").mkdir()
    (user_home / "Desktop" / "notes.txt").touch()
    places = find_photo_places(
        [
            (PlaceKind.PICTURES, user_home / "Pictures"),
            (PlaceKind.DESKTOP, user_home / "Desktop"),
            (PlaceKind.CLOUD, user_home / "nowhere"),
        ]
    )
    assert [(place.path, place.kind, place.pictures, place.is_more) for place in places] == [
        (user_home / "Pictures", PlaceKind.PICTURES, 3, False)
    ]


def test_a_place_under_two_names_or_inside_another_is_suggested_once(user_home: Path) -> None:
    pictures = pictures_in(user_home / "Pictures")
    pictures_in(pictures / "Camera Roll")
    (user_home / "Photos").symlink_to(pictures)
    names = [pictures, user_home / "Photos", pictures / "Camera Roll"]
    places = find_photo_places([(PlaceKind.PICTURES, name) for name in names])
    assert [place.path for place in places] == [pictures]


def test_the_whole_home_is_never_suggested(user_home: Path) -> None:
    """Where there is no desktop folder, the system calls the home itself the desktop."""
    pictures_in(user_home)
    assert find_photo_places([(PlaceKind.DESKTOP, user_home), (PlaceKind.DOWNLOADS, user_home.parent)]) == []


def test_what_the_indexer_leaves_out_is_not_counted(user_home: Path) -> None:
    folder = pictures_in(user_home / "Pictures", 2)
    pictures_in(folder / ".thumbnails", 5)
    (folder / "._0.jpg").touch()
    (folder / "folder.jpg").mkdir()
    assert count_pictures(folder, until=FAR, most=100) == (2, False)


def test_counting_ends_at_its_limits_and_says_so(user_home: Path) -> None:
    folder = pictures_in(user_home / "Pictures", 5)
    assert count_pictures(folder, until=FAR, most=4) == (4, True)
    for number in range(600):  # folders alone let the time pass, too
        (folder / f"empty {number}").mkdir()
    ticks = iter(range(100))
    assert count_pictures(folder, until=1, most=10_000, clock=lambda: next(ticks))[1]


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_a_folder_that_may_not_be_read_is_passed_over(user_home: Path) -> None:
    folder = pictures_in(user_home / "Pictures")
    folder.chmod(0)
    try:
        assert find_photo_places([(PlaceKind.PICTURES, folder)]) == []
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_systems_own_folder_for_pictures_comes_first(platform: str, user_home: Path) -> None:
    kinds = [kind for kind, _ in usual_places(user_home, platform)]
    assert kinds[0] is PlaceKind.PICTURES
    assert set(kinds) == set(PlaceKind)
