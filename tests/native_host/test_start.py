"""How hosts find their daemon: announced, started once however many race, in clean surroundings."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from isthisme_host.connect import NothingAnswersError, connect, prepare_home
from isthisme_host.greeting import read_identity
from isthisme_host.start import DaemonUnreachableError, clean_environment, find_daemon
from tests.native_host.browser_end import BrowserEnd

type OpenBrowser = Callable[..., BrowserEnd]


def test_a_start_is_announced_before_any_answer(open_browser: OpenBrowser, home: Path) -> None:
    browser = open_browser(ISTHISME_STAND_IN="late")
    browser.send(b'{"do": "echo"}')
    assert browser.receive() == b'{"type":"starting"}'
    home.with_name("may-start").touch()
    assert browser.receive() == b'{"do": "echo"}'


def test_a_running_daemon_is_used_without_announcement(browser: BrowserEnd, open_browser: OpenBrowser) -> None:
    second = open_browser()
    second.send(b"x")
    assert second.receive() == b"x"


def test_the_daemon_outlives_the_host_that_started_it(browser: BrowserEnd, home: Path) -> None:
    browser.input.close()
    assert browser.exit_code() == 0
    connect(home).close()


def test_the_host_ends_with_its_input_while_the_daemon_starts(open_browser: OpenBrowser, home: Path) -> None:
    browser = open_browser(ISTHISME_STAND_IN="late")
    assert browser.receive() == b'{"type":"starting"}'
    browser.send(b'{"do": "echo"}')
    browser.input.close()
    assert browser.exit_code() == 0
    assert not (home / "daemon.sock").exists()  # it did not wait for the daemon


def test_more_than_the_pipe_holds_may_be_sent_while_the_daemon_starts(open_browser: OpenBrowser, home: Path) -> None:
    browser = open_browser(ISTHISME_STAND_IN="late")
    sending = threading.Thread(target=browser.send, args=[b"x" * 1_000_000])
    sending.start()
    assert browser.receive() == b'{"type":"starting"}'
    home.with_name("may-start").touch()
    assert browser.receive() == b"x" * 1_000_000
    sending.join()


def test_ten_hosts_that_race_have_one_daemon(open_browser: OpenBrowser, home: Path) -> None:
    browsers = [open_browser() for _ in range(10)]
    for number, browser in enumerate(browsers):
        browser.send(b'{"do": "echo", "n": %d}' % number)
    assert [browser.answer()["n"] for browser in browsers] == list(range(10))
    assert len(list(home.glob("surroundings.*.json"))) == 1


def test_ten_hosts_that_race_replace_a_killed_daemon_once(
    browser: BrowserEnd, open_browser: OpenBrowser, home: Path
) -> None:
    assert browser.ask(do="die")["code"] == "daemon_gone"
    browsers = [open_browser() for _ in range(10)]
    assert all(browser.ask(do="echo") == {"do": "echo"} for browser in browsers)
    assert len(list(home.glob("surroundings.*.json"))) == 2


def test_a_daemon_that_yields_to_one_about_to_end_is_followed_by_another(open_browser: OpenBrowser, home: Path) -> None:
    prepare_home(home)
    assert open_browser(ISTHISME_STAND_IN="yields_once").ask(do="echo") == {"do": "echo"}


def test_a_daemon_that_cannot_start_is_reported_with_its_end_and_its_log(open_browser: OpenBrowser, home: Path) -> None:
    browser = open_browser(ISTHISME_STAND_IN="fails")
    error = browser.answer()
    assert (error["type"], error["code"], error["may_retry"]) == ("error", "daemon_unreachable", True)
    assert "exit code 3" in error["message"]
    assert str(home / "daemon.log") in error["message"]
    assert browser.has_ended()
    assert browser.exit_code() == 1


def test_what_the_daemon_says_when_it_ends_is_told_with_its_code(open_browser: OpenBrowser, home: Path) -> None:
    error = open_browser(ISTHISME_STAND_IN="explains").answer()
    assert (error["code"], error["cause"]) == ("daemon_unreachable", "catalog_damaged")
    assert "isthisme doctor --repair" in error["message"]
    # One that ends without a word is not given the words of the one before.
    error = open_browser(ISTHISME_STAND_IN="fails").answer()
    assert "cause" not in error
    assert "repair" not in error["message"]


def test_a_daemon_that_never_answers_is_reported_with_its_log(environment: dict[str, str], home: Path) -> None:
    prepare_home(home)
    words = rf"did not answer within 4 seconds.*{home}/daemon\.log"
    with pytest.raises(DaemonUnreachableError, match=words):
        find_daemon(
            str(home),
            {**environment, "ISTHISME_STAND_IN": "yields"},
            announce=lambda: None,
            wait=time.sleep,
            patience_seconds=4,
        )
    yielded = home / "yielded"
    assert not yielded.exists() or yielded.stat().st_size <= 4, "started ever more rarely: after 0, 0.5, 1.5 and 3.5 s"
    with pytest.raises(NothingAnswersError):
        connect(home)


def test_a_python_that_is_not_there_is_reported(open_browser: OpenBrowser) -> None:
    error = open_browser(ISTHISME_PYTHON="/nowhere/python").answer()
    assert error["code"] == "daemon_unreachable"
    assert "/nowhere/python cannot be started" in error["message"]


def test_a_home_folder_open_to_others_is_reported(open_browser: OpenBrowser, home: Path) -> None:
    home.mkdir(mode=0o755)
    error = open_browser().answer()
    assert error["code"] == "daemon_unreachable"
    assert "chmod 700" in error["message"]


@pytest.mark.parametrize("caller", [(), ("chrome-extension://stranger/",), ("/manifest.json", "stranger@example.org")])
def test_a_stranger_is_refused_and_starts_nothing(
    open_browser: OpenBrowser, home: Path, caller: tuple[str, ...]
) -> None:
    browser = open_browser(caller=caller)
    error = browser.answer()
    assert (error["type"], error["code"], error["may_retry"]) == ("error", "caller_refused", False)
    assert browser.has_ended()
    assert browser.exit_code() == 1
    assert not home.exists()


def test_firefox_is_served_as_well(open_browser: OpenBrowser) -> None:
    browser = open_browser(caller=("/home/ann/isthisme.host.json", read_identity().firefox_addon_ids[0]))
    assert browser.ask(do="echo") == {"do": "echo"}


@pytest.mark.parametrize("name", ["x" * 150, "with spaces", 'it\'s "quoted" $HOME `x` \\', "中文"])
def test_any_home_folder_will_do(open_browser: OpenBrowser, tmp_path: Path, home: Path, name: str) -> None:
    unusual = tmp_path / name
    browser = open_browser(ISTHISME_HOME=str(unusual))
    try:
        assert browser.ask(do="echo") == {"do": "echo"}
    finally:
        home.mkdir()
        shutil.copy(unusual / "daemon.lock", home)  # so that this daemon is ended, too


def test_hostile_surroundings_change_neither_host_nor_daemon(
    open_browser: OpenBrowser, tmp_path: Path, home: Path
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    for module in ("socket", "json", "subprocess", "sitecustomize", "usercustomize", "isthisme", "isthisme_host"):
        (trap / f"{module}.py").write_text(f"open({str(tmp_path / 'trapped')!r}, 'w')\n")
    hostile = {
        "PYTHONPATH": str(trap),
        "PYTHONSTARTUP": str(trap / "json.py"),
        "PYTHONHOME": "",
        "PYTHONUSERBASE": str(trap),
        "PYTHONINSPECT": "1",
        "LD_PRELOAD": str(trap / "library.so"),
        "LD_LIBRARY_PATH": str(trap),
        "http_proxy": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "SSLKEYLOGFILE": str(trap / "keys"),
        "XDG_CONFIG_HOME": "/config",
    }
    assert open_browser(**hostile).ask(do="echo") == {"do": "echo"}
    assert not (tmp_path / "trapped").exists()
    (surroundings,) = home.glob("surroundings.*.json")
    seen = json.loads(surroundings.read_text())
    assert hostile.keys() & seen.keys() == {"XDG_CONFIG_HOME"}
    assert seen["ISTHISME_HOME"] == str(home)


def test_the_daemon_has_nothing_of_the_host_but_its_log(browser: BrowserEnd, home: Path) -> None:
    pid = int((home / "daemon.lock").read_text())
    assert os.getsid(pid) not in (os.getsid(0), os.getsid(browser.process.pid))
    files = {path.name: str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
    assert files["0"] == "/dev/null"
    assert files["1"] == files["2"] == str(home / "daemon.log")
    assert not [file for file in files.values() if file.startswith("pipe:")]


def test_the_log_is_private_and_does_not_grow_for_ever(open_browser: OpenBrowser, home: Path) -> None:
    prepare_home(home)
    (home / "daemon.log").write_bytes(b"x" * (2**20 + 1))
    open_browser().ask(do="echo")
    assert (home / "daemon.log").stat().st_size < 1000
    assert (home / "daemon.log").stat().st_mode & 0o777 == 0o600
    assert (home / "daemon.log.old").stat().st_size == 2**20 + 1


def test_a_clean_environment_names_the_home_folder() -> None:
    assert clean_environment({"HOME": "/h", "LC_ALL": "C", "PYTHONPATH": "/x", "XDG_X": "1", "EDITOR": "vi"}, "/i") == {
        "HOME": "/h",
        "LC_ALL": "C",
        "XDG_X": "1",
        "ISTHISME_HOME": "/i",
    }
