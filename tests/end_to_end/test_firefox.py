"""The whole path in a real Firefox, alone and beside a Chromium that uses the same companion."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import EXTENSION, Chromium, Firefox, firefox, firefox_path
from tests.end_to_end.conftest import page_of
from tests.end_to_end.test_chromium import visit
from tests.picture_site import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(firefox_path() is None, reason="Firefox is not installed"),
]

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fox(launcher: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox"), launcher) as started:
        yield started


def until(holds: Callable[[], Any], what: str, *, seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)
    return found


def session(fox: Firefox) -> dict[str, Any]:
    """What the worker keeps, asked from a page of the extension in a tab of its own."""
    driver = fox.driver
    front = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.get(fox.own_url("sightings/sightings.html"))
    kept = driver.execute_async_script(
        "const done = arguments[0]; window.wrappedJSObject; browser.storage.session.get(null).then(done, () => done({}));"
    )
    driver.close()
    driver.switch_to.window(front)
    return dict(kept or {})


def record_of(fox: Firefox, address: str, pictures: int) -> dict[str, Any] | None:
    for each in session(fox).values():
        if isinstance(each, dict) and each.get("address") == address and "counts" in each:
            if sum(count["looked"] for count in each["counts"].values()) >= pictures:
                return each
    return None


def test_exactly_the_copies_are_flagged_and_the_popup_shows_them(fox: Firefox, site: Site) -> None:
    fox.driver.get(site.address)
    record = until(lambda: record_of(fox, site.address, 12), "all pictures are judged")
    found = {Path(finding["matches"][0]["photo"]).name for finding in record["findings"]}
    assert found == {f"photo_{number:03}.jpg" for number in range(6)}
    fox.driver.switch_to.new_window("tab")
    fox.driver.get(fox.own_url(f"popup/popup.html?tab={record['tab_id']}"))
    words = until(
        lambda: all(f"photo_{number:03}.jpg" in fox.driver.find_element("tag name", "body").text for number in range(6)),
        "the popup names the photos",
    )
    assert words
    fox.driver.close()
    fox.driver.switch_to.window(fox.driver.window_handles[0])


def test_the_menu_entry_answers_in_a_window(fox: Firefox, site: Site) -> None:
    from selenium.webdriver import ActionChains

    driver = fox.driver
    site.files["/one"] = ("text/html", page_of(["/copy-1.jpg"]))
    driver.get(site.url("one"))
    windows = set(driver.window_handles)
    ActionChains(driver).context_click(driver.find_element("tag name", "img")).perform()
    with driver.context(driver.CONTEXT_CHROME):
        activated = until(
            lambda: driver.execute_script(
                """const menu = document.getElementById("contentAreaContextMenu");
                   const item = [...menu.querySelectorAll("menuitem")].find((each) => each.label === arguments[0]);
                   if (!item || menu.state !== "open") return false;
                   menu.activateItem(item);
                   return true;""",
                TEXTS["menu_title"]["message"] if "menu_title" in TEXTS else "Is this me?",
            ),
            "the menu shows our entry",
        )
    assert activated
    (opened,) = until(lambda: set(driver.window_handles) - windows, "the answer's window opens")
    driver.switch_to.window(opened)
    yes = str(TEXTS["answer_yes"]["message"])
    until(lambda: yes in driver.find_element("tag name", "body").text, "the answer is yes")
    driver.close()
    driver.switch_to.window(next(iter(windows)))


def test_two_browsers_share_one_companion(fox: Firefox, browser: Chromium, site: Site, home: Path) -> None:
    daemon = (home / "daemon.lock").read_text()
    fox.driver.get(site.url("?fox"))
    site.files["/?fox"] = site.files["/"]
    fox.driver.get(site.url("?fox"))
    _, record = visit(browser, site.address, 12)
    other = until(lambda: record_of(fox, site.url("?fox"), 12), "Firefox has its answers, too")
    assert len(record["findings"]) == len(other["findings"]) == 6
    assert (home / "daemon.lock").read_text() == daemon
