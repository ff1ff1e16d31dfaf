"""Every screen in every state: accessible, at twice the size, from right to left, and with a picture to look at."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium, chromium
from tests.extension.accessibility import assert_accessible, assert_fits
from tests.extension.fake_companion import FakeCompanion, eventually
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


@dataclass(frozen=True)
class Tab:
    """One tab for all views of a language."""

    browser: Chromium
    page: Any
    language: str


@pytest.fixture(scope="module", params=["en-US", "zh-CN"])
def tab(
    request: pytest.FixtureRequest, playwright: Any, companion: FakeCompanion, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tab]:
    companion.play()
    home = tmp_path_factory.mktemp("home")
    with chromium(home, companion.launcher, language=request.param, playwright=playwright) as started:
        yield Tab(started, started.context.new_page(), request.param)


def is_shown(page: Any, selector: str) -> bool:
    """If not, our page looks again: a connection that was being made may have met the script before."""
    if page.query_selector(selector) is not None:
        return True
    page.evaluate("void chrome.runtime.sendMessage({type: 'refresh'})")
    return False


def show(tab: Tab, companion: FakeCompanion, view: View) -> None:
    """Leads to the view, and waits until it is whole."""
    companion.prepare(**view.script)
    if view.reconnects:
        with suppress(ProcessLookupError):  # the state before may have ended it
            companion.kill()
    tab.page.goto("about:blank")  # another part of the same address would load nothing
    tab.page.set_viewport_size({"width": view.width, "height": HEIGHT})
    tab.page.goto(tab.browser.own_url(view.path))  # which tries at once to reach a companion that was away
    if view.reconnects:
        eventually(lambda: is_shown(tab.page, view.shows))
    else:
        companion.wait_until_known(tab.browser)
    view.prepare(tab.page)
    tab.page.wait_for_selector(view.shows)
    tab.page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_is_accessible_and_fits(tab: Tab, companion: FakeCompanion, view: View, screenshots: Path) -> None:
    show(tab, companion, view)
    page, language = tab.page, tab.language
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
