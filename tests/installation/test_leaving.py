"""What goes with the program, what stays, and how people are told; and the extension that came with it."""

import json
from pathlib import Path

import pytest

from isthisme.installation.extension_files import extension_folders
from isthisme.installation.leaving import has_data, remove_all, remove_installed, saved_files
from isthisme.installation.provenance import way_to_remove, way_to_update

DATA = ("catalog.db", "catalog.db-wal", "catalog-version-3.db", "settings.toml", "index/1.seg", "evidence/a.zip")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One that has been used."""
    home = tmp_path / "home"
    for name in ("native-host", "daemon.log", "daemon.lock", "extension/chromium/manifest.json", *DATA):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("ours")
    return home


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_without_its_data_the_home_folder_goes(home: Path) -> None:
    assert remove_all(home) == []
    assert not home.exists()
    assert remove_all(home) == []


def test_data_that_are_kept_are_all_that_is_left(home: Path) -> None:
    assert remove_installed(home) == []
    assert names_in(home) == {name.partition("/")[0] for name in DATA}
    assert has_data(home)


def test_a_home_folder_without_data_is_not_kept(home: Path) -> None:
    for name in DATA:
        (home / name).unlink()
    (home / "index").rmdir()
    (home / "evidence").rmdir()
    assert not has_data(home)
    assert remove_installed(home) == []
    assert not home.exists()


def test_what_is_not_ours_stays_and_is_named(home: Path) -> None:
    (home / "diary.txt").write_text("mine")
    (home / "extension/mine").mkdir()
    assert remove_all(home) == [home / "diary.txt", home / "extension"]
    assert (home / "diary.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["evidence", "index", "native-host", "catalog.db", "extension"])
def test_nothing_is_removed_through_a_link(home: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "photo.jpg").write_text("mine")
    (home / name).rename(tmp_path / "moved")
    (home / name).symlink_to(elsewhere)
    (home / "index").mkdir(exist_ok=True)
    (home / "index" / "link").symlink_to(elsewhere)
    remove_all(home)
    assert (elsewhere / "photo.jpg").read_text() == "mine"


def test_a_home_folder_that_is_a_link_goes_with_the_folder_that_it_leads_to(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(home)
    assert remove_all(link) == []
    assert not link.is_symlink()
    assert not home.exists()


def test_what_cannot_be_made_again_is_counted(home: Path) -> None:
    (home / "notices").mkdir()
    assert [(saved.what, saved.files) for saved in saved_files(home)] == [("evidence bundles", 1)]


def test_people_are_told_how_the_program_goes_and_is_renewed_as_it_came(tmp_path: Path) -> None:
    assert "-m pip uninstall isthisme" in way_to_remove(tmp_path, "{}")
    assert "-m pip install --force-reinstall" in way_to_update(tmp_path, "{}")
    noted = json.dumps({"url": "file:///home/ann/is%20this%20me", "dir_info": {"editable": True}})
    assert way_to_remove(tmp_path, noted).endswith("delete its folder /home/ann/is this me")
    assert way_to_update(tmp_path, noted) == "'git pull && scripts/run' in /home/ann/is this me"
    (tmp_path / "pipx_metadata.json").touch()
    assert way_to_remove(tmp_path, "{}").endswith("pipx uninstall isthisme")
    assert "'pipx install --force' with the newer wheel" in way_to_update(tmp_path, "{}")
    (tmp_path / "uv-receipt.toml").touch()
    assert way_to_remove(tmp_path, "{}").endswith("uv tool uninstall isthisme")
    assert "'uv tool install --force' with the newer wheel" in way_to_update(tmp_path, "{}")


def package(folder: Path, words: str) -> Path:
    """What a wheel carries."""
    for kin in ("chromium", "firefox"):
        (folder / kin / "background/deeper").mkdir(parents=True, exist_ok=True)
        (folder / kin / "background/deeper/one.js").write_text(words)
        (folder / kin / "manifest.json").write_text(f"{kin} {words}")
        (folder / kin / "background" / "main.js").write_text(words)
    return folder


def test_the_extension_of_a_wheel_is_written_into_the_home_folder_and_renewed(tmp_path: Path) -> None:
    home, none = tmp_path / "home", tmp_path / "none"
    folders = extension_folders(home, package=package(tmp_path / "package", "1"), checkout=none)
    assert folders is not None
    assert (folders.chromium, folders.firefox) == (home / "extension/chromium", home / "extension/firefox")
    assert (folders.firefox / "background/main.js").read_text() == "1"
    assert (folders.firefox / "background/main.js").stat().st_mode & 0o777 == 0o600
    written = [home / "extension", *(path for path in (home / "extension").rglob("*") if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o700}
    before = folders.firefox.stat().st_ino
    extension_folders(home, package=tmp_path / "package", checkout=none)
    assert folders.firefox.stat().st_ino == before, "a browser may be reading it"
    (folders.firefox / "old.js").touch()
    extension_folders(home, package=package(tmp_path / "package", "2"), checkout=none)
    assert (folders.firefox / "background/main.js").read_text() == "2"
    assert not (folders.firefox / "old.js").exists()
    assert names_in(home / "extension") == {"chromium", "firefox"}


def test_the_extension_of_a_checkout_is_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").touch()
    folders = extension_folders(tmp_path / "home", package=tmp_path / "none", checkout=tmp_path)
    assert folders is not None
    assert (folders.chromium, folders.firefox) == (tmp_path, tmp_path)
    assert not (tmp_path / "home").exists()


def test_an_installation_without_the_extension_says_so(tmp_path: Path) -> None:
    assert extension_folders(tmp_path, package=tmp_path / "none", checkout=tmp_path / "none") is None
