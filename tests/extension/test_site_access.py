"""Where the browser lets the extension see pages click by click only, the popup and the first screen say so and ask."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import CHROMIUM_ID, Chromium
from tests.extension.accessibility import assert_accessible
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(browser: Chromium) -> Iterator[Any]:
    """The browser's own page about extensions, where a user takes and gives access."""
    page = browser.context.new_page()
    page.goto("chrome://extensions")
    yield page
    choose(page, "ON_ALL_SITES")
    page.close()


def choose(settings: Any, access: str) -> None:
    settings.evaluate(
        "(wanted) => chrome.developerPrivate.updateExtensionConfiguration(wanted)",
        {"extensionId": CHROMIUM_ID, "hostAccess": access},
    )


@pytest.mark.parametrize("screen", ["popup/popup.html", "welcome/welcome.html"])
def test_what_the_browser_withholds_is_said_and_asked_for(
    browser: Chromium, companion: FakeCompanion, server: PageServer, settings: Any, screenshots: Path, screen: str
) -> None:
    companion.begin(browser)
    own = browser.open_own(screen, width=400, height=640)
    place = own.locator("#site-access")
    own.wait_for_function("() => document.readyState === 'complete'")
    assert not place.is_visible()

    choose(settings, "ON_CLICK")
    place.wait_for()
    name = screen.partition("/")[0]
    own.screenshot(path=screenshots / f"{name}-site-access.png")
    assert_accessible(own)
    page = browser.context.new_page()
    page.goto(server.add("/withheld", "<img src=mine.png>"))
    # No test can press the button of the browser's own question: that it is asked, and for which sites, is what counts.
    own.evaluate(
        "chrome.permissions.request = (wanted) => { document.title = JSON.stringify(wanted); return Promise.resolve() }"
    )
    place.get_by_role("button").click()
    eventually(lambda: own.title() == '{"origins":["http://*/*","https://*/*"]}')
    assert not companion.checked(), "the browser keeps the page from us"

    choose(settings, "ON_ALL_SITES")
    place.wait_for(state="hidden")
    page.reload()
    eventually(lambda: companion.checked())
    page.close()
    own.close()


def test_the_first_screen_says_what_each_permission_is_for(browser: Chromium, screenshots: Path) -> None:
    own = browser.open_own("welcome/welcome.html", width=800, height=900)
    own.click("#allowed summary")
    assert own.locator("#allowed li").count() == 6
    own.screenshot(path=screenshots / "welcome-allowed.png", full_page=True)
    assert_accessible(own)
    own.close()
