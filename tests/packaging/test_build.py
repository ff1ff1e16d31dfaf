"""What is published is the same bytes wherever and whenever it is built, and whole."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import isthisme
import isthisme_host
from tests.browser_driver import ROOT

# What the published files are made of, and a few tests for the source archive.
SOURCES = ("daemon", "extension", "native_host", "scripts", "tests/packaging")
ZIPS = ("build/extension/is-this-me-chromium.zip", "build/extension/is-this-me-firefox.zip")


def checkout(folder: Path) -> Path:
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / file, folder)
    return folder


def built(folder: Path, *, umask: int, **surroundings: str) -> dict[str, Path]:
    """The published files by name, built from the sources in that folder."""
    environment = {**os.environ, **surroundings, "SOURCE_DATE_EPOCH": "1577836800"}
    for command in (["-m", "hatchling", "build", "--directory", "dist"], ["scripts/build-extension"]):
        subprocess.run(
            [sys.executable, *command], cwd=folder, env=environment, umask=umask, check=True, capture_output=True
        )
    return {path.name: path for path in [*(folder / "dist").iterdir(), *(folder / name for name in ZIPS)]}


def hashes(files: dict[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = checkout(tmp_path_factory.mktemp("release"))
    return built(folder, umask=0o022, TZ="UTC", LC_ALL="C.UTF-8", USER="ann")


@pytest.fixture(scope="module")
def wheel(release: dict[str, Path]) -> dict[str, bytes]:
    """Every file of the wheel by its name there."""
    (path,) = [path for name, path in release.items() if name.endswith(".whl")]
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_another_place_time_language_and_user_give_the_same_bytes(release: dict[str, Path], tmp_path: Path) -> None:
    folder = checkout(tmp_path / "quite another place")
    for number, path in enumerate(sorted(folder.rglob("*"))):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        if path.is_file():
            path.chmod(0o600 | (path.stat().st_mode & 0o100))
    again = built(folder, umask=0o077, TZ="Asia/Tokyo", LC_ALL="C", USER="bob", HOME=str(tmp_path))
    assert len(again) == 4
    assert hashes(again) == hashes(release)


def test_the_source_archive_makes_the_same_wheel(release: dict[str, Path], tmp_path: Path) -> None:
    (archive,) = [path for name, path in release.items() if name.endswith(".tar.gz")]
    with tarfile.open(archive) as sources:
        sources.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    again = hashes(built(folder, umask=0o022))
    assert {name: again[name] for name in again if not name.endswith(".tar.gz")} == {
        name: known for name, known in hashes(release).items() if not name.endswith(".tar.gz")
    }


def test_the_wheel_holds_every_file_of_the_program_and_nothing_else(wheel: dict[str, bytes]) -> None:
    sources = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for root, package in ((ROOT / "daemon", "isthisme"), (ROOT / "native_host", "isthisme_host"))
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {
        name: content
        for name, content in wheel.items()
        if ".dist-info/" not in name and not name.startswith("isthisme/extension/")
    }
    assert shipped == sources


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_the_wheel_carries_the_extension_that_stores_get(
    wheel: dict[str, bytes], release: dict[str, Path], browser: str
) -> None:
    prefix = f"isthisme/extension/{browser}/"
    carried = {name.removeprefix(prefix): content for name, content in wheel.items() if name.startswith(prefix)}
    with zipfile.ZipFile(release[f"is-this-me-{browser}.zip"]) as package:
        assert carried == {name: package.read(name) for name in package.namelist()}
    assert json.loads(carried["manifest.json"])["manifest_version"] == 3


def test_all_parts_name_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of_packages = {
        json.loads((ROOT / name).read_text())["version"] for name in ("extension/manifest.json", "package.json")
    }
    assert {isthisme.__version__, isthisme_host.__version__, *of_packages} == {project["version"]}
    headings = [
        line for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines() if line.startswith("## ")
    ]
    assert headings[0].split()[1] == project["version"]
