"""The command line as people and programs use it."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from tests.companion import isthisme, running_daemon, wait_until
from tests.picture_site import picture_site
from tests.pictures import drawn, encoded, write_photos

pytestmark = pytest.mark.slow  # many processes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photos, indexed without a model."""
    folder = tmp_path_factory.mktemp("cli")
    made = folder / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 2\n')
    write_photos(folder / "photos", range(3))
    assert isthisme(made, "folders", "add", str(folder / "photos")).returncode == 0
    assert isthisme(made, "index").returncode == 0
    return made


def begin(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """Starts a command without waiting for its end."""
    environment = {**os.environ, "ISTHISME_HOME": str(home)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-m", "isthisme", *words], env=environment, stdout=quiet, stderr=quiet)


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_check_answers_one_object_a_line_in_the_order_given(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.jpg").write_bytes(encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=70))
    (tmp_path / "stranger.png").write_bytes(encoded(drawn(300), "PNG"))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    names = [str(tmp_path / name) for name in ("stranger.png", "missing.jpg", "copy.jpg", "broken.jpg")]
    done = isthisme(home, "check", *names, "--json")
    assert done.returncode == 1  # two could not be read
    found = lines(done)
    assert [row["input"] for row in found] == names
    assert [row["verdict"] for row in found] == ["no_copy", "undecided", "copy", "undecided"]
    assert [row["reason_code"] for row in found] == [None, "unreadable_image", None, "unreadable_image"]


def test_the_contract_of_check(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.jpg").write_bytes(encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=70))
    done = isthisme(home, "check", "--json", "--deep", str(tmp_path / "copy.jpg"))
    assert done.returncode == 0
    (row,) = lines(done)
    assert row.keys() >= {"input", "verdict", "score", "matches", "reason", "index_generation", "elapsed_ms"}
    assert row["verdict"] in {"copy", "possible_copy", "no_copy", "undecided"}
    assert 0 <= row["score"] <= 1  # type: ignore[operator]
    assert isinstance(row["index_generation"], int)
    assert isinstance(row["elapsed_ms"], float)
    assert row["reason"] is None
    (match,) = row["matches"]  # type: ignore[misc]
    assert match.keys() >= {"photo", "score", "explanation", "edits", "query_region", "photo_region"}
    assert Path(match["photo"]).name == "photo_001.jpg"
    assert "mirrored" in match["edits"]
    assert "mirrored" in match["explanation"]
    for region in (match["query_region"], match["photo_region"]):
        assert len(region) >= 3
        for x, y in region:
            assert -5 <= x <= 485
            assert -5 <= y <= 365


def test_a_photo_that_was_deleted_since_is_still_matched_and_said_to_be_gone(home: Path, tmp_path: Path) -> None:
    """The photo is moved away and back: the others share the home."""
    (tmp_path / "copy.jpg").write_bytes(encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=70))
    names = "check", "--json", str(tmp_path / "copy.jpg")
    (row,) = lines(isthisme(home, *names))
    assert row["matches"][0]["photo_is_present"] is True  # type: ignore[index]
    photo = Path(row["matches"][0]["photo"])  # type: ignore[index]
    photo.rename(tmp_path / "away.jpg")
    try:
        (row,) = lines(isthisme(home, *names))
        assert row["verdict"] == "copy"
        assert row["matches"][0]["photo_is_present"] is False  # type: ignore[index]
        assert "no longer there" in isthisme(home, "check", names[2]).stdout
    finally:
        (tmp_path / "away.jpg").rename(photo)


def test_check_takes_names_from_standard_input(home: Path, tmp_path: Path) -> None:
    (tmp_path / "stranger.png").write_bytes(encoded(drawn(300), "PNG"))
    done = isthisme(home, "check", "-", "--json", given=f"{tmp_path / 'stranger.png'}\n" * 3)
    assert [row["verdict"] for row in lines(done)] == ["no_copy"] * 3


def test_check_takes_an_address(home: Path) -> None:
    with picture_site({"/a.jpg": ("image/jpeg", encoded(drawn(2), quality=60))}) as site:
        (row,) = lines(isthisme(home, "check", site.url("a.jpg"), "--json"))
    assert row["verdict"] == "copy"


def test_check_in_words_names_the_photo_and_the_edit(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.jpg").write_bytes(encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=70))
    done = isthisme(home, "check", str(tmp_path / "copy.jpg"))
    assert "photo_001.jpg" in done.stdout
    assert "mirrored" in done.stdout


def test_check_without_any_photo_is_undecided_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(drawn(300), "PNG"))
    (row,) = lines(isthisme(tmp_path / "home", "check", str(tmp_path / "a.png"), "--json"))
    assert (row["verdict"], row["reason_code"], row["index_generation"]) == ("undecided", "no_photos", 0)


def test_check_answers_from_the_old_index_while_a_rebuild_runs(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.jpg").write_bytes(encoded(drawn(1), quality=70))
    rebuild = begin(home, "rebuild")
    (row,) = lines(isthisme(home, "check", str(tmp_path / "copy.jpg"), "--json"))
    assert row["verdict"] == "copy"
    assert rebuild.wait(60) == 0


def test_folders_are_added_listed_and_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_photos(tmp_path / "photos", range(1))
    assert isthisme(home, "folders", "list").stdout.startswith("No folders yet")
    assert "isthisme index" in isthisme(home, "folders", "add", str(tmp_path / "photos")).stdout
    (row,) = lines(isthisme(home, "folders", "list", "--json"))
    assert (row["path"], row["photos"], row["is_present"]) == (str((tmp_path / "photos").resolve()), 0, True)
    assert isthisme(home, "folders", "remove", str(tmp_path / "photos")).returncode == 0
    assert lines(isthisme(home, "folders", "list", "--json")) == []
    done = isthisme(home, "folders", "remove", str(tmp_path / "photos"))
    assert done.returncode == 2
    assert "is not one of your folders" in done.stderr


def test_a_folder_that_is_none_is_refused_in_words(home: Path, tmp_path: Path) -> None:
    done = isthisme(home, "folders", "add", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "is not a folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_rebuild_without_folders_says_what_to_do(tmp_path: Path) -> None:
    done = isthisme(tmp_path / "home", "rebuild")
    assert done.returncode == 2
    assert "isthisme folders add" in done.stderr


def test_index_names_unreadable_files_and_says_so_with_its_exit_code(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_photos(tmp_path / "photos", range(1))
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no picture")
    isthisme(home, "folders", "add", str(tmp_path / "photos"))
    done = isthisme(home, "index")
    assert done.returncode == 1
    assert "broken.jpg" in done.stderr
    (row,) = lines(isthisme(home, "rebuild", "--json"))
    assert row["photos"] == 1
    assert [Path(each["file"]).name for each in row["unreadable"]] == ["broken.jpg"]  # type: ignore[attr-defined]


def test_an_interrupted_rebuild_says_so_and_keeps_what_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_photos(tmp_path / "photos", range(60))
    isthisme(home, "folders", "add", str(tmp_path / "photos"))
    isthisme(home, "index")
    rebuild = begin(home, "rebuild")

    with closing(Catalog(home / "catalog.db")) as catalog:  # asking by command takes as long as the rebuild
        wait_until(lambda: catalog.facts.progress() is not None or rebuild.poll() is not None, "the rebuild begins")
    rebuild.send_signal(signal.SIGINT)
    code = rebuild.wait(60)
    (status,) = lines(isthisme(home, "status", "--json"))
    assert code in (130, 0)  # 0: it was done before the signal came
    assert status["photos"] == 60


def test_status_tells_what_there_is(home: Path) -> None:
    (row,) = lines(isthisme(home, "status", "--json"))
    assert (row["state"], row["photos"], row["folders"], row["daemon_runs"]) == ("ready", 3, 1, False)
    assert row["model"] is None
    assert "no_model" in [problem["code"] for problem in row["problems"]]  # type: ignore[attr-defined]
    words = isthisme(home, "status").stdout
    assert "3 in 1 folder" in words
    assert "no descriptor model" in words


def test_sightings_of_nothing(home: Path) -> None:
    assert isthisme(home, "sightings", "list").stdout == "Nothing was seen so far.\n"
    assert isthisme(home, "sightings", "list", "--json").stdout == ""


def test_places_are_added_listed_and_removed(home: Path) -> None:
    assert isthisme(home, "places", "add", "https://WWW.Instagram.com/Anna/#top").returncode == 0
    assert isthisme(home, "places", "list").stdout == "www.instagram.com/Anna\n"
    for wrong in ("https://instаgram.com/anna", "ftp://a.example", "https://anna@a.example", "a b", "https://"):
        refused = isthisme(home, "places", "add", wrong)
        assert (refused.returncode, "is no address of a place" in refused.stderr) == (2, True), wrong
    (row,) = lines(isthisme(home, "decisions", "list", "--json"))
    assert (row["kind"], row["reach"]) == ("own_place", "below")
    assert isthisme(home, "places", "remove", "www.instagram.com/Anna").returncode == 0
    assert isthisme(home, "places", "remove", "www.instagram.com/Anna").returncode == 2
    assert isthisme(home, "places", "list").stdout == "None so far.\n"


def test_a_sighting_is_kept_dismissed_and_both_taken_back(home: Path) -> None:
    match = {"photo_id": 1, "photo": "p", "verdict": "copy", "score": 0.9, "explanation": "", "edits": []}
    note = {"verdict": "copy", "score": 0.9, "reason": None, "width": 1, "height": 1, "index_generation": 1}
    answer = json.dumps(note | {"matches": [match | {"query_region": [], "photo_region": []}]})
    seen = SeenPicture("https://a.example/", "A page", "p", b"hash", b"jpeg", 1, 1, answer, 7)
    with closing(Catalog(home / "catalog.db")) as catalog:
        number = str(catalog.sightings.keep(seen))
        assert isthisme(home, "sightings", "keep", number).returncode == 0
        assert isthisme(home, "sightings", "not-me", number).returncode == 0
        assert isthisme(home, "sightings", "keep", "999").returncode == 2
        assert isthisme(home, "sightings", "list").stdout == "Nothing was seen so far.\n"
        rows = lines(isthisme(home, "decisions", "list", "--json"))
        assert [row["kind"] for row in rows] == ["not_me", "mine"]
        assert "that is me" in isthisme(home, "decisions", "list").stdout
        for row in rows:
            assert isthisme(home, "decisions", "undo", str(row["decision_id"])).returncode == 0
        (row,) = lines(isthisme(home, "sightings", "list", "--json"))
        assert str(row["sighting_id"]) == number
        catalog.sightings.delete([int(number)])


def test_doctor_finds_what_is_wrong_and_the_way_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = isthisme(home, "doctor", "--json")
    assert done.returncode == 1
    found = {(row["about"], row["level"]): row for row in lines(done)}
    assert found["folders", "trouble"]["way_out"] == "add one: isthisme folders add FOLDER"
    assert ("descriptor model", "fine") in found
    assert ("companion", "note") in found
    (home / "settings.toml").write_text('model = "/nowhere/model.onnx"\n')
    rows = lines(isthisme(home, "doctor", "--json"))
    (model,) = [row for row in rows if row["about"] == "descriptor model"]
    assert model["level"] == "trouble"
    assert "/nowhere/model.onnx" in str(model["words"])


def test_a_home_folder_open_to_others_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    done = isthisme(home, "status")
    assert done.returncode == 2
    assert "chmod 700" in done.stderr


def test_a_wrong_word_is_a_usage_error(home: Path) -> None:
    assert isthisme(home, "dance").returncode == 2
    assert isthisme(home, "check").returncode == 2


def test_an_address_that_a_site_chose_is_shown_and_not_obeyed(home: Path) -> None:
    page = "https://a.example/?[/x][bold]"
    with closing(Catalog(home / "catalog.db")) as catalog:
        answer = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'
        seen = SeenPicture(page, None, "https://a.example/1.jpg", b"hash", b"jpeg", 1, 1, answer)
        sighting_id = catalog.sightings.keep(seen)
        done = isthisme(home, "sightings", "list")
        catalog.sightings.delete([sighting_id])
    assert done.returncode == 0, done.stderr
    assert page in done.stdout


def test_an_address_that_is_none_costs_the_others_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "stranger.jpg").write_bytes(encoded(drawn(300)))
    found = lines(isthisme(home, "check", "--json", "http://[bad", str(tmp_path / "stranger.jpg")))
    assert [row["verdict"] for row in found] == ["undecided", "no_copy"]


def test_a_folder_added_while_the_daemon_runs_is_indexed_by_it(tmp_path: Path) -> None:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    (tmp_path / "first").mkdir()
    write_photos(tmp_path / "photos", range(2))
    with running_daemon(made):
        isthisme(made, "folders", "add", str(tmp_path / "first"))
        done = isthisme(made, "folders", "add", str(tmp_path / "photos"))
        assert "isthisme index" not in done.stdout
        wait_until(lambda: '"photos": 2' in isthisme(made, "status", "--json").stdout, "its photos are known")


def test_cases_are_made_noted_and_erased_and_sightings_exported(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    answer = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'
    with closing(Catalog(home / "catalog.db")) as catalog:
        for number in (b"1", b"2"):
            address = "https://thief.example/" + number.decode()
            catalog.sightings.keep(SeenPicture(address, "=cmd()", "p", number, b"jpeg", 1, 1, answer))
    assert "isthisme cases make 1 2" in isthisme(home, "cases", "suggest").stdout
    assert isthisme(home, "cases", "make", "1", "2").stdout == "Case 1: thief.example\n"
    for words in (["status", "1", "reported"], ["note", "1", "a note"], ["rename", "1", "The [b]shop"]):
        assert isthisme(home, "cases", *words).returncode == 0
    (case,) = lines(isthisme(home, "cases", "show", "1", "--json"))
    assert (case["name"], case["status"], case["sighting_ids"]) == ("The [b]shop", "reported", [1, 2])
    assert "The [b]shop" in isthisme(home, "cases", "list").stdout
    assert isthisme(home, "cases", "show", "9").returncode == 2
    table = tmp_path / "sightings.csv"
    assert isthisme(home, "sightings", "export", str(table)).returncode == 0
    refused = isthisme(home, "sightings", "export", str(tmp_path / "nowhere" / "table.csv"))
    assert refused.returncode == 2
    assert f"there is no folder {tmp_path / 'nowhere'}; make it, or name another file" in refused.stderr
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["case"], row["page_title"]) for row in rows] == [("The [b]shop", "'=cmd()")] * 2
    found = json.loads(isthisme(home, "sightings", "export", "-").stdout)
    assert [row["page_address"] for row in found] == ["https://thief.example/2", "https://thief.example/1"]
    assert isthisme(home, "cases", "delete", "1", "--sightings", "--yes").returncode == 0
    assert isthisme(home, "sightings", "delete", "1", "--yes").returncode == 2
    assert isthisme(home, "sightings", "list").stdout == "Nothing was seen so far.\n"
    noted = [(row["event"], row["detail"]) for row in lines(isthisme(home, "journal", "--json"))]
    assert noted[:3] == [
        ("exported", {"format": "csv", "sightings": 2}),
        ("exported", {"format": "json", "sightings": 2}),
        ("deleted", {"case": 1, "sightings": [1, 2]}),
    ]
    with closing(sqlite3.connect(home / "catalog.db")) as raw:
        raw.execute("drop trigger journal_is_not_changed")
        raw.execute("update journal set event = 'opened' where id = 2")
        raw.commit()
    done = isthisme(home, "journal")
    assert done.returncode == 1
    assert "entry 2" in done.stderr
