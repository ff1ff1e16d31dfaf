"""The whole way on the command line: found on a page, a case, evidence, a notice; the picture goes and returns."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.companion import client, isthisme, running_daemon, wait_until
from tests.picture_site import picture_site
from tests.pictures import drawn, encoded, write_photos

pytestmark = pytest.mark.slow  # many processes


def test_from_a_page_to_evidence_a_notice_and_the_picture_gone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    write_photos(tmp_path / "photos", range(2))
    isthisme(home, "folders", "add", str(tmp_path / "photos"))
    stolen = encoded(drawn(0), quality=70)
    files = {"/page": ("text/html", b"<img src=stolen.jpg>"), "/stolen.jpg": ("image/jpeg", stolen)}
    with running_daemon(home), client(home) as asker, picture_site(files) as site:
        wait_until(lambda: asker.ask("status")["photos"] == 2, "the photos are known")
        picture = site.url("stolen.jpg")
        verdict = asker.check_page([picture], site.url("page"))[picture[-90:]]
        assert verdict["verdict"] == "copy"
        sighting = str(verdict["sighting_id"])

        def presence() -> str:
            (row,) = asker.ask("sightings")["sightings"]
            return str(row["presence"])

        def done(*words: str) -> str:
            ended = isthisme(home, *words)
            assert ended.returncode == 0, ended.stderr
            return ended.stdout

        done("cases", "make", sighting, "--name", "The shop")
        bundle = tmp_path / "evidence.zip"
        done("evidence", "save", "--case", "1", "--to", str(bundle), "--language", "en")
        done("evidence", "verify", str(bundle))
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(tmp_path / "unpacked")
        (sums,) = (tmp_path / "unpacked").rglob("SHA256SUMS")
        if shutil.which("sha256sum"):
            subprocess.run(["sha256sum", "--check", "--strict", sums.name], cwd=sums.parent, check=True)
        assert stolen in [path.read_bytes() for path in sums.parent.rglob("*") if path.is_file()]

        notice = tmp_path / "notice.txt"
        words = ["notice", "draft", "--kind", "dmca", "--case", "1", "--language", "en", "--to", str(notice)]
        isthisme(home, *words)  # much is missing of it, and it says so
        assert picture in notice.read_text(encoding="utf-8")

        done("cases", "status", "1", "reported")
        del site.files["/stolen.jpg"]
        assert "gone" in done("recheck", "--case", "1")
        wait_until(lambda: presence() == "gone", "it is gone")
        assert asker.ask("case", case_id=1)["status"] == "removed"
        site.files["/stolen.jpg"] = ("image/jpeg", stolen)
        done("recheck", "--case", "1")
        assert presence() == "there"
        assert asker.ask("case", case_id=1)["status"] == "came_back"
        kinds = [event["kind"] for event in asker.ask("timeline", case_id=1)["events"]]
        assert kinds[:2] == ["seen", "made"]
        assert {"evidence", "notice", "status", "recheck"} <= set(kinds)
        events = [json.loads(line)["event"] for line in done("journal", "--json").splitlines()]
        assert {"bundle_saved", "notice_drafted"} <= set(events)
