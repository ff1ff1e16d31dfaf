"""`isthisme evidence`, as people use it, and the same through the daemon."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.companion import client, isthisme, running_daemon
from tests.evidence.scene_of_a_theft import PAGE, fetched, theft

pytestmark = pytest.mark.slow  # many processes


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """One sighting, in a case, and the page that it was on."""
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    (made / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    with theft(made) as scene:
        scene.catalog.cases.make("The shop", "shop.example", [scene.see(exchange=fetched())])
        scene.capture()
    return made


def test_evidence_is_saved_listed_and_checked(home: Path, tmp_path: Path) -> None:
    done = isthisme(home, "evidence", "save", "1", "--json")
    assert done.returncode == 0, done.stderr
    saved = json.loads(done.stdout)
    assert Path(saved["path"]).parent == home / "evidence"
    assert {"report.pdf", "finding-1/comparison-1.jpg"} <= set(saved["files"])
    listed = json.loads(isthisme(home, "evidence", "list", "--json").stdout)
    assert listed["sha256"] == saved["sha256"]
    assert saved["sha256"] in isthisme(home, "evidence", "verify", "1").stdout

    target = tmp_path / "stick"
    target.mkdir()
    done = isthisme(home, "evidence", "save", "--case", "1", "--to", str(target), "--language", "zh")
    assert done.returncode == 0, done.stderr
    (bundle,) = target.iterdir()
    assert bundle.name in done.stdout.replace("\n", "")
    done = isthisme(home, "evidence", "verify", str(bundle), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["is_intact"] is True

    data = bytearray(bundle.read_bytes())
    data[data.index(b"\xff\xd8\xff") + 100] ^= 1
    bundle.write_bytes(data)
    done = isthisme(home, "evidence", "verify", str(bundle))
    assert done.returncode == 1
    assert "altered" in done.stdout
    assert isthisme(home, "evidence", "verify", str(home / "settings.toml")).returncode == 2
    assert isthisme(home, "evidence", "save", "99").returncode == 2
    assert isthisme(home, "evidence", "save").returncode == 2


def test_evidence_through_the_daemon(home: Path) -> None:
    with running_daemon(home), client(home) as browser:
        saved = browser.ask("save_evidence", sighting_ids=[1], language="zh-CN")
        assert saved["type"] == "evidence"
        assert saved["bytes"] == Path(saved["path"]).stat().st_size
        assert (saved["timestamp"], saved["timestamp_problem"]) == (None, None)
        (listed,) = browser.ask("bundles", sighting_id=1)["bundles"]
        assert (listed["name"], listed["sha256"], listed["is_present"]) == (saved["name"], saved["sha256"], True)
        assert browser.ask("bundles", case_id=1)["bundles"] == []
        verified = browser.ask("verify_evidence", bundle_id=saved["bundle_id"])
        assert (verified["type"], verified["is_intact"]) == ("verified", True)
        Path(saved["path"]).write_bytes(b"PK")
        refused = browser.ask("verify_evidence", bundle_id=saved["bundle_id"])
        assert (refused["type"], refused["code"]) == ("error", "usage")
        assert browser.ask("show_bundle", bundle_id=99)["code"] == "not_found"
        assert browser.ask("save_evidence", language="en")["code"] == "nothing_to_save"
        # While evidence is being saved others are answered.
        slow = browser.send("save_evidence", case_id=1, language="en")
        assert browser.ask("status")["type"] == "status"
        assert not any(answer.get("id") == slow for answer in browser.kept)
        assert browser.answers(slow)[-1]["type"] == "evidence"
        events = browser.ask("timeline", case_id=1)["events"]
        assert [event["kind"] for event in events].count("evidence") == 3
        assert browser.ask("sightings", page_address=PAGE)["sightings"][0]["sighting_id"] == 1
