"""The fake companion keeps to PROTOCOL.md, and the package is the same bytes each time."""

import hashlib
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import ROOT
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.fake_host import plain_png, read_frame


class Host:
    """The fake as a browser would run it."""

    def __init__(self, companion: FakeCompanion) -> None:
        self._process = subprocess.Popen(
            [companion.launcher, "chrome-extension://caller/"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def say(self, **message: Any) -> None:
        content = json.dumps(message).encode()
        self._in.write(struct.pack("=I", len(content)) + content)
        self._in.flush()

    def hear(self) -> dict[str, Any]:
        frame = read_frame(self._out)
        assert frame is not None
        return frame

    def leave(self) -> int:
        self._in.close()
        return self._process.wait(30)


@pytest.fixture
def companion(tmp_path: Path) -> FakeCompanion:
    return FakeCompanion(tmp_path / "companion")


@pytest.fixture
def host(companion: FakeCompanion) -> Any:
    host = Host(companion)
    yield host
    assert host.leave() == 0, "it ends with its browser"


def test_a_batch_gets_one_verdict_for_each_picture_and_then_done(host: Host, companion: FakeCompanion) -> None:
    companion.play(pictures={"mine": {"verdict": "copy", "edits": [{"kind": "mirrored"}]}})
    host.say(type="hello", id=1, protocol=1, browser="chromium")
    assert host.hear()["type"] == "welcome"
    images = [{"key": "a", "address": "https://a.example/mine.png"}, {"key": "b", "address": "https://a.example/b.png"}]
    host.say(type="check_page", id=2, page={"address": "https://a.example/"}, images=images)
    first, second, last = host.hear(), host.hear(), host.hear()
    assert [first["key"], first["verdict"], first["sighting_id"]] == ["a", "copy", 1]
    assert [second["key"], second["verdict"], second["matches"]] == ["b", "no_copy", []]
    assert [last["type"], last["id"], last["checked"]] == ["done", 2, 2]
    assert companion.checked() == [image["address"] for image in images]


def test_a_cancelled_batch_ends_with_an_error(host: Host, companion: FakeCompanion) -> None:
    companion.play(delay_seconds=60)
    host.say(type="check_page", id=2, images=[{"key": "a", "address": "x"}, {"key": "b", "address": "y"}])
    host.say(type="cancel", id=3, target=2)
    assert {host.hear()["type"], host.hear()["type"]} == {"ok", "error"}


def test_a_slow_picture_holds_up_no_other(host: Host, companion: FakeCompanion) -> None:
    companion.play(pictures={"slow": {"delay_seconds": 60}})
    host.say(type="check_page", id=2, images=[{"key": "a", "address": "slow"}, {"key": "b", "address": "y"}])
    assert host.hear()["key"] == "b"


def test_a_verdict_that_is_held_comes_when_the_script_lets_it(host: Host, companion: FakeCompanion) -> None:
    companion.play(hold=True)
    host.say(type="check_image", id=2, image={"key": "a", "address": "mine"})
    host.say(type="status", id=3)
    assert host.hear()["id"] == 3
    companion.play(pictures={"mine": {"verdict": "copy"}})
    answer = host.hear()
    assert (answer["id"], answer["verdict"]) == (2, "copy")


def test_a_change_of_status_is_told_without_being_asked(host: Host, companion: FakeCompanion) -> None:
    host.say(type="hello", id=1)
    assert host.hear()["status"]["state"] == "ready"
    companion.play(status={"state": "indexing"})
    status = host.hear()
    assert [status["type"], status["state"], "id" in status] == ["status", "indexing", False]


def test_a_pause_lasts_until_it_is_resumed(host: Host) -> None:
    host.say(type="pause", id=1, site="a.example")
    assert host.hear()["paused"]["sites"] == [{"site": "a.example", "until": None}]
    host.say(type="resume", id=2, site="a.example")
    assert host.hear()["paused"]["sites"] == []


def test_another_test_hears_nothing_of_what_the_last_one_changed(host: Host, companion: FakeCompanion) -> None:
    host.say(type="hello", id=1)
    assert host.hear()["status"]["test"] == 0
    host.say(type="pause", id=2)
    assert host.hear()["paused"]["everywhere"] is True
    host.say(type="keep_sighting", id=3, sighting_id=5)
    assert {host.hear()["type"], host.hear()["type"]} == {"decision", "status"}
    companion.prepare()
    status = host.hear()
    assert (status["test"], status["paused"]["everywhere"], "decisions" in status) == (1, False, False)
    host.say(type="decisions", id=4)
    assert host.hear()["decisions"] == []


def test_scripted_errors_run_out(host: Host, companion: FakeCompanion) -> None:
    companion.play(errors={"status": "overloaded"}, error_times=1)
    host.say(type="status", id=1)
    assert host.hear()["code"] == "overloaded"
    host.say(type="status", id=2)
    assert host.hear()["type"] == "status"


def test_its_pictures_can_be_decoded() -> None:
    from io import BytesIO

    from PIL import Image

    picture = Image.open(BytesIO(plain_png(30, 20, (1, 2, 3))))
    assert (picture.size, picture.convert("RGB").getpixel((29, 19))) == ((30, 20), (1, 2, 3))


def test_the_log_tells_when_the_browser_left(companion: FakeCompanion) -> None:
    host = Host(companion)
    eventually(lambda: companion.heard("(start)"))
    host.leave()
    assert companion.heard("(end)")


def test_the_packages_are_the_same_bytes_each_time() -> None:
    def built() -> dict[str, str]:
        subprocess.run([sys.executable, ROOT / "scripts" / "build-extension"], check=True, capture_output=True)
        packages = (ROOT / "build" / "extension").glob("*.zip")
        return {package.name: hashlib.sha256(package.read_bytes()).hexdigest() for package in packages}

    first = built()
    assert set(first) == {"is-this-me-chromium.zip", "is-this-me-firefox.zip"}
    assert built() == first
