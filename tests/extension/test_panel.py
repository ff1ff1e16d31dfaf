"""The side panel: what was found, each decision about it and its undoing, and being shown the picture on the page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import EXTENSION, Chromium, chromium
from tests.extension.accessibility import assert_accessible
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

EDITS = [{"kind": "mirrored"}, {"kind": "cropped", "amount": 0.6}, {"kind": "overlaid"}]
REGION = [[60, 40], [330, 40], [330, 260], [60, 260]]
FOUND = {
    "mine": {"verdict": "copy", "edits": EDITS, "query_region": REGION},
    "maybe": {"verdict": "possible_copy", "edits": [{"kind": "recoloured"}]},
}
HTML = "<title>A page</title><img src=other.png><div style='height: 3000px'></div><img src=mine.png><img src=maybe.png>"
TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def text(key: str, *values: object) -> str:
    words: str = TEXTS[key]["message"]
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> Iterator[None]:
    companion.begin(browser, pictures=FOUND)
    yield
    browser.ask_worker("() => chrome.storage.local.clear()")


@pytest.fixture
def page(browser: Chromium, server: PageServer) -> Iterator[Any]:
    page = browser.context.new_page()
    page.goto(server.add("/page", HTML))
    eventually(lambda: len(browser.page_record(page).get("findings", [])) == 2)
    yield page
    page.close()


@pytest.fixture
def panel(browser: Chromium, page: Any) -> Iterator[Any]:
    panel = browser.open_own(f"panel/panel.html?tab={browser.tab_id(page)}", width=420, height=900)
    panel.wait_for_selector("#found > .card:nth-child(2)")
    yield panel
    panel.close()


def pictured(panel: Any, folder: Path, name: str, *schemes: str) -> None:
    """Takes pictures of it, and lets axe look for what would stand in somebody's way."""
    panel.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    for scheme in schemes:
        panel.emulate_media(color_scheme=scheme)
        panel.screenshot(path=folder / f"panel-{name}-{scheme}.png", full_page=True)
        assert_accessible(panel)


def cards(panel: Any, place: str = "#found") -> int:
    return len(panel.query_selector_all(f"{place} > .card"))


def test_the_panel_lists_both_pictures_side_by_side_and_how_sure_it_is(
    panel: Any, page: Any, browser: Chromium, screenshots: Path
) -> None:
    panel.wait_for_selector("#found > .card:nth-child(2) img")
    sure, perhaps = panel.query_selector_all("#found > .card")
    assert text("how_sure", "97%") in sure.inner_text()
    assert text("how_sure", "60%") in perhaps.inner_text()
    assert "mirrored, cropped to 60% of your photo" in sure.inner_text()
    assert sure.query_selector("svg.outline") is not None
    assert len(sure.query_selector_all(".pair img")) == 2
    assert panel.inner_text("#where") == "127.0.0.1"
    pictured(panel, screenshots, "found", "dark", "light")


@pytest.mark.parametrize(
    ("action", "asked", "decided"),
    [
        ("action_mine", ("keep_sighting", {}), text("decided_mine")),
        ("action_not_me", ("not_me", {"photo_id": 7}), text("decided_not_me")),
    ],
)
def test_what_is_said_of_a_picture_holds_until_it_is_undone(
    panel: Any,
    page: Any,
    browser: Chromium,
    companion: FakeCompanion,
    screenshots: Path,
    action: str,
    asked: tuple[str, dict[str, Any]],
    decided: str,
) -> None:
    eventually(lambda: browser.badge(browser.tab_id(page)) == "1")
    panel.click(f"#found > .card:first-child button:text-is({json.dumps(text(action))})")
    eventually(lambda: (cards(panel), cards(panel, "#decided-found")) == (1, 1))
    kind, fields = asked
    [message] = companion.heard(kind)
    assert message | fields == message
    assert message["sighting_id"] > 0
    eventually(lambda: browser.badge(browser.tab_id(page)) == "1?")
    panel.click("#decided > summary")
    assert decided in panel.inner_text("#decided-found")
    pictured(panel, screenshots, action.replace("_", "-"), "light")
    panel.click(f"#decided-found button:text-is('{text('undo')}')")
    eventually(lambda: (cards(panel), panel.is_visible("#decided")) == (2, False))
    eventually(lambda: browser.badge(browser.tab_id(page)) == "1")


@pytest.mark.parametrize("place", ["fine_page", "fine_site"])
def test_a_place_where_it_is_fine_is_quiet_at_once(
    panel: Any, page: Any, browser: Chromium, companion: FakeCompanion, screenshots: Path, place: str
) -> None:
    site = page.url.removesuffix("/page")
    panel.click("#found > .card:first-child summary")
    pictured(panel, screenshots, "fine-menu", "light")
    words = text(place, site)
    panel.click(f"#found > .card:first-child .choices button:text-is({json.dumps(words)})")
    eventually(lambda: (cards(panel), cards(panel, "#decided-found")) == (0, 2))
    [message] = companion.heard("fine_here")
    wanted = (page.url, "page") if place == "fine_page" else (site, "below")
    assert (message["pattern"], message["reach"]) == wanted
    eventually(lambda: browser.badge(browser.tab_id(page)) == "")
    assert panel.inner_text("#notice h2") == text("decided_title")
    pictured(panel, screenshots, "decided", "light")


def test_decisions_of_another_program_are_followed(
    panel: Any, page: Any, browser: Chromium, companion: FakeCompanion
) -> None:
    sighting = browser.page_record(page)["findings"][0]["sighting_id"]
    mine = {"decision_id": 1, "kind": "mine", "decided_at": 1, "sighting_ids": [sighting]}
    companion.play(pictures=FOUND, decisions=[mine], status={"decisions": "1.1"})
    eventually(lambda: (cards(panel), cards(panel, "#decided-found")) == (1, 1))


def test_a_decision_that_fails_is_said_where_it_was_made(panel: Any, companion: FakeCompanion) -> None:
    companion.play(pictures=FOUND, errors={"keep_sighting": "overloaded"})
    panel.click(f"#found > .card:first-child button:text-is({json.dumps(text('action_mine'))})")
    panel.wait_for_selector(".trouble:not(:empty)")
    assert panel.inner_text("#found .trouble:not(:empty)") == text("action_failed", text("why_overloaded"))


def marks(page: Any) -> list[str]:
    """The pictures of a page that are outlined now."""
    found: list[str] = page.evaluate(
        "() => [...document.images].filter((image) => image.getAnimations().length > 0)"
        ".map((image) => image.src.split('/').pop())"
    )
    return found


def test_showing_warns_once_then_scrolls_to_the_picture_and_marks_it(panel: Any, page: Any, screenshots: Path) -> None:
    before = page.evaluate("document.documentElement.outerHTML")
    shows = f"#found > .card:first-child button:text-is({json.dumps(text('action_show'))})"
    panel.click(shows)
    panel.wait_for_selector(".warning")
    assert panel.evaluate("document.activeElement.textContent") == text("show_yes")
    pictured(panel, screenshots, "show-warning", "dark")
    assert (page.evaluate("scrollY"), marks(page)) == (0, [])
    panel.keyboard.press("Enter")
    eventually(lambda: marks(page) == ["mine.png"])
    eventually(lambda: page.evaluate("scrollY") > 1000)
    assert page.evaluate("document.documentElement.outerHTML") == before
    page.screenshot(path=screenshots / "page-shown.png")
    page.evaluate("() => { for (const {finished} of document.getAnimations()) finished; scrollTo(0, 0); }")
    panel.click(shows)  # no second warning
    eventually(lambda: page.evaluate("scrollY") > 1000)
    assert panel.query_selector(".warning") is None


def test_marks_are_drawn_only_where_the_user_chose_them(page: Any, browser: Chromium) -> None:
    assert marks(page) == []
    set_marks = "(marks) => chrome.storage.local.set({alerts: {marks}})"
    browser.ask_worker(set_marks, True)
    eventually(lambda: sorted(marks(page)) == ["maybe.png", "mine.png"])
    browser.ask_worker(set_marks, False)
    eventually(lambda: marks(page) == [])


def test_the_popup_opens_the_panel(panel: Any, page: Any, browser: Chromium) -> None:
    popup = browser.open_own(f"popup/popup.html?tab={browser.tab_id(page)}", width=400, height=640)
    popup.click("#panel")
    contexts = "() => chrome.runtime.getContexts({contextTypes: ['SIDE_PANEL']})"
    eventually(
        lambda: (
            [opened["documentUrl"] for opened in browser.worker.evaluate(contexts)]
            == [browser.own_url("panel/panel.html")]
        )
    )


def test_all_can_be_done_with_the_keyboard(panel: Any, page: Any, browser: Chromium) -> None:
    first = panel.query_selector("#found > .card:first-child button")
    first.focus()
    order = [panel.evaluate("document.activeElement.textContent")]
    for _ in range(4):
        panel.keyboard.press("Tab")
        order.append(panel.evaluate("document.activeElement.textContent"))
    wanted = ("action_mine", "action_not_me", "evidence_title", "action_show", "action_fine")
    assert order == [text(key) for key in wanted]
    first.focus()
    panel.keyboard.press("Enter")
    eventually(lambda: cards(panel) == 1)
    eventually(lambda: panel.evaluate("document.activeElement.textContent") == text("action_mine")), "the next picture"


def test_at_twice_the_size_and_from_right_to_left_nothing_is_cut_off(panel: Any, screenshots: Path) -> None:
    panel.wait_for_selector("#found > .card:nth-child(2) img")
    panel.evaluate("document.documentElement.dir = 'rtl'")
    panel.click("#found > .card:first-child summary")
    pictured(panel, screenshots, "right-to-left", "light")
    panel.evaluate("document.documentElement.style.fontSize = '32px'")  # as 200 % zoom makes it
    assert panel.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pictured(panel, screenshots, "zoomed", "light")


def test_chinese_users_read_chinese_in_the_panel(
    playwright: Any, tmp_path: Path, server: PageServer, screenshots: Path
) -> None:
    companion = FakeCompanion(tmp_path / "companion")
    companion.play(pictures=FOUND)
    with chromium(tmp_path, companion.launcher, playwright=playwright, language="zh-CN") as chinese:
        page = chinese.context.new_page()
        page.goto(server.add("/page", HTML))
        panel = chinese.open_own(f"panel/panel.html?tab={chinese.tab_id(page)}", width=420, height=900)
        panel.wait_for_selector("#found > .card:nth-child(2) img")
        panel.click("#found > .card:first-child summary")
        panel.screenshot(path=screenshots / "panel-chinese.png", full_page=True)
        assert "是我，留在列表里" in panel.inner_text("#found")
