"""Every screen in every state: accessible, at twice the size, from right to left, and with a picture to look at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium, chromium
from tests.extension.accessibility import assert_accessible, assert_fits
from tests.extension.fake_companion import FakeCompanion, eventually, is_at_rest
from tests.extension.views import VIEWS, View

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HEIGHT = 700
# All of them once; then those that another language or other colours may break.
RULES = {
    ("en-US", "light"): (),
    ("en-US", "dark"): ("color-contrast",),
    ("zh-CN", "light"): ("button-name", "document-title", "html-lang-valid", "image-alt", "label", "link-name"),
    ("zh-CN", "dark"): ("empty-heading",),
}


@pytest.fixture(scope="module", params=["en-US", "zh-CN"])
def speaking(
    request: pytest.FixtureRequest, playwright: Any, companion: FakeCompanion, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Chromium, str]]:
    """A browser in each language, for all views."""
    companion.play()
    home = tmp_path_factory.mktemp("home")
    with chromium(home, companion.launcher, language=request.param, playwright=playwright) as started:
        yield started, request.param


def shown(browser: Chromium, companion: FakeCompanion, view: View) -> Any:
    """The view's page in a tab of its own, when it is whole."""
    companion.play(**view.script)
    if view.reconnects:
        companion.kill()
    else:
        wanted = view.script.get("status", {})
        eventually(lambda: is_at_rest(browser) or wanted)
    page = browser.open_own(view.path, width=view.width, height=HEIGHT)
    view.prepare(page)
    page.wait_for_selector(view.shows)
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    return page


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_is_accessible_and_fits(
    speaking: tuple[Chromium, str], companion: FakeCompanion, view: View, screenshots: Path
) -> None:
    browser, language = speaking
    page = shown(browser, companion, view)
    try:
        assert page.evaluate("document.documentElement.lang") == language.removesuffix("-US")
        assert page.evaluate("[...document.querySelectorAll('[data-say]')].every(({textContent}) => textContent)")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=screenshots / f"{view.name}-{language}-{scheme}.png", full_page=True)
            assert_accessible(page, only=RULES[language, scheme])
        assert page.evaluate("document.getAnimations().length") == 0
        page.set_viewport_size({"width": view.width // 2, "height": HEIGHT // 2})  # what 200 % zoom leaves
        assert_fits(page)
        page.screenshot(path=screenshots / f"{view.name}-{language}-zoomed.png", full_page=True)
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert_fits(page)
    finally:
        page.close()
        if view.reconnects:
            recover(browser, companion)


def recover(browser: Chromium, companion: FakeCompanion) -> None:
    """Lets the companion answer again; a page of ours that opens tries at once."""
    companion.play()
    page = browser.open_own("popup/popup.html?tab=-1")
    page.wait_for_selector("body[data-screen=no_page]")
    page.close()
