"""The settings: own places, when to tell, pauses, folders, marks, decisions; and what they do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser_driver import EXTENSION, Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer
from tests.extension.views import DECISIONS, FOLDERS, PAUSED, PROGRESS

pytestmark = pytest.mark.browser

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def text(key: str, *values: object) -> str:
    words: str = TEXTS[key]["message"]
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> Iterator[None]:
    companion.begin(browser)
    yield
    browser.ask_worker("() => chrome.storage.local.clear()")


@pytest.fixture
def options(browser: Chromium, companion: FakeCompanion) -> Iterator[Any]:
    page = opened(browser)
    yield page
    page.close()


def opened(browser: Chromium) -> Any:
    page = browser.open_own("options/options.html", width=900, height=1000)
    page.wait_for_selector("body[data-is-ready]")
    return page


def settings(browser: Chromium) -> dict[str, Any]:
    kept: dict[str, Any] = browser.ask_worker("() => chrome.storage.local.get('alerts')")
    found: dict[str, Any] = kept.get("alerts", {})
    return found


def test_everything_at_a_glance(browser: Chromium, companion: FakeCompanion) -> None:
    status = {"paused": PAUSED, "decisions": "5.5", "photos": 1322}
    companion.begin(browser, decisions=DECISIONS, folders=FOLDERS, status=status)
    options = opened(browser)
    rows = {
        name: [row.inner_text() for row in options.query_selector_all(f"#{name} > li p:first-child")]
        for name in ("places", "pauses", "folders", "decisions")
    }
    assert rows["places"] == ["instagram.com/anna.b"]
    assert rows["folders"] == [folder["path"] for folder in FOLDERS]
    assert rows["decisions"] == [
        text("decision_not_me", "harbour.jpg"),
        text("decision_mine", "<i>Anna</i>, 29"),
        text("decision_fine_page", "forum.example/thread?id=7"),
        text("decision_fine_below", "news.example"),
    ]
    assert rows["pauses"][0].startswith("a.example, until")
    options.close()


def test_looking_again_is_off_until_the_user_chooses(options: Any, companion: FakeCompanion) -> None:
    options.wait_for_selector("#recheck:enabled")
    assert options.input_value("#recheck") == "0"
    assert text("recheck_warning") in options.inner_text("section:has(#recheck)")
    options.select_option("#recheck", "72")
    options.wait_for_selector("#news:not(:empty)")
    assert options.inner_text("#news") == text("saved")
    told = [frame for frame in companion.heard("recheck_schedule") if "hours" in frame]
    assert [(frame["hours"], frame["who_fetches"]) for frame in told] == [(72, "companion")]
    options.check("#fetch-browser")
    options.wait_for_selector("#recheck-now:not(:empty)")
    assert options.inner_text("#recheck-now") == text("recheck_browser_only")


def test_a_place_is_added_and_removed_and_what_is_none_is_said(options: Any, companion: FakeCompanion) -> None:
    assert options.is_visible("#places-none")
    for wrong, why in (("anna", "place_no_address"), ("instagram.com", "place_whole_network")):
        options.fill("#place-address", wrong)
        options.keyboard.press("Enter")
        eventually(lambda why=why: options.inner_text("#place-trouble") == text(why))  # type: ignore[misc]
    assert companion.heard("fine_here") == []
    options.fill("#place-address", "https://www.instagram.com/Anna.B/?hl=de")
    options.keyboard.press("Enter")
    options.wait_for_selector("#places li")
    [message] = companion.heard("fine_here")
    assert (message["pattern"], message["reach"], message["is_own_place"]) == ("instagram.com/anna.b", "below", True)
    eventually(lambda: options.inner_text("#news") == text("own_place_added", "instagram.com/anna.b"))
    options.click("#places button")
    eventually(lambda: options.is_visible("#places-none"))
    assert companion.heard("undo_decision")


def test_an_own_place_alerts_no_more_and_its_profile_is_offered(
    options: Any, browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    page = browser.context.new_page()
    page.goto(server.add("/anna/profile", "<img src=/mine.png>"))
    tab = browser.tab_id(page)
    eventually(lambda: browser.badge(tab) == "1")
    options.fill("#place-address", server.url("/anna"))
    options.keyboard.press("Enter")
    eventually(lambda: browser.badge(tab) == "")
    assert browser.page_record(page)["findings"], "it is recognised all the same"
    page.close()


def test_the_account_that_the_user_comes_from_is_filled_in_and_open_ones_are_offered(
    browser: Chromium, companion: FakeCompanion
) -> None:
    record = {"tab_id": -7, "address": "https://www.tiktok.com/@anna/video/1", "findings": [], "counts": {}}
    browser.ask_worker("(record) => chrome.storage.session.set({'page:-7': record})", record)
    options = browser.open_own("options/options.html?from=https%3A%2F%2Fwww.instagram.com%2FAnna.B%2Fp%2F1")
    options.wait_for_selector("body[data-is-ready]")
    assert options.input_value("#place-address") == "instagram.com/anna.b"
    assert options.inner_text("#place-open button") == "TikTok: tiktok.com/@anna"
    options.click("#place-open button")
    options.wait_for_selector("#places li")
    assert companion.heard("fine_here")[0]["pattern"] == "tiktok.com/@anna"
    eventually(lambda: not options.is_visible("#place-suggestions"))
    browser.ask_worker("() => chrome.storage.session.remove('page:-7')")
    options.close()


def test_quiet_hours_digest_and_marks_are_kept(options: Any, browser: Chromium) -> None:
    assert not options.is_enabled("#quiet-from")
    options.check("#quiet")
    options.fill("#quiet-from", "23:15")
    options.fill("#quiet-until", "07:30")
    options.check("#digest")
    options.fill("#digest-at", "18:00")
    options.check("#marks")
    options.wait_for_function("words => document.getElementById('news').textContent === words", arg=text("saved"))
    place = options.locator("#news").bounding_box()
    assert 0 <= place["y"] < options.viewport_size["height"], "it is seen from wherever it was pressed"
    wanted = {
        "quiet_hours": {"is_on": True, "from": "23:15", "until": "07:30"},
        "digest": {"is_on": True, "at": "18:00"},
        "marks": True,
    }
    eventually(lambda: settings(browser) | wanted == settings(browser))
    eventually(lambda: options.inner_text("#news") == text("saved"))
    options.reload()
    options.wait_for_selector("body[data-is-ready]")
    assert (options.input_value("#quiet-from"), options.is_checked("#marks")) == ("23:15", True)


def test_who_fetches_is_chosen_and_what_happens_by_itself_is_said(options: Any, browser: Chromium) -> None:
    def who() -> str:
        return str(browser.session()["fetching"]["who"])

    assert options.is_checked("#fetch-companion")
    options.check("#fetch-browser")
    eventually(lambda: who() == "browser")
    options.check("#fetch-companion")
    eventually(lambda: who() == "companion")
    assert options.inner_text("#fetch-now") == ""
    told = "chrome.storage.session.set({fetching: {who: 'browser', because: 'proxy'}})"
    options.evaluate(told)
    eventually(lambda: options.inner_text("#fetch-now") == text("fetching_proxy"))
    options.evaluate("chrome.storage.session.set({fetching: {who: 'companion', because: null}})")


def test_decisions_are_undone(browser: Chromium, companion: FakeCompanion) -> None:
    companion.begin(browser, decisions=DECISIONS, status={"decisions": "5.5"})
    options = opened(browser)
    options.click("#decisions li:nth-child(2) button")
    eventually(lambda: len(options.query_selector_all("#decisions li")) == 3)
    assert companion.heard("undo_decision")[0]["decision_id"] == 4
    assert options.evaluate("document.activeElement.closest('ul')?.id") == "decisions"
    options.close()


def test_folders_are_added_and_removed_after_a_question(browser: Chromium, companion: FakeCompanion) -> None:
    companion.begin(browser, folders=FOLDERS, errors={"add_folder": "usage"}, status={"folders": 2})
    options = opened(browser)
    options.fill("#folder-path", "nowhere")
    options.keyboard.press("Enter")
    eventually(lambda: options.inner_text("#folder-trouble") == text("action_failed", "scripted: usage"))
    more = {"path": "/home/user/More", "photos": 0, "unreadable": 0, "is_present": True}
    companion.play(folders=[*FOLDERS, more], status={"folders": 2})
    options.fill("#folder-path", "~/More")
    options.keyboard.press("Enter")
    eventually(lambda: len(options.query_selector_all("#folders li")) == 3)
    options.click("#folders li:first-child button")
    options.wait_for_selector("#folders li:first-child button.main")
    assert companion.heard("remove_folder") == []
    options.click("#folders li:first-child button.main")
    eventually(lambda: companion.heard("remove_folder"))
    assert companion.heard("remove_folder")[0]["path"] == FOLDERS[0]["path"]
    options.close()


def test_reading_all_photos_again_asks_once_more(options: Any, companion: FakeCompanion) -> None:
    options.click("#rebuild")
    options.click("#rebuild-no")
    options.click("#rebuild")
    assert companion.heard("rebuild") == []
    options.keyboard.press("Enter")  # the focus is on yes
    eventually(lambda: companion.heard("rebuild"))
    companion.play(status={"state": "indexing", "progress": PROGRESS})
    eventually(lambda: not options.is_visible("#rebuild"))


def test_the_versions_are_told_to_whoever_asks_for_help(options: Any) -> None:
    own = json.loads((EXTENSION / "manifest.json").read_text(encoding="utf-8"))["version"]
    assert options.inner_text("#about") == text("about_both", own, "0.1.0")


def test_pausing_and_resuming(options: Any, companion: FakeCompanion) -> None:
    options.click("#pause-hour")
    options.wait_for_selector("#pauses li")
    assert options.inner_text("#pauses li p").startswith(text("pause_everywhere"))
    assert not options.is_visible("#pause-choices")
    options.click("#pauses button")
    eventually(lambda: options.is_visible("#pauses-none"))
    assert [message.get("site") for message in companion.heard("resume")] == [None]


def test_a_timestamp_authority_is_chosen_or_named(options: Any, browser: Chromium) -> None:
    options.select_option("#authority-choice", index=1)
    eventually(lambda: settings(browser).get("timestamp_authority") == "https://freetsa.org/tsr")
    options.select_option("#authority-choice", "own")
    options.fill("#authority-address", "ftp://a.example")
    options.click("#authority button")
    options.wait_for_selector("#authority-trouble:not(:empty)")
    assert settings(browser)["timestamp_authority"] == "https://freetsa.org/tsr"
    options.fill("#authority-address", "https://tsa.a.example/")
    options.click("#authority button")
    eventually(lambda: settings(browser).get("timestamp_authority") == "https://tsa.a.example/")
    options.reload()
    options.wait_for_selector("body[data-is-ready]")
    assert options.input_value("#authority-address") == "https://tsa.a.example/"
    options.select_option("#captures", "visible")
    eventually(lambda: settings(browser).get("captures") == "visible")
