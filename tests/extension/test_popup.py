"""The popup in each of its states, the list of sightings, and the alerts, each with a picture in build/screenshots."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import EXTENSION, Chromium
from tests.extension.accessibility import assert_accessible
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer
from tests.extension.views import EDITS, PROGRESS, REGION

pytestmark = pytest.mark.browser

SHOWN = "1,234 of 5,000 photos · 22 a second · 3 min left · 2 could not be read"
RESTING = {"photos_per_second": 0, "seconds_left": None, "unreadable": 0}
FOUND = {
    "mine": {"verdict": "copy", "edits": EDITS, "query_region": REGION},
    "maybe": {"verdict": "possible_copy", "edits": [{"kind": "recoloured"}]},
}
TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def text(key: str, *values: object) -> str:
    """A text as the user sees it."""
    words: str = TEXTS[key]["message"]
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


def judged(browser: Chromium, page: Any, *, after: str = "") -> str:
    """The token of the page when all of its three pictures are judged: nothing of the popup changes any more.

    After: the token of the page that was there before, which it must not be.
    """
    record = browser.page_record(page)
    looked = sum(count["looked"] for count in record.get("counts", {}).values())
    token = str(record.get("token", ""))
    return token if looked == 3 and record["waiting"] == 0 and token != after else ""


@pytest.fixture
def page(browser: Chromium, server: PageServer) -> Iterator[Any]:
    page = browser.context.new_page()
    page.goto(server.add("/page", "<title>A page</title><img src=mine.png><img src=maybe.png><img src=other.png>"))
    yield page
    page.close()


class Popup:
    """The popup's page, open in a tab, speaking of another tab."""

    def __init__(self, browser: Chromium, page: Any, screenshots: Path) -> None:
        self.page = browser.open_own(f"popup/popup.html?tab={browser.tab_id(page)}", width=400, height=640)
        self._screenshots = screenshots

    def screen(self, kind: str) -> "Popup":
        self.page.wait_for_selector(f"body[data-screen={kind}]")
        return self

    def words(self) -> str:
        return str(self.page.inner_text("body"))

    def heading(self) -> str:
        return str(self.page.inner_text("#notice h2"))

    def picture(self, name: str) -> None:
        """Takes pictures of it, light and dark, and lets axe look for what would stand in somebody's way."""
        self.page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=self._screenshots / f"popup-{name}-{scheme}.png", full_page=True)
            assert_accessible(self.page)


@pytest.fixture
def popup(browser: Chromium, page: Any, screenshots: Path) -> Iterator[Popup]:
    popup = Popup(browser, page, screenshots)
    yield popup
    popup.page.close()


def test_found_pictures_stand_beside_the_users_photos_with_words(
    popup: Popup, browser: Chromium, page: Any, companion: FakeCompanion
) -> None:
    before = eventually(lambda: judged(browser, page))
    companion.play(pictures=FOUND)
    page.reload()
    eventually(lambda: judged(browser, page, after=before))
    popup.screen("found")
    eventually(lambda: popup.heading() == text("found_both", 1, 1))
    popup.page.wait_for_selector("#found .card:nth-child(2) img")
    popup.picture("found")
    sure, perhaps = popup.page.query_selector_all("#found > .card")
    assert text("chip_copy") in sure.inner_text()
    assert "mirrored, cropped to 60% of your photo, and something drawn" in sure.inner_text()
    assert text("chip_possible") in perhaps.inner_text()
    assert "harbour.jpg" in sure.inner_text()
    assert [image.get_attribute("alt") for image in sure.query_selector_all("img")] == [
        text("picture_page"),
        text("picture_own"),
    ]
    assert sure.query_selector("svg.outline") is not None
    assert {message["sighting_id"] for message in companion.heard("sighting_preview")} == {1, 2}


def test_the_badge_and_one_notification_speak_of_what_was_found(
    browser: Chromium, page: Any, companion: FakeCompanion
) -> None:
    browser.worker.evaluate(
        "() => { globalThis.notified = []; const real = chrome.notifications.create;"
        "chrome.notifications.create = (...all) => { notified.push(all); return real(...all); } }"
    )
    tab = browser.tab_id(page)
    before = eventually(lambda: judged(browser, page))
    # Held until all are waited for: found one long after the other, they would be worth two notifications.
    companion.play(hold=True)
    page.reload()
    eventually(lambda: len(companion.checked()) == 3)
    companion.play(pictures=FOUND)
    eventually(lambda: browser.badge(tab) == "1")
    first = eventually(lambda: judged(browser, page, after=before))
    [(name, notification)] = eventually(lambda: browser.worker.evaluate("() => notified"))
    assert name == f"page {tab}"
    assert notification["title"] == text("alert_both", 1, 1)
    assert notification["message"] == text("alert_where", "127.0.0.1")
    assert notification["iconUrl"].startswith("data:image/png;base64,"), "the user's photo"
    assert companion.heard("photo_preview")
    assert not companion.heard("sighting_preview"), "never the page's own picture"
    page.reload()
    eventually(lambda: judged(browser, page, after=first))
    eventually(lambda: browser.badge(tab) == "1")
    page.wait_for_timeout(2_000)
    assert len(browser.worker.evaluate("() => notified")) == 1, "coming back alerts no second time"
    page.goto(page.url.replace("/page", "/nothing-there"))
    eventually(lambda: browser.badge(tab) == "")


def test_a_quiet_page_says_how_many_pictures_were_looked_at(popup: Popup) -> None:
    popup.screen("quiet")
    eventually(lambda: text("quiet_many", 3) in popup.words())
    assert text("quiet_known_many", 12) in popup.words()
    popup.picture("quiet")


def test_pictures_that_could_not_be_looked_at_are_not_called_quiet(
    popup: Popup, page: Any, companion: FakeCompanion
) -> None:
    companion.play(pictures={"other": {"verdict": "undecided", "reason": {"code": "fetch_failed", "words": "403"}}})
    page.reload()
    eventually(lambda: text("quiet_many", 2) in popup.words() and text("undecided_one") in popup.words())


def test_indexing_shows_how_far_it_is(popup: Popup, companion: FakeCompanion) -> None:
    companion.play(status={"state": "indexing", "progress": PROGRESS})
    popup.page.wait_for_selector("#progress:not([hidden])")
    assert SHOWN in popup.words()
    assert popup.page.eval_on_selector("#progress-bar", "bar => bar.value") == pytest.approx(0.2468)


@pytest.mark.parametrize(
    ("progress", "title", "line", "why"),
    [
        (
            {"step": "looking", "done": 31_000, "total": 0, **RESTING},
            text("progress_looking"),
            text("progress_files", "31,000"),
            "",
        ),
        ({"cpu_percent": 50}, text("progress_indexing"), SHOWN, text("progress_slowed", "50%")),
        (
            {"waits_because": "on_battery", **RESTING},
            text("progress_indexing"),
            "1,234 of 5,000 photos",
            text("progress_on_battery"),
        ),
        (
            {"task": "rebuilding", "waits_because": "busy", **RESTING},
            text("progress_rebuilding"),
            "1,234 of 5,000 photos",
            text("progress_busy"),
        ),
        (
            {"task": "rebuilding", "step": "switching", "done": 5000, **RESTING},
            text("progress_switching"),
            "5,000 of 5,000 photos",
            "",
        ),
    ],
)
def test_what_indexing_does_and_why_it_waits_is_said(
    popup: Popup, companion: FakeCompanion, progress: dict[str, Any], title: str, line: str, why: str
) -> None:
    companion.play(status={"state": "indexing", "progress": PROGRESS | progress})
    popup.page.wait_for_selector("#progress:not([hidden])")
    shown = [popup.page.inner_text(f"#progress-{part}") for part in ("task", "words", "why")]
    assert shown == [title, line, why]
    assert popup.page.is_visible("#index-now") == (progress.get("waits_because") is not None)


def test_indexing_that_waits_goes_on_when_the_user_says_so(popup: Popup, companion: FakeCompanion) -> None:
    companion.play(status={"state": "indexing", "progress": PROGRESS | {"waits_because": "on_battery"}})
    popup.page.click("#index-now")
    eventually(lambda: companion.heard("index_now"))


def test_what_the_companion_can_do_only_in_part_is_said(popup: Popup, companion: FakeCompanion) -> None:
    problems = [
        {"code": "no_model", "message": "no model"},
        {"code": "brand_new", "message": "The moon is in the way."},
    ]
    companion.play(status={"problems": problems})
    eventually(lambda: text("problem_no_model") in popup.words())
    assert "The moon is in the way." in popup.words()


def test_without_a_folder_the_popup_asks_for_one_and_adds_it(popup: Popup, companion: FakeCompanion) -> None:
    companion.play(status={"state": "no_folders", "photos": 0, "folders": 0})
    popup.screen("no_folders")
    popup.page.fill("#folder-path", "~/Photos of me")
    popup.page.keyboard.press("Enter")
    [message] = eventually(lambda: companion.heard("add_folder"))
    assert message["path"] == "~/Photos of me"


def test_a_folder_that_is_none_is_refused_in_words(popup: Popup, companion: FakeCompanion) -> None:
    companion.play(status={"state": "no_folders"}, errors={"add_folder": "not_a_folder"})
    popup.screen("no_folders")
    popup.page.click("#folder button")
    popup.page.wait_for_selector("#trouble:not(:empty)")
    assert popup.page.inner_text("#trouble") == text("action_failed", text("why_not_a_folder"))
    assert companion.heard("add_folder")[0]["path"] == "~/Pictures"


def test_pausing_everywhere_and_resuming(popup: Popup, companion: FakeCompanion) -> None:
    popup.screen("quiet")
    popup.page.click("#pause > summary")
    popup.page.click("#pause-hour")
    popup.screen("paused_everywhere")
    [message] = companion.heard("pause")
    assert 3500 < message["until"] - message["time"] < 3700
    assert message.get("site") is None
    popup.picture("paused")
    popup.page.click("#resume")
    popup.screen("quiet")


def test_pausing_on_this_site_and_resuming(popup: Popup, companion: FakeCompanion) -> None:
    popup.screen("quiet")
    popup.page.click("#pause > summary")
    popup.page.click("#pause-site")
    popup.screen("paused_site")
    [message] = companion.heard("pause")
    assert message["site"] == "127.0.0.1"
    assert message.get("until") is None
    assert popup.page.inner_text("#resume") == text("resume_site")
    popup.page.click("#resume")
    popup.screen("quiet")
    assert companion.heard("resume")[0]["site"] == "127.0.0.1"


def test_a_companion_that_crashes_is_said_so_and_comes_back(
    popup: Popup, browser: Chromium, companion: FakeCompanion
) -> None:
    popup.screen("quiet")
    companion.play(greeting="crash", errors={"status": "daemon_gone"})
    companion.kill()
    popup.screen("unreachable")
    companion.play(greeting="starting")
    popup.screen("starting")
    companion.play()
    popup.screen("quiet")


def test_a_command_is_copied_by_a_button_and_explained_to_who_never_ran_one(
    popup: Popup, companion: FakeCompanion, browser: Chromium
) -> None:
    browser.context.grant_permissions(["clipboard-read", "clipboard-write"])
    companion.play(greeting="update_companion")
    companion.kill()
    popup.screen("update_companion")
    commands = [code.inner_text() for code in popup.page.query_selector_all("#notice code")]
    popup.page.click("#notice .command:has(code) >> nth=1 >> button")
    eventually(lambda: popup.page.evaluate("navigator.clipboard.readText()") == commands[1])
    eventually(lambda: popup.page.inner_text("#notice .command >> nth=1 >> button") == text("copied"))
    popup.page.click("#notice .how > summary")
    assert text("command_terminal") in popup.words()
    companion.play()
    popup.page.reload()  # looking again is enough
    popup.screen("quiet")


@pytest.mark.parametrize("code", ["update_extension", "update_companion"])
def test_versions_that_are_too_far_apart_say_what_to_update(
    popup: Popup, companion: FakeCompanion, browser: Chromium, code: str
) -> None:
    companion.play(greeting=code)
    companion.kill()
    popup.screen(code)
    assert popup.heading() == text(f"{code}_title")
    assert f"scripted: {code}" in popup.words()
    companion.play()
    popup.page.reload()  # looking again is enough
    popup.screen("quiet")


def test_everything_can_be_done_with_the_keyboard_in_a_sensible_order(popup: Popup, page: Any) -> None:
    popup.screen("quiet")
    order = []
    for _ in range(6):
        popup.page.keyboard.press("Tab")
        order.append(popup.page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert order == ["SUMMARY", "sightings", "panel", "help", "welcome", "options"]


def test_at_twice_the_size_nothing_is_cut_off(popup: Popup, page: Any, companion: FakeCompanion) -> None:
    companion.play(pictures=FOUND)
    page.reload()
    popup.screen("found")
    popup.page.evaluate("document.documentElement.style.fontSize = '32px'")  # as 200 % zoom makes it
    popup.page.wait_for_selector("#found img")
    assert popup.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    popup.picture("found-zoomed")


def test_the_real_popup_opens_on_the_button(browser: Chromium, page: Any, companion: FakeCompanion) -> None:
    companion.play(pictures=FOUND)
    page.reload()
    own = browser.open_own("help/help.html")
    page.bring_to_front()
    browser.worker.evaluate("() => chrome.action.openPopup()")
    contexts = "() => chrome.runtime.getContexts({contextTypes: ['POPUP']})"
    [popup] = eventually(lambda: browser.worker.evaluate(contexts))
    assert popup["documentUrl"].endswith("/popup/popup.html")
    views = "() => chrome.extension.getViews({type: 'popup'}).map((view) => view.innerWidth)"
    eventually(
        lambda: any(width >= 384 for width in own.evaluate(views))
    )  # it opens narrow, and grows to what it holds
