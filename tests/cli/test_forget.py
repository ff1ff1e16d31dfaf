"""`isthisme forget`, as people use it."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isthisme.catalog import Catalog
from isthisme.cli import program
from tests.pictures import write_photos

pytestmark = pytest.mark.slow  # it indexes


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Four photos, indexed without a model; the file of the last is gone."""
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    photos = write_photos(tmp_path / "photos", range(4))
    run(made, "folders", "add", str(tmp_path / "photos"))
    run(made, "index")
    photos[3].unlink()
    run(made, "index")
    assert count(made) == 4
    return made


def run(home: Path, *words: str, given: str = "") -> Result:
    return CliRunner().invoke(program, words, env={"ISTHISME_HOME": str(home)}, input=given)


@contextmanager
def opened(home: Path) -> Iterator[Catalog]:
    with closing(Catalog(home / "catalog.db")) as catalog:
        yield catalog


def count(home: Path) -> int:
    with opened(home) as catalog:
        return catalog.photos.count()


def test_a_photo_whose_file_is_gone_stays_known_until_it_is_forgotten(home: Path) -> None:
    done = run(home, "forget", "--gone", given="n\n")
    assert "photo_003.jpg" in done.output
    assert count(home) == 4
    done = run(home, "forget", "--gone", given="y\n")
    assert (done.exit_code, count(home)) == (0, 3)
    assert "Forgot 1 photo." in done.output
    run(home, "index")
    assert count(home) == 3
    assert run(home, "forget", "--gone", "--yes").exit_code == 0


def test_a_photo_that_still_lies_in_a_folder_comes_back_and_the_command_says_so(home: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photos" / "photo_001.jpg"
    done = run(home, "forget", str(photo))
    assert (done.exit_code, count(home)) == (1, 3)
    assert "indexed again at the next look" in done.output
    run(home, "index")
    assert count(home) == 4
    photo.rename(tmp_path / "moved away.jpg")
    run(home, "index")
    done = run(home, "forget", str(tmp_path / "moved away.jpg"), "--json")
    assert (done.exit_code, json.loads(done.output)["forgotten"]) == (0, 1)
    run(home, "index")
    assert count(home) == 3


def test_a_photo_is_named_by_the_number_that_check_gives(home: Path, tmp_path: Path) -> None:
    (row,) = [json.loads(run(home, "check", "--json", str(tmp_path / "photos" / "photo_002.jpg")).output)]
    number = row["matches"][0]["photo_id"]
    done = run(home, "forget", str(number), "--json")
    assert json.loads(done.output)["still_in_folders"] == [row["matches"][0]["photo"]]
    assert count(home) == 3


def test_what_is_not_known_is_said_and_hinders_nothing(home: Path) -> None:
    done = run(home, "forget", "nothing.jpg", "987654")
    assert done.exit_code == 2
    assert "no photo that is known" in done.output
    assert run(home, "forget").exit_code == 2
    assert count(home) == 4


def test_older_copies_of_the_catalog_go_after_a_question(home: Path, tmp_path: Path) -> None:
    copies = [home / "catalog-version-1.db", home / "catalog-damaged-2026-01-02-030405.db"]
    for copy in copies:
        copy.write_bytes(b"an older catalog")
    with opened(home) as catalog:
        (number,) = catalog.forgetting.gone()
    done = run(home, "forget", str(number), given="n\n")
    assert all(copy.exists() for copy in copies)
    assert "was kept" in done.output
    done = run(home, "forget", str(tmp_path / "photos" / "photo_000.jpg"), given="y\n")
    assert not any(copy.exists() for copy in copies)


def test_a_folder_that_is_removed_leaves_nothing_of_its_photos(home: Path, tmp_path: Path) -> None:
    with opened(home) as catalog:
        ids = catalog.forgetting.gone() + catalog.forgetting.named(tmp_path / "photos" / "photo_000.jpg")
        previews = [photo.preview for photo in catalog.photos.previews(ids).values()]
    assert len(previews) == 2
    kept = b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    assert all(preview[-200:] in kept for preview in previews)
    assert run(home, "folders", "remove", str(tmp_path / "photos")).exit_code == 0
    left = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert not any(preview[-200:] in left for preview in previews)
