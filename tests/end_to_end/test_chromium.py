"""The whole path in a real Chromium: page, extension, native host, daemon, index, and back."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium, chromium
from tests.companion import client, kill_daemon_of
from tests.end_to_end.conftest import (
    PATIENCE_SECONDS,
    TEXTS,
    copy_of,
    evidence_of,
    looked,
    noise,
    page_of,
    photos_found,
    record_of,
)
from tests.end_to_end.workbench import THROUGH_A_CASE, assert_all_was_seen
from tests.picture_site import Site, asks_as_program

# The end must come after PATIENCE_SECONDS of waiting, more than once.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def until(page: Any, holds: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits as Playwright can: its events are handled meanwhile."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        page.wait_for_timeout(100)


def visit(
    browser: Chromium, address: str, pictures: int, *, link: str | None = None, seconds: float = PATIENCE_SECONDS
) -> tuple[Any, dict[str, Any]]:
    """Opens a page, by a link that leads there where one is given, and waits until all of its pictures are judged."""
    page = browser.context.new_page()
    page.goto(link or address)
    until(
        page,
        lambda: looked(record_of(browser.session(), address)) >= pictures,
        f"{pictures} pictures of {address} are judged",
        seconds=seconds,
    )
    record = record_of(browser.session(), address)
    assert record is not None
    return page, record


def wait_for_words(page: Any, words: str) -> None:
    page.wait_for_function(
        "(words) => document.body?.innerText.includes(words)", arg=words, timeout=PATIENCE_SECONDS * 1000
    )


@pytest.fixture(autouse=True)
def closed_tabs(browser: Chromium) -> Iterator[None]:
    yield
    for page in browser.context.pages[1:]:
        page.close()


def test_exactly_the_copies_are_flagged_and_the_popup_shows_them(browser: Chromium, site: Site, home: Path) -> None:
    site.redirects |= {"/link": "/hop", "/hop": "/"}
    page, record = visit(browser, site.address, 12, link=site.url("link"))
    assert photos_found(record) == [f"photo_{number:03}.jpg" for number in range(6)]
    assert evidence_of(record, home) == [(site.url("link"), 200, True)] * 6
    until(page, lambda: browser.badge(record["tab_id"]) == "6", "the button counts them")
    popup = browser.open_own(f"popup/popup.html?tab={record['tab_id']}", width=400, height=5000)  # all are in view
    popup.wait_for_function('() => document.querySelectorAll(\'img[src^="data:"], img[src^="blob:"]\').length >= 12')
    words = popup.inner_text("body")
    for number in range(6):
        assert f"photo_{number:03}.jpg" in words
    assert "mirrored" in words.lower()


def test_sightings_become_a_case_with_notes_and_dates_and_are_erased_with_it(browser: Chromium, site: Site) -> None:
    site.files["/shop"] = ("text/html", page_of(["/copy-0.jpg", "/copy-1.jpg"]))
    _, record = visit(browser, site.url("shop"), 2)
    assert len(record["findings"]) == 2
    page = browser.open_own("sightings/sightings.html", width=1100, height=900)
    script = f"async (args) => {{{THROUGH_A_CASE}}}"
    assert_all_was_seen(page.evaluate(script, [TEXTS, site.url("shop")]), site.address.split("/")[2])


def test_a_page_of_strangers_is_quiet(browser: Chromium, site: Site) -> None:
    _, record = visit(browser, site.url("strangers"), 6)
    assert record["findings"] == []
    assert browser.badge(record["tab_id"]) == ""


def test_the_users_question_is_answered_in_a_window(browser: Chromium, site: Site) -> None:
    for path, key in (
        ("copy-0.jpg", "answer_yes"),
        ("stranger-900.jpg", "answer_no"),
        ("gone.jpg", "answer_undecided"),
    ):
        with browser.context.expect_page() as opened:
            browser.worker.evaluate(
                """([srcUrl, pageUrl]) => chrome.contextMenus.onClicked.dispatch(
                    {menuItemId: "is-this-me", srcUrl, pageUrl, editable: false}, {id: 1, title: "A shop"})""",
                [site.url(path), site.address],
            )
        answer = opened.value
        wait_for_words(answer, str(TEXTS[key]["message"]))


def test_a_strict_policy_of_the_page_changes_nothing(browser: Chromium, site: Site) -> None:
    policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src 'self'\">"
    site.files["/strict"] = ("text/html", page_of(["/copy-1.jpg", "/stranger-901.jpg"], head=policy))
    _, record = visit(browser, site.url("strict"), 2)
    assert photos_found(record) == ["photo_001.jpg"]


HELD_BY_THE_PAGE = b"""<div style="width: 400px; height: 300px; background: url(copy-0.jpg) center / cover"></div>
<canvas id="canvas" width="500" height="400"></canvas><img id="held" width="300"><script>
  const load = (address) => fetch(address).then((answer) => answer.blob());
  load("copy-1.jpg").then((blob) => { held.src = URL.createObjectURL(blob); });
  load("copy-2.jpg").then(createImageBitmap).then((photo) => canvas.getContext("2d").drawImage(photo, 0, 0, 500, 400));
</script>"""


def test_photos_in_backgrounds_and_those_that_only_the_page_has_are_found(browser: Chromium, site: Site) -> None:
    site.files["/held"] = ("text/html", page_of([]) + HELD_BY_THE_PAGE)
    _, record = visit(browser, site.url("held"), 3)
    assert photos_found(record) == ["photo_000.jpg", "photo_001.jpg", "photo_002.jpg"]


SPY = """<script>
  window.seen = [];
  new MutationObserver((records) => records.forEach((record) => seen.push(record.type + " " + record.target.nodeName)))
    .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  for (const kind of ["message", "error", "securitypolicyviolation", "blur", "focus"]) {
    window.addEventListener(kind, () => seen.push("event " + kind), true);
  }
</script>"""
REPORT = """() => ({
  seen: window.seen,
  html: document.documentElement.outerHTML,
  names: Object.getOwnPropertyNames(window).sort().join(),
  resources: performance.getEntriesByType("resource")
    .map((entry) => entry.name.replace(/^.*\\//, "").replace(/\\d+/, "")),
  styles: document.styleSheets.length,
})"""


def test_the_pages_own_script_and_its_server_see_no_difference(
    browser: Chromium, site: Site, playwright: Any, tmp_path: Path
) -> None:
    """A page with a copy and one with a stranger look the same from inside; so they do without the extension."""
    reports, requests = [], []
    for name in ("copy-2", "stranger-902"):
        site.files["/pic-1.jpg"] = site.files[f"/{name}.jpg"]
        site.files[f"/spy-{name}"] = ("text/html", page_of(["/pic-1.jpg?" + name], head=SPY))
        site.files[f"/pic-1.jpg?{name}"] = site.files[f"/{name}.jpg"]
        before = len(site.requests)
        page, record = visit(browser, site.url(f"spy-{name}"), 1)
        assert len(record["findings"]) == (1 if "copy" in name else 0)
        page.wait_for_timeout(700)
        reports.append(json.loads(json.dumps(page.evaluate(REPORT)).replace(name, "NAME")))
        requests.append(
            [
                (path.replace(name, "NAME"), sorted(headers))
                for path, headers in site.requests[before:]
                if "favicon" not in path
            ]
        )
    assert reports[0] == reports[1]
    assert requests[0] == requests[1]
    assert len(requests[0]) == 3  # the page, its picture for the browser, and once for the daemon
    with chromium(tmp_path, None, playwright=playwright, extension=None) as plain:
        page = plain.context.new_page()
        page.goto(site.url("spy-copy-2"))
        page.wait_for_timeout(700)
        assert json.loads(json.dumps(page.evaluate(REPORT)).replace("copy-2", "NAME")) == reports[0]


def test_three_hundred_pictures_on_one_page(browser: Chromium, site: Site) -> None:
    for number in range(299):
        site.files[f"/n{number}.jpg"] = ("image/jpeg", noise(number))
    site.files["/many"] = ("text/html", page_of([f"/n{number}.jpg" for number in range(299)] + ["/copy-3.jpg"]))
    _, record = visit(browser, site.url("many"), 300, seconds=300)
    assert looked(record) == 300
    assert photos_found(record) == ["photo_003.jpg"]


def test_a_tab_closed_while_its_pictures_wait_costs_nothing_more(browser: Chromium, site: Site) -> None:
    for number in range(200):
        site.files[f"/w{number}.jpg"] = ("image/jpeg", noise(1000 + number))
    site.files["/waiting"] = ("text/html", page_of([f"/w{number}.jpg" for number in range(200)]))
    site.slow_to_programs_seconds = 0.4
    page = browser.context.new_page()
    page.goto(site.url("waiting"))

    def fetched_by_daemon() -> int:
        return sum(
            "HeadlessChrome" in headers["User-Agent"] and asks_as_program(headers) for _, headers in list(site.requests)
        )

    until(page, lambda: fetched_by_daemon() > 0, "the daemon begins to fetch")
    page.close()
    front = browser.context.pages[0]

    def has_stopped() -> bool:
        before = fetched_by_daemon()
        front.wait_for_timeout(2000)  # five times what one picture takes
        return fetched_by_daemon() == before

    until(front, has_stopped, "the daemon fetches no more")
    assert fetched_by_daemon() < 150


def test_the_worker_dies_between_message_and_answer(browser: Chromium, site: Site) -> None:
    site.files["/dying"] = ("text/html", page_of(["/slow-copy.jpg", "/stranger-903.jpg"]))
    site.files["/slow-copy.jpg"] = ("image/jpeg", copy_of(4, "mirrored"))
    page = browser.context.new_page()
    page.goto(site.url("dying"))
    site.slow_seconds = 1.5
    page.wait_for_timeout(300)
    browser.stop_workers()
    site.slow_seconds = 0.0
    # Something wakes the worker: here our own page, else the next picture or click.
    page.reload()
    until(
        page,
        lambda: looked(record_of(browser.session(), site.url("dying"))) >= 2,
        "the pictures are judged all the same",
    )
    record = record_of(browser.session(), site.url("dying"))
    assert record is not None
    assert photos_found(record) == ["photo_004.jpg"]


def test_the_daemon_dies_and_comes_back(browser: Chromium, site: Site, home: Path) -> None:
    visit(browser, site.url("strangers"), 6)
    first = (home / "daemon.lock").read_text()
    kill_daemon_of(home)
    site.files["/after"] = ("text/html", page_of(["/copy-5.jpg?again"]))
    site.files["/copy-5.jpg?again"] = site.files["/copy-5.jpg"]
    _, record = visit(browser, site.url("after"), 1)
    assert len(record["findings"]) == 1
    assert (home / "daemon.lock").read_text() != first


def test_pausing_stops_the_daemon_from_asking_the_site(browser: Chromium, site: Site, home: Path) -> None:
    visit(browser, site.url("strangers"), 6)
    with client(home) as asker:
        asker.ask("pause")
        try:
            site.files["/paused"] = ("text/html", page_of(["/copy-0.jpg?paused"]))
            site.files["/copy-0.jpg?paused"] = site.files["/copy-0.jpg"]
            page = browser.context.new_page()
            page.goto(site.url("paused"))

            def waiting() -> int:
                record = record_of(browser.session(), site.url("paused"))
                return 0 if record is None else int(record["waiting"])

            until(page, lambda: waiting() == 1, "the picture waits")
            page.wait_for_timeout(500)  # many times what fetching it takes
            assert site.asked("/copy-0.jpg?paused") == 1  # the browser alone
        finally:
            asker.ask("resume")


@contextmanager
def virtual_screen() -> Iterator[str]:
    """An X server without a screen; its name."""
    ready, told = os.pipe()
    # It takes a number that is free, and says which when it can be used.
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-screen", "0", "1200x900x24", "-nolisten", "tcp"], pass_fds=[told]
    )
    os.close(told)
    try:
        with os.fdopen(ready) as words:
            number = words.readline().strip()
        assert number, "there is no screen"
        yield f":{number}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def on_screen(display: str, *words: str) -> None:
    """Moves, clicks and types as somebody before the screen."""
    subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": display}, check=True)


def opened_by_menu(headed: Chromium, page: Any, display: str, place: list[float], *keys: str) -> Any:
    """The page that opens on a right-click there and these keys.

    A menu that is drawn does not listen to keys at once, and nothing tells when it does: then it is opened once more.
    """
    from playwright.sync_api import TimeoutError as NothingOpened

    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        open_menu(page, display, *map(int, place))
        try:
            with headed.context.expect_page(timeout=5_000) as opened:
                for key in keys:
                    on_screen(display, "key", key)
            return opened.value
        except NothingOpened:
            assert time.monotonic() < end, "the menu heeds no key"
            on_screen(display, "key", "Escape")


def open_menu(page: Any, display: str, left: int, top: int) -> None:
    """A right-click there, and the wait until its menu is drawn."""

    def windows() -> int:
        shown = ["xdotool", "search", "--onlyvisible", "--name", ""]
        told = subprocess.run(shown, env={**os.environ, "DISPLAY": display}, capture_output=True, check=False)
        return len(told.stdout.split())

    before = windows()
    on_screen(display, "mousemove", str(left), str(top), "click", "3")
    until(page, lambda: windows() > before, "the menu opens, which is a window of its own")
    page.wait_for_timeout(300)  # by then it mostly listens


@pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="Xvfb or xdotool is not installed")
def test_a_real_right_click_is_answered(playwright: Any, launcher: Path, site: Site, tmp_path: Path) -> None:
    site.files["/one"] = ("text/html", page_of(["/copy-1.jpg"]))
    with virtual_screen() as display:
        environment = {"DISPLAY": display}
        with chromium(
            tmp_path, launcher, playwright=playwright, headless=False, environment=environment, viewport=(1000, 700)
        ) as headed:
            page, _ = visit(headed, site.url("one"), 1)
            place = page.evaluate(
                """() => {
                    const box = document.images[0].getBoundingClientRect();
                    const frame = window.outerHeight - window.innerHeight;
                    return [window.screenX + box.x + box.width / 2, window.screenY + frame + box.y + box.height / 2];
                }"""
            )
            # Our entry is the last before "Inspect" in the menu of a picture.
            answer = opened_by_menu(headed, page, display, place, "Up", "Up", "Return")
            wait_for_words(answer, str(TEXTS["answer_yes"]["message"]))
