"""**Is this me?** on a picture always opens a window, and the window always ends with an answer."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.browser_driver import EXTENSION, Chromium, chromium
from tests.extension.accessibility import assert_accessible
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def text(key: str) -> str:
    return str(TEXTS[key]["message"])


PROFILE = {"id": 1, "title": "A profile"}


def ask_about(
    browser: Chromium, picture: str, page: str = "https://a.example/profile#photos", tab: dict[str, Any] = PROFILE
) -> Any:
    """What the menu's handler does after a click; the click itself is tested with a real menu elsewhere."""
    with browser.context.expect_page() as opened:
        browser.ask_worker(
            """([srcUrl, pageUrl, tab]) => {
                const info = {menuItemId: "is-this-me", srcUrl, pageUrl, editable: false};
                chrome.contextMenus.onClicked.dispatch(info, tab);
            }""",
            [picture, page, tab],
        )
    return opened.value


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> Iterator[None]:
    companion.begin(browser)
    yield
    for page in browser.context.pages[1:]:
        page.close()


@pytest.mark.parametrize(
    ("scripted", "kind", "title"),
    [
        ({"verdict": "copy", "edits": [{"kind": "mirrored"}]}, "copy", "answer_yes"),
        ({"verdict": "possible_copy", "edits": []}, "possible_copy", "answer_perhaps"),
        ({"verdict": "no_copy"}, "no_copy", "answer_no"),
        (
            {"verdict": "undecided", "reason": {"code": "fetch_failed", "words": "HTTP 403"}},
            "undecided",
            "answer_undecided",
        ),
    ],
)
def test_each_verdict_has_its_answer(
    browser: Chromium,
    companion: FakeCompanion,
    server: PageServer,
    screenshots: Path,
    scripted: dict[str, Any],
    kind: str,
    title: str,
) -> None:
    companion.play(pictures={"mine": scripted})
    window = ask_about(browser, server.url("/mine.png"))
    window.set_viewport_size({"width": 480, "height": 640})
    window.wait_for_selector(f"body[data-answer={kind}]")
    assert window.inner_text("h1") == text(title)
    is_match = kind in ("copy", "possible_copy")
    eventually(lambda: len(window.query_selector_all(".pair img")) == (2 if is_match else 0))
    window.screenshot(path=screenshots / f"answer-{kind}.png")
    assert_accessible(window)
    if kind == "undecided":
        assert window.inner_text("#why") == text("why_fetch_failed")
    [asked] = companion.heard("check_image")
    assert asked["page"] == {"address": "https://a.example/profile", "title": "A profile"}
    assert asked["image"]["address"] == server.url("/mine.png")
    assert not [path for path, _ in server.requests if "mine" in path], "the extension never asks the site"


def test_the_window_is_there_before_the_answer(browser: Chromium, companion: FakeCompanion, screenshots: Path) -> None:
    companion.play(hold=True)
    window = ask_about(browser, "https://a.example/other.png")
    window.wait_for_selector("body[data-answer=asking]")
    window.screenshot(path=screenshots / "answer-asking.png")
    assert window.inner_text("h1") == text("answer_asking")
    companion.play()
    window.wait_for_selector("body[data-answer=no_copy]")


def test_the_question_names_the_page_even_where_the_browser_keeps_its_title_from_us(
    browser: Chromium, companion: FakeCompanion, server: PageServer
) -> None:
    page = browser.context.new_page()
    page.goto(server.add("/page", "<title>My title</title><img src=other.png>"))
    tab = {"id": browser.tab_id(page)}
    window = ask_about(browser, server.url("/other.png"), page.url, tab)
    window.wait_for_selector("body[data-answer=no_copy]")
    assert companion.heard("check_image")[0]["page"] == {"address": page.url, "title": "My title"}


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        ("blob:https://a.example/1234", "why_no_picture_here"),
        ("file:///home/user/x.jpg", "why_out_of_reach"),
        ("", "why_no_picture_here"),
    ],
)
def test_a_picture_that_we_cannot_have_is_said_so(browser: Chromium, picture: str, why: str) -> None:
    window = ask_about(browser, picture)
    window.wait_for_selector("body[data-answer=undecided]")
    assert window.inner_text("#why") == text(why)


def test_an_error_is_an_answer_and_can_be_tried_again(browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(errors={"check_image": "overloaded"})
    window = ask_about(browser, "https://a.example/mine.png")
    window.wait_for_selector("body[data-answer=undecided]")
    assert window.inner_text("#why") == text("why_overloaded")
    companion.play(pictures={"mine": {"verdict": "copy"}})
    window.click("#again")
    window.wait_for_selector("body[data-answer=copy]")


def test_a_question_is_answered_while_checking_is_paused(browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(status={"state": "paused", "paused": {"everywhere": True, "until": None, "sites": []}})
    window = ask_about(browser, "https://a.example/other.png")
    window.wait_for_selector("body[data-answer=no_copy]")


def test_a_companion_that_dies_under_the_question_is_asked_again(browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(delay_seconds=60)
    window = ask_about(browser, "https://a.example/mine.png")
    eventually(lambda: companion.heard("check_image"))
    companion.play(pictures={"mine": {"verdict": "copy"}})
    companion.kill()
    window.wait_for_selector("body[data-answer=copy]")


def test_a_worker_that_dies_under_the_question_is_asked_again(browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(delay_seconds=60)
    window = ask_about(browser, "https://a.example/mine.png")
    eventually(lambda: companion.heard("check_image"))
    companion.play(pictures={"mine": {"verdict": "copy"}})
    browser.stop_workers()
    window.wait_for_selector("body[data-answer=copy]")


def test_a_large_picture_inside_its_address_is_answered_too(browser: Chromium, companion: FakeCompanion) -> None:
    large = "data:image/png;base64," + "A" * 12_000_000  # more than the session holds
    companion.play(pictures={"data:": {"verdict": "copy"}})
    window = ask_about(browser, large)
    window.wait_for_selector("body[data-answer=copy]")


@pytest.mark.parametrize("how", ["key", "button"])
def test_escape_and_the_button_close_the_window(browser: Chromium, how: str) -> None:
    window = ask_about(browser, "https://a.example/other.png")
    window.wait_for_selector("body[data-answer=no_copy]")
    with window.expect_event("close"), contextlib.suppress(PlaywrightError):
        # The window may be gone before Playwright hears that the key went up.
        if how == "key":
            window.keyboard.press("Escape")
        else:
            window.click("#close")


def test_without_a_companion_the_answer_and_the_popup_say_so(
    playwright: Any, tmp_path: Path, server: PageServer, screenshots: Path
) -> None:
    with chromium(tmp_path, None, playwright=playwright) as bare:
        page = bare.context.new_page()
        page.goto(server.add("/page", "<img src=mine.png>"))
        window = ask_about(bare, server.url("/mine.png"))
        window.wait_for_selector("body[data-answer=undecided]")
        assert window.inner_text("#why") == text("why_missing")
        popup = bare.open_own(f"popup/popup.html?tab={bare.tab_id(page)}", width=400, height=640)
        popup.wait_for_selector("body[data-screen=missing]")
        popup.screenshot(path=screenshots / "popup-missing-light.png", full_page=True)
        assert "scripts/run" in popup.inner_text("#notice")
        assert "isthisme browsers install" in popup.inner_text("#notice")


def test_chinese_users_read_chinese(
    playwright: Any, tmp_path: Path, companion: FakeCompanion, server: PageServer, screenshots: Path
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy", "edits": [{"kind": "mirrored"}]}})
    with chromium(tmp_path, companion.launcher, playwright=playwright, language="zh-CN") as chinese:
        page = chinese.context.new_page()
        page.goto(server.add("/page", "<img src=mine.png>"))
        popup = chinese.open_own(f"popup/popup.html?tab={chinese.tab_id(page)}", width=400, height=640)
        popup.wait_for_selector("body[data-screen=found]")
        popup.wait_for_selector("#found img")
        popup.screenshot(path=screenshots / "popup-found-chinese.png", full_page=True)
        assert popup.inner_text("#notice h2") == "这里有 1 张图片看起来是你的"
        assert "改动：左右翻转。" in popup.inner_text("#found")
        assert popup.evaluate("document.documentElement.lang") == "zh-CN"


def test_the_picture_that_was_asked_about_is_decided_about_in_the_same_window(
    browser: Chromium, companion: FakeCompanion, screenshots: Path
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    window = ask_about(browser, "https://a.example/mine.png")
    window.set_viewport_size({"width": 480, "height": 900})
    window.click(f"#actions button:text-is({json.dumps(text('action_not_me'))})")
    window.wait_for_selector(f"#actions .chip:text-is({json.dumps(text('decided_not_me'))})")
    [asked] = companion.heard("not_me")
    assert asked["photo_id"] == 7
    window.screenshot(path=screenshots / "answer-decided.png")
    assert_accessible(window)
    assert window.evaluate("document.activeElement.textContent") == text("undo")
    window.click(f"#actions button:text-is({json.dumps(text('undo'))})")
    window.wait_for_selector("#actions summary")
    window.click("#actions summary")
    site = text("fine_site").replace("$1", "a.example")
    window.click(f"#actions button:text-is({json.dumps(site)})")
    eventually(lambda: companion.heard("fine_here"))
    assert companion.heard("fine_here")[0]["pattern"] == "a.example"
    assert window.query_selector(f"#actions button:text-is({json.dumps(text('action_show'))})") is None
