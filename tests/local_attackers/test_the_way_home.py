"""Another user who puts something in the home folder's place, or on the way to it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from isthisme.cli import program
from isthisme_host.connect import HomeRefusedError, check_home, connect, daemon_lock, prepare_home
from isthisme_host.way_home import is_closed, weaknesses
from tests.local_attackers.strangers import NOBODY, SOMEBODY, as_root, run_as

USES: list[Callable[[Path], object]] = [prepare_home, connect, daemon_lock]


def refused(home: Path, words: str) -> None:
    for use in USES:
        with pytest.raises(HomeRefusedError, match=words):
            use(home)


@as_root
def test_a_home_that_another_user_made_first_is_refused(common: Path) -> None:
    run_as(NOBODY, "os.mkdir('home', 0o700)", common)
    refused(common / "home", f"belongs to user id {NOBODY}")
    assert list((common / "home").iterdir()) == []


@as_root
@pytest.mark.parametrize("kind", ["file", "pipe", "socket"])
def test_what_another_user_put_in_its_place_is_refused(common: Path, kind: str) -> None:
    makes = {"file": "open('home', 'w')", "pipe": "os.mkfifo('home')", "socket": "socket.socket(1).bind('home')"}
    run_as(NOBODY, makes[kind], common)
    for use in (prepare_home, daemon_lock):
        with pytest.raises(HomeRefusedError):
            use(common / "home")


@as_root
@pytest.mark.parametrize("target", ["victim", "nowhere", "theirs", "home"])
def test_a_link_of_another_user_in_its_place_is_refused_and_not_followed(common: Path, target: str) -> None:
    """Also where it leads to a folder of the victim's own, closed to others, such as the one with their keys."""
    (common / "victim").mkdir(mode=0o700)
    run_as(NOBODY, f"os.mkdir('theirs', 0o700); os.symlink({target!r}, 'home')", common)
    for use in (prepare_home, daemon_lock):
        with pytest.raises(HomeRefusedError):
            use(common / "home")
    assert not (common / "nowhere").exists()
    assert not list((common / "victim").iterdir())
    assert not list((common / "theirs").iterdir())


@as_root
def test_a_link_of_another_user_on_the_way_is_refused(common: Path) -> None:
    (common / "victim").mkdir(mode=0o700)
    run_as(NOBODY, "os.symlink('victim', 'way')", common)
    refused_way = f"the link {common}/way belongs to user id {NOBODY}"
    with pytest.raises(HomeRefusedError, match=refused_way):
        prepare_home(common / "way" / "home")


@as_root
def test_a_folder_of_another_user_on_the_way_is_refused(common: Path) -> None:
    run_as(NOBODY, "os.mkdir('theirs', 0o755)", common)
    (common / "theirs" / "home").mkdir(mode=0o700)
    refused(common / "theirs" / "home", f"the folder {common}/theirs belongs to user id {NOBODY}")


@pytest.mark.parametrize("mode", [0o777, 0o757, 0o703])
def test_a_folder_on_the_way_that_others_may_change_is_refused_with_the_way_out(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "home").mkdir(mode=0o700)
    (tmp_path / "open").chmod(mode)
    refused(tmp_path / "open" / "home", rf"mode {mode:04o}\); close it with: chmod go-w '{tmp_path}/open'")
    (tmp_path / "open").chmod(mode & ~0o022)
    prepare_home(tmp_path / "open" / "home")


@as_root
def test_the_swap_that_an_open_folder_would_allow_cannot_be_made_in_a_sticky_one(common: Path) -> None:
    """Between looking at the home and using it, another user moves it away: possible exactly where it is refused."""
    swap = (
        "try:\n os.rename('home', 'away'); os.mkdir('home'); print('swapped')\n"
        "except PermissionError: print('not allowed')"
    )
    (common / "home").mkdir(mode=0o700)
    check_home(common / "home")
    assert run_as(NOBODY, swap, common) == "not allowed\n"
    common.chmod(0o777)
    refused(common / "home", "may be changed by other users")
    assert run_as(NOBODY, swap, common) == "swapped\n"
    refused(common / "home", "belongs to|open to|may be changed")


@as_root
def test_a_group_of_others_may_change_nothing_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    os.chown(tmp_path / "shared", 0, SOMEBODY)
    (tmp_path / "shared").chmod(0o770)
    with pytest.raises(HomeRefusedError, match="may be changed by other users"):
        prepare_home(tmp_path / "shared" / "home")
    os.chown(tmp_path / "shared", 0, 0)
    prepare_home(tmp_path / "shared" / "home")


def test_a_relative_home_is_judged_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.chdir(tmp_path / "open")
    with pytest.raises(HomeRefusedError, match="may be changed by other users"):
        prepare_home("home")
    assert not (tmp_path / "open" / "home").exists() or not list((tmp_path / "open" / "home").iterdir())


def test_a_link_of_the_users_own_may_lead_to_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "home").symlink_to("disk/../disk/./home")
    (tmp_path / "disk" / "home").mkdir(mode=0o700)
    prepare_home(tmp_path / "home")
    (tmp_path / "disk").chmod(0o777)
    with pytest.raises(HomeRefusedError, match=f"{tmp_path}/disk may be changed"):
        prepare_home(tmp_path / "home")


def test_links_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert list(weaknesses(tmp_path / "one" / "home")) == []
    with pytest.raises(HomeRefusedError):
        prepare_home(tmp_path / "one" / "home")


def test_folders_that_are_made_on_the_way_are_closed_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        prepare_home(tmp_path / "a" / "b" / "home")
    finally:
        os.umask(before)
    for folder in ("a", "a/b", "a/b/home"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700


def test_doctor_closes_what_lies_open_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    home = tmp_path / "open" / "home"
    done = CliRunner().invoke(program, ["doctor", "--repair", "--yes"], env={"ISTHISME_HOME": str(home)})
    assert f"{tmp_path}/open may be changed by other users (mode 0777)" in done.output
    assert (tmp_path / "open").stat().st_mode & 0o777 == 0o755
    check_home(home)


def test_a_folder_for_programs_is_closed_or_it_is_not(tmp_path: Path) -> None:
    assert is_closed(str(tmp_path))
    (tmp_path / "open").mkdir()
    for mode in (0o777, 0o1777):
        (tmp_path / "open").chmod(mode)
        assert not is_closed(str(tmp_path / "open"))
        assert not is_closed("/nowhere at all")
