"""The first run: three screens, by keyboard alone, with what a screen reader is told."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser_driver import EXTENSION, Chromium, Firefox, chromium, firefox, firefox_path
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.views import FOLDERS, PROGRESS, REHEARSALS, SUGGESTIONS

pytestmark = pytest.mark.browser

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def text(key: str, *values: object) -> str:
    words: str = TEXTS[key]["message"]
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


@pytest.fixture
def welcome(browser: Chromium) -> Iterator[Any]:
    page = browser.open_own("welcome/welcome.html", width=900, height=800)
    page.wait_for_selector("#folders:not([hidden])")
    yield page
    page.close()


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def tab_to(page: Any, wanted: str) -> list[str]:
    """Presses Tab until this has the focus; what had it on the way."""
    way = [focused(page)]
    while way[-1] != wanted:
        page.keyboard.press("Tab")
        way.append(focused(page))
        assert len(way) < 30, way
    return way


def test_it_opens_once_the_extension_is_installed(playwright: Any, companion: FakeCompanion, tmp_path: Any) -> None:
    with chromium(tmp_path, companion.launcher, playwright=playwright, keeps_welcome=True) as new:
        page = new.welcome()
        page.wait_for_selector("#folders:not([hidden])")
        assert page.inner_text("h1:visible") == text("folders_title")
        assert page.title().startswith(text("folders_title"))
        with page.expect_event("close"):
            page.evaluate("location.hash = 'rehearsal'")
            page.click("#done")


def test_all_three_screens_by_keyboard_alone(welcome: Any, browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(suggestions=SUGGESTIONS, folders=FOLDERS, photos=[{"photo_id": 7}], rehearsals=REHEARSALS)
    welcome.reload()
    welcome.wait_for_selector("#suggestions li")
    boxes = {box["value"]: box["checked"] for box in welcome.eval_on_selector_all(
        "#suggestions input", "boxes => boxes.map(({value, checked}) => ({value, checked}))"
    )}  # fmt: skip
    assert boxes == {
        "/home/anna/Pictures": True,
        "/home/anna/DCIM": True,
        "/home/anna/OneDrive/Pictures": True,
        "/home/anna/Downloads": False,
    }
    tab_to(welcome, "place-1")
    welcome.keyboard.press("Space")
    way = tab_to(welcome, "folders-next")
    assert way.index("place-2") < way.index("place-3") < way.index("path") < way.index("add")
    welcome.keyboard.press("Enter")
    welcome.wait_for_selector("#growth:not([hidden])")
    assert [each["path"] for each in companion.heard("add_folder")] == ["/home/anna/OneDrive/Pictures"]
    assert focused(welcome) == "growth-title", "a screen reader begins with the new heading"
    assert welcome.get_attribute("nav a[href='#growth']", "aria-current") == "step"
    tab_to(welcome, text("next"))
    welcome.keyboard.press("Enter")
    welcome.wait_for_selector("#look:enabled")
    assert focused(welcome) == "rehearsal-title"
    tab_to(welcome, "look")
    welcome.keyboard.press("Enter")
    found = text("rehearsal_found", 2, 3)
    eventually(lambda: welcome.inner_text("#rehearsal-news") == found)
    chips = welcome.eval_on_selector_all("#found .chip", "chips => chips.map(({textContent}) => textContent)")
    assert chips == [text("chip_copy"), text("chip_no"), text("chip_possible")]
    welcome.go_back()
    welcome.wait_for_selector("#growth:not([hidden])")


def test_what_is_rehearsed_is_made_from_the_users_own_preview_and_leaves_nothing(
    welcome: Any, companion: FakeCompanion
) -> None:
    companion.play(photos=[{"photo_id": 7}, {"photo_id": 8}], rehearsals=REHEARSALS)
    welcome.evaluate("location.hash = 'rehearsal'")
    welcome.click("#look:enabled")
    asked = eventually(lambda: len(found := companion.heard("check_image")) == 3 and found)
    assert all(each["is_rehearsal"] and "address" not in each["image"] for each in asked)
    pictures = [Image.open(io.BytesIO(base64.b64decode(each["image"]["bytes"]))) for each in asked]
    assert [picture.size for picture in pictures] == [(320, 240), (640, 480), (400, 300)]
    own = (60, 110, 160)  # the preview's colour in the fake companion
    first = pictures[0].getpixel((160, 120))
    assert isinstance(first, tuple)
    assert all(abs(one - other) < 8 for one, other in zip(first, own, strict=True))
    eventually(lambda: welcome.inner_text("#rehearsal-news") == text("rehearsal_found", 2, 3))
    welcome.click("#another")
    welcome.wait_for_selector("#look:enabled")
    assert [each["photo_id"] for each in companion.heard("photo_preview")][-1] == 8


def test_another_page_is_not_told_what_was_found_on_the_one_before(welcome: Any, companion: FakeCompanion) -> None:
    script = {"photos": [{"photo_id": 7}, {"photo_id": 8}], "rehearsals": REHEARSALS}
    companion.play(**script, hold=True)
    welcome.evaluate("location.hash = 'rehearsal'")
    welcome.click("#look:enabled")
    eventually(lambda: companion.heard("check_image"))
    welcome.click("#another")
    welcome.wait_for_selector("#look:enabled")
    companion.play(**script)
    welcome.click("#look")
    eventually(lambda: welcome.inner_text("#rehearsal-news") == text("rehearsal_found", 2, 3))
    assert len(companion.heard("check_image")) == 3
    assert len(welcome.query_selector_all("#found > .card")) == 3


def test_a_folder_that_is_none_is_refused_in_words(welcome: Any, companion: FakeCompanion) -> None:
    companion.play(errors={"add_folder": "not_a_folder"})
    welcome.fill("#path", "~/nowhere")
    welcome.keyboard.press("Enter")
    told = welcome.wait_for_selector("#folders-trouble:not(:empty)")
    assert told.get_attribute("role") == "alert"
    assert told.inner_text() == text("action_failed", text("why_not_a_folder"))
    assert welcome.input_value("#path") == "~/nowhere", "it can be corrected"


def test_a_folder_is_chosen_in_the_desktops_own_window(welcome: Any, companion: FakeCompanion) -> None:
    welcome.click("#choose")
    [message] = eventually(lambda: companion.heard("add_folder"))
    assert message["path"] == "/media/anna/chosen"
    eventually(lambda: focused(welcome) == "choose")
    companion.play(errors={"choose_folder": "cancelled"})
    welcome.click("#choose:enabled")
    eventually(lambda: companion.heard("choose_folder") and welcome.is_enabled("#choose"))
    assert companion.heard("add_folder") == []
    assert welcome.inner_text("#folders-trouble") == "", "who closes the window knows that they did"


def test_going_on_without_a_folder_is_asked_for_one(welcome: Any) -> None:
    welcome.wait_for_function(
        "words => document.getElementById('folders-news').textContent === words", arg=text("folders_none")
    )
    welcome.click("#folders-next")
    eventually(lambda: welcome.inner_text("#folders-trouble") == text("folders_choose"))


def test_a_folder_is_removed_after_a_question_and_the_focus_is_not_lost(
    welcome: Any, companion: FakeCompanion, screenshots: Path
) -> None:
    companion.play(folders=FOLDERS)
    welcome.reload()
    button = welcome.wait_for_selector("#added-folders button")
    assert button.get_attribute("aria-label") == text("folders_remove_this", FOLDERS[0]["path"])
    button.click()
    welcome.wait_for_selector("#added-folders button.main")
    welcome.screenshot(path=screenshots / "welcome-folder-removal.png")
    welcome.keyboard.press("Enter")  # the focus is on what changes nothing
    assert welcome.wait_for_selector("#added-folders button").inner_text() == text("folders_remove")
    assert companion.heard("remove_folder") == []
    welcome.keyboard.press("Enter")
    welcome.click("#added-folders button.main")
    eventually(lambda: companion.heard("remove_folder"))
    assert companion.heard("remove_folder")[0]["path"] == FOLDERS[0]["path"]
    eventually(lambda: focused(welcome) == "folders-title")


def test_the_growing_index_is_spoken_of_by_the_quarter(welcome: Any, companion: FakeCompanion) -> None:
    welcome.evaluate("location.hash = 'growth'")
    welcome.wait_for_selector("#growth:not([hidden])")
    heard = []
    for done in (1300, 1350, 1400, 2600):
        companion.play(status={"state": "indexing", "photos": done, "progress": PROGRESS | {"done": done}})
        eventually(lambda done=done: f"{done:,} of 5,000" in welcome.inner_text("#progress-words"))
        assert welcome.inner_text("#known") == text("known_many", f"{done:,}")
        assert welcome.inner_text("#growth-title") == text("growth_title")
        heard.append(welcome.text_content("#growth-news"))
    title = text("progress_indexing")
    assert heard == [f"{title} 25%", f"{title} 25%", f"{title} 25%", f"{title} 50%"]
    companion.play()
    eventually(lambda: welcome.text_content("#growth-news") == text("growth_done"))
    assert welcome.inner_text("#growth-title") == text("growth_title_done")
    assert not welcome.is_visible("#growth-text"), "nobody waits any more"


def test_indexing_that_waits_says_why_and_goes_on_when_the_user_says_so(welcome: Any, companion: FakeCompanion) -> None:
    companion.play(status={"state": "indexing", "progress": PROGRESS | {"waits_because": "busy"}})
    welcome.evaluate("location.hash = 'growth'")
    welcome.click("#index-now")
    eventually(lambda: companion.heard("index_now"))
    assert welcome.inner_text("#progress-why") == text("progress_busy")


def test_the_first_photo_opens_the_rehearsal_by_itself(welcome: Any, companion: FakeCompanion) -> None:
    companion.play(status={"photos": 0, "state": "indexing"}, photos=[{"photo_id": 7}])
    welcome.evaluate("location.hash = 'rehearsal'")
    welcome.wait_for_selector("#rehearsal-none:not([hidden])")
    companion.play(status={"photos": 1}, photos=[{"photo_id": 7}])
    welcome.wait_for_selector("#look:enabled")


def test_the_popup_leads_back(browser: Chromium, companion: FakeCompanion) -> None:
    popup = browser.open_own("popup/popup.html?tab=-1")
    with browser.context.expect_page() as opened:
        popup.click("#welcome")
    opened.value.wait_for_selector("#folders:not([hidden])")
    opened.value.close()
    popup.close()


def test_in_firefox_it_opens_too_and_can_be_tried(companion: FakeCompanion, tmp_path: Any, screenshots: Any) -> None:
    if firefox_path() is None:
        pytest.skip("Firefox is not installed")
    companion.play(suggestions=SUGGESTIONS, folders=FOLDERS, photos=[{"photo_id": 7}], rehearsals=REHEARSALS)
    with firefox(tmp_path, companion.launcher, keeps_welcome=True) as fox:
        driver = fox.driver
        eventually(lambda: in_welcome(fox))
        eventually(lambda: driver.find_elements("css selector", "#suggestions li"))
        driver.find_element("id", "folders-next").click()
        eventually(lambda: driver.execute_script("return document.activeElement.id") == "growth-title")
        driver.get(fox.own_url("welcome/welcome.html#rehearsal"))
        driver.refresh()
        eventually(lambda: driver.find_elements("css selector", "#look:enabled"))
        driver.find_element("id", "look").click()
        found = text("rehearsal_found", 2, 3)
        eventually(lambda: driver.find_element("id", "rehearsal-news").text == found)
        driver.save_screenshot(str(screenshots / "welcome-rehearsal-found-firefox.png"))
        assert len(companion.heard("check_image")) == 3


def in_welcome(fox: Firefox) -> bool:
    """Goes to the page that opened by itself, where it is there."""
    for handle in fox.driver.window_handles:
        fox.driver.switch_to.window(handle)
        if "/welcome/" in fox.driver.current_url:
            return True
    return False
