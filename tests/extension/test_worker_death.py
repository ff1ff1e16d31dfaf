"""The background worker may die at any time; what it was doing is taken up again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


@pytest.fixture
def page(browser: Chromium) -> Iterator[Any]:
    page = browser.context.new_page()
    yield page
    page.close()


def record(browser: Chromium, page: Any) -> dict[str, Any]:
    """What is kept of the page; as of an unknown one while the worker comes and goes."""
    unknown: dict[str, Any] = {"findings": [], "counts": {}, "waiting": 0}
    return browser.page_record(page) or unknown


def looked(browser: Chromium, page: Any) -> int:
    return sum(count["looked"] for count in record(browser, page)["counts"].values())


def test_pictures_without_an_answer_are_sent_again_and_findings_are_kept(
    page: Any, browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    slow = {"delay_seconds": 60}  # the pictures come in any order
    companion.play(pictures={"mine": {"verdict": "copy"}, "maybe": slow, "other": slow})
    page.goto(server.add("/page", "<img src=mine.png><img src=maybe.png><img src=other.png>"))
    eventually(lambda: len(companion.checked()) == 3 and record(browser, page)["findings"])
    companion.play(pictures={"mine": {"verdict": "copy"}})
    browser.stop_workers()
    eventually(lambda: companion.heard("hello"))
    eventually(lambda: looked(browser, page) == 3 and record(browser, page)["waiting"] == 0)
    names = sorted(Path(address).name for address in companion.checked())
    assert names == ["maybe.png", "other.png"], "what was answered is not asked again"
    assert len(record(browser, page)["findings"]) == 1
    eventually(lambda: browser.badge(browser.tab_id(page)) == "1")


def test_a_worker_that_dies_before_anything_was_answered_loses_nothing(
    page: Any, browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(delay_seconds=60)
    page.goto(server.add("/page", "<img src=mine.png><img src=other.png>"))
    eventually(lambda: companion.heard("check_page"))
    companion.play(pictures={"mine": {"verdict": "copy"}})
    browser.stop_workers()
    eventually(lambda: len(record(browser, page)["findings"]) == 1)
    eventually(lambda: looked(browser, page) == 2)


def test_a_picture_added_after_the_death_is_found(
    page: Any, browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    page.goto(server.add("/page", "<img src=mine.png>"))
    eventually(lambda: looked(browser, page) == 1)  # else it would be asked about again
    companion.play()
    browser.stop_workers()
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'other.png'}))")
    eventually(lambda: [Path(address).name for address in companion.checked()] == ["other.png"])


def test_a_page_that_left_while_the_worker_was_dead_is_forgotten(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    page = browser.context.new_page()
    page.goto(server.add("/page", "<img src=mine.png>"))
    eventually(lambda: companion.checked())
    key = f"page:{browser.tab_id(page)}"
    other = browser.context.new_page()
    other.goto(server.add("/other", "<img src=other.png>"))
    page.close()
    browser.stop_workers()
    eventually(lambda: key not in browser.session())
    other.close()


def test_when_the_host_dies_it_is_started_again_and_the_page_is_finished(
    page: Any, browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(delay_seconds=60)
    page.goto(server.add("/page", "<img src=mine.png><img src=other.png>"))
    eventually(lambda: companion.heard("check_page"))
    companion.play(pictures={"mine": {"verdict": "copy"}})
    companion.kill()
    eventually(lambda: record(browser, page)["findings"])
    eventually(lambda: looked(browser, page) == 2)


def test_a_page_in_the_background_is_remembered_or_looked_at_again(
    browser: Chromium, page: Any, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    page.goto(server.add("/page", "<img src=mine.png>"))
    eventually(lambda: record(browser, page)["findings"])
    companion.play(pictures={"mine": {"verdict": "copy"}})
    # As when the browser lost what we kept while the page was hidden.
    browser.worker.evaluate("() => chrome.storage.session.clear()")
    browser.stop_workers()
    eventually(lambda: record(browser, page)["findings"])
    eventually(lambda: looked(browser, page) == 1)
