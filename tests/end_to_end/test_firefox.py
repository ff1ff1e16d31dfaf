"""The whole path in a real Firefox, alone and beside a Chromium that uses the same companion."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium, Firefox, firefox, firefox_path
from tests.companion import wait_until
from tests.end_to_end.conftest import (
    COPIES,
    PATIENCE_SECONDS,
    TEXTS,
    evidence_of,
    looked,
    page_of,
    photos_found,
    record_of,
    tainted_canvas,
)
from tests.end_to_end.test_chromium import visit as visit_in_chromium
from tests.end_to_end.workbench import THROUGH_A_CASE, assert_all_was_seen
from tests.picture_site import Site, asks_as_program, picture_site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(firefox_path() is None, reason="Firefox is not installed"),
]

PHOTOS = [f"photo_{number:03}.jpg" for number in range(len(COPIES))]


@pytest.fixture(scope="module")
def fox(launcher: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox"), launcher) as started:
        yield started


@pytest.fixture(autouse=True)
def closed_tabs(fox: Firefox) -> Iterator[None]:
    yield
    fox.close_tabs()


def visit(fox: Firefox, address: str, pictures: int, *, link: str | None = None) -> dict[str, Any]:
    """Opens a page in front, by a link that leads there where one is given; waits until all its pictures are judged."""
    fox.driver.get(link or address)
    wait_until(
        lambda: looked(record_of(fox.session(), address)) >= pictures,
        f"{pictures} pictures of {address} are judged",
        seconds=PATIENCE_SECONDS,
    )
    record = record_of(fox.session(), address)
    assert record is not None
    return record


def open_popup(fox: Firefox, tab_id: int) -> None:
    """The popup of a page, in a tab of its own."""
    fox.driver.switch_to.new_window("tab")
    fox.driver.get(fox.own_url(f"popup/popup.html?tab={tab_id}"))


def badge(fox: Firefox, tab_id: int) -> str:
    """To be called in a page of the extension."""
    script = "const done = arguments[1]; browser.action.getBadgeText({tabId: arguments[0]}).then(done)"
    return str(fox.driver.execute_async_script(script, tab_id))


def words(fox: Firefox) -> str:
    """What the page in front says; nothing while it is on its way."""
    from selenium.common.exceptions import WebDriverException

    with suppress(WebDriverException):
        return str(fox.driver.execute_script("return document.body?.innerText ?? ''"))
    return ""


def test_exactly_the_copies_are_flagged_and_the_popup_shows_them(fox: Firefox, site: Site, home: Path) -> None:
    site.redirects |= {"/link": "/hop", "/hop": "/"}
    record = visit(fox, site.address, 12, link=site.url("link"))
    assert photos_found(record) == PHOTOS
    assert evidence_of(record, home) == [(site.url("link"), 200, True)] * 6
    open_popup(fox, record["tab_id"])
    wait_until(lambda: all(name in words(fox) for name in PHOTOS), "the popup names the photos")
    wait_until(lambda: badge(fox, record["tab_id"]) == "6", "the button counts them")


def test_sightings_become_a_case_with_notes_and_dates_and_are_erased_with_it(fox: Firefox, site: Site) -> None:
    site.files["/shop"] = ("text/html", page_of(["/copy-0.jpg", "/copy-1.jpg"]))
    assert len(visit(fox, site.url("shop"), 2)["findings"]) == 2
    fox.driver.switch_to.new_window("tab")
    fox.driver.get(fox.own_url("sightings/sightings.html"))
    fox.driver.set_script_timeout(PATIENCE_SECONDS)
    script = (
        f"const done = arguments[2]; const args = arguments; (async () => {{{THROUGH_A_CASE}}})().then(done, String);"
    )
    seen = fox.driver.execute_async_script(script, TEXTS, site.url("shop"))
    assert_all_was_seen(seen, site.address.split("/")[2])


def test_a_page_of_strangers_is_quiet(fox: Firefox, site: Site) -> None:
    record = visit(fox, site.url("strangers"), 6)
    assert record["findings"] == []
    open_popup(fox, record["tab_id"])
    none = str(TEXTS["quiet_many"]["message"]).replace("$1", "6")
    wait_until(lambda: none in words(fox), "the popup says that nothing was found")
    assert badge(fox, record["tab_id"]) == ""


def test_a_real_right_click_is_answered(fox: Firefox, site: Site) -> None:
    from selenium.webdriver import ActionChains

    driver = fox.driver
    site.files["/one"] = ("text/html", page_of(["/copy-1.jpg"]))
    driver.get(site.url("one"))
    before = set(driver.window_handles)
    ActionChains(driver).context_click(driver.find_element("tag name", "img")).perform()
    title = str(TEXTS["menu_entry"]["message"])
    wait_until(lambda: fox.choose_in_menu(title), "the picture's menu has our entry")
    wait_until(lambda: len(driver.window_handles) > len(before), "the answer's window opens")
    (answer,) = set(driver.window_handles) - before
    driver.switch_to.window(answer)
    yes = str(TEXTS["answer_yes"]["message"])
    wait_until(lambda: yes in words(fox), "the answer is yes", seconds=PATIENCE_SECONDS)
    wait_until(lambda: PHOTOS[1] in words(fox), "the answer names the photo")


@pytest.fixture
def other_site(pictures: dict[str, tuple[str, bytes]]) -> Iterator[Site]:
    """Another port of the same host: another origin."""
    with picture_site(dict(pictures)) as made:
        yield made


def test_pictures_behind_a_sign_in_are_judged(fox: Firefox, site: Site, other_site: Site) -> None:
    site.cookies["/signed-in"] = "user=ann; Path=/"
    site.only_with["/copy-0.jpg"] = other_site.only_with["/copy-3.jpg"] = ("Cookie", "user=ann")
    sources = ["/copy-0.jpg", other_site.url("copy-3.jpg")]
    site.files["/signed-in"] = ("text/html", page_of(sources))
    record = visit(fox, site.url("signed-in"), 2)
    assert photos_found(record) == [PHOTOS[0], PHOTOS[3]]
    assert all(
        "Cookie" not in headers for _, headers in site.requests + other_site.requests if asks_as_program(headers)
    )


def test_a_question_about_what_nobody_may_read_is_answered_from_the_screen(
    fox: Firefox, site: Site, other_site: Site
) -> None:
    from selenium.webdriver import ActionChains

    driver = fox.driver
    site.files["/tainted"] = ("text/html", tainted_canvas(other_site.url("copy-2.jpg")))
    driver.get(site.url("tainted"))
    wait_until(lambda: driver.title == "drawn", "the canvas shows the picture")
    before = set(driver.window_handles)
    ActionChains(driver).context_click(driver.find_element("id", "canvas")).perform()
    title = str(TEXTS["menu_entry_here"]["message"])
    wait_until(lambda: fox.choose_in_menu(title), "the page's menu has our entry")
    wait_until(lambda: len(driver.window_handles) > len(before), "the answer's window opens")
    (answer,) = set(driver.window_handles) - before
    driver.switch_to.window(answer)
    yes = str(TEXTS["answer_yes"]["message"])
    wait_until(lambda: yes in words(fox), "the answer is yes", seconds=PATIENCE_SECONDS)


def test_two_browsers_share_one_companion(fox: Firefox, browser: Chromium, site: Site, home: Path) -> None:
    site.files["/few"] = ("text/html", page_of(["/copy-0.jpg", "/copy-2.jpg", "/stranger-900.jpg"]))
    in_firefox = visit(fox, site.url("few"), 3)
    daemon = (home / "daemon.lock").read_text()
    _, in_chromium = visit_in_chromium(browser, site.url("few"), 3)
    assert photos_found(in_firefox) == photos_found(in_chromium) == [PHOTOS[0], PHOTOS[2]]
    assert (home / "daemon.lock").read_text() == daemon
    # The first browser still has its answers from it.
    site.files["/more"] = ("text/html", page_of(["/copy-1.jpg"]))
    assert photos_found(visit(fox, site.url("more"), 1)) == [PHOTOS[1]]
    assert (home / "daemon.lock").read_text() == daemon
