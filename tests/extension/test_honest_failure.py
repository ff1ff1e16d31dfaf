"""Whatever goes wrong has its words, its icon and its way out; one browser of each kind lives through all of it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.browser_driver import (
    EXTENSION,
    Chromium,
    Firefox,
    chromium_host_manifest,
    firefox,
    firefox_host_manifest,
    firefox_path,
    write_host_manifest,
)
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer
from tests.extension.test_answers import ask_about
from tests.extension.views import STOPS

pytestmark = pytest.mark.browser

LOOK_AGAIN = "void chrome.runtime.sendMessage({type: 'refresh'})"
TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def text(key: str) -> str:
    return str(TEXTS[key]["message"])


class Subject(Protocol):
    """A browser with the popup open, as these tests see it."""

    tells_refused: bool

    def look_again(self) -> None:
        """Tries to reach the companion at once, as the popup does when it is opened."""
        ...

    def words(self, selector: str) -> str:
        """Of the first such element; nothing where there is none."""
        ...

    def has_button(self) -> bool:
        """Whether the notice offers one."""
        ...

    def icon(self) -> str:
        """The name of the icon that the toolbar shows where no page says otherwise."""
        ...

    def register(self, allowed: bool | None) -> None:
        """The native host: registered for us (True), for another extension (False), or not at all (None)."""
        ...

    def ask_about(self, server: PageServer) -> None:
        """Asks about a picture of that server; from then on, `words` and `press` are those of the answer's window."""
        ...

    def press(self, selector: str) -> None: ...

    def end_answer(self) -> None:
        """Closes the answer's window."""
        ...


class InChromium:
    tells_refused = True

    def __init__(self, browser: Chromium, launcher: Path) -> None:
        self._browser, self._launcher = browser, launcher
        # The browser tells nobody which icon is set.
        browser.ask_worker(
            """() => { globalThis.icon ??= {real: chrome.action.setIcon, last: ""};
            chrome.action.setIcon = (details) => {
                if (details.tabId === undefined) icon.last = details.path[16];
                return icon.real.call(chrome.action, details);
            } }"""
        )
        self._popup = self._page = browser.open_own("popup/popup.html?tab=-1")

    def ask_about(self, server: PageServer) -> None:
        self._page = ask_about(self._browser, server.url("/mine.png"))

    def press(self, selector: str) -> None:
        self._page.click(selector)

    def end_answer(self) -> None:
        self._page.close()
        self._page = self._popup

    def look_again(self) -> None:
        self._page.evaluate(LOOK_AGAIN)

    def words(self, selector: str) -> str:
        found = self._page.query_selector(selector)
        return "" if found is None else str(found.inner_text())

    def has_button(self) -> bool:
        return self._page.query_selector(".notice button") is not None

    def icon(self) -> str:
        return str(self._browser.ask_worker("() => globalThis.icon.last")).split("/")[-1].split("-")[0]

    def register(self, allowed: bool | None) -> None:
        place = self._browser.home / "chromium" / "NativeMessagingHosts"
        manifest = chromium_host_manifest(self._launcher)
        change_manifest(place, manifest, {"allowed_origins": [f"chrome-extension://{'a' * 32}/"]}, allowed)


class InFirefox:
    tells_refused = False  # it says the same of a host that is not there; the words name both ways out

    def __init__(self, fox: Firefox, launcher: Path) -> None:
        self._fox, self._launcher = fox, launcher
        fox.driver.get(fox.own_url("popup/popup.html?tab=-1"))
        self._popup = fox.driver.current_window_handle

    def ask_about(self, server: PageServer) -> None:
        from selenium.webdriver import ActionChains

        driver = self._fox.driver
        driver.switch_to.new_window("tab")
        driver.get(server.add("/page", "<img src=mine.png>"))
        before = set(driver.window_handles)
        ActionChains(driver).context_click(driver.find_element("css selector", "img")).perform()
        eventually(lambda: self._fox.choose_in_menu("Is this me?"))
        [answer] = eventually(lambda: set(driver.window_handles) - before)
        driver.switch_to.window(answer)

    def press(self, selector: str) -> None:
        self._fox.driver.find_element("css selector", selector).click()

    def end_answer(self) -> None:
        driver = self._fox.driver
        for handle in driver.window_handles:
            if handle != self._popup:
                driver.switch_to.window(handle)
                driver.close()
        driver.switch_to.window(self._popup)

    def look_again(self) -> None:
        self._fox.driver.execute_script(LOOK_AGAIN)

    def words(self, selector: str) -> str:
        with suppress(Exception):  # the page may be on its way
            return str(self._fox.driver.find_element("css selector", selector).text)
        return ""

    def has_button(self) -> bool:
        return bool(self._fox.driver.find_elements("css selector", ".notice button"))

    def icon(self) -> str:
        return self._fox.icon().split("/")[-1].split("-")[0]

    def register(self, allowed: bool | None) -> None:
        place = self._fox.home / ".mozilla" / "native-messaging-hosts"
        manifest = firefox_host_manifest(self._launcher)
        change_manifest(place, manifest, {"allowed_extensions": ["somebody@else"]}, allowed)


def change_manifest(place: Path, manifest: dict[str, Any], others: dict[str, Any], allowed: bool | None) -> None:
    if allowed is None:
        (place / f"{manifest['name']}.json").unlink()
    else:
        write_host_manifest(place, manifest if allowed else manifest | others)


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def subject(
    request: pytest.FixtureRequest, companion: FakeCompanion, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Subject]:
    companion.play()
    if request.param == "chromium":
        yield InChromium(request.getfixturevalue("browser"), companion.launcher)
        return
    if firefox_path() is None:
        pytest.skip("Firefox is not installed")
    with firefox(tmp_path_factory.mktemp("firefox"), companion.launcher) as fox:
        yield InFirefox(fox, companion.launcher)


@pytest.fixture(autouse=True)
def recovers(subject: Subject, companion: FakeCompanion) -> Iterator[None]:
    """Afterwards all is well again, and the toolbar says so: no trouble leaves anything behind."""
    yield
    companion.play()
    eventually(lambda: is_headed(subject, "no_page_title"))
    assert subject.words("#state") == text("state_on")
    eventually(lambda: subject.icon() == "quiet")


def is_headed(subject: Subject, title: str) -> bool:
    """Whether that is what the popup says; if not, it looks again."""
    if subject.words(".notice h2") == text(title):
        return True
    subject.look_again()
    return False


def check_stop(subject: Subject, title: str, command: str | None) -> None:
    eventually(lambda: subject.words(".notice h2") == text(title))
    if command is not None:
        assert subject.words(".notice code") == command
    assert subject.has_button()
    assert subject.words("#state") == text("state_off")
    eventually(lambda: subject.icon() == "trouble")


COMMANDS = {
    "update_extension": "isthisme setup",
    "update_companion": "git pull && scripts/run",
    "catalog_damaged": "isthisme doctor --repair",
    "disk_full": None,
    "busy": None,
    "caller_refused": "isthisme browsers install",
}
TITLES = {
    "catalog_damaged": "damaged_title",
    "catalog_unusable": "unusable_title",
    "caller_refused": "refused_title",
}


@pytest.mark.parametrize("code", STOPS)
def test_what_stops_everything(subject: Subject, companion: FakeCompanion, code: str) -> None:
    companion.play(**STOPS[code])
    companion.kill()
    check_stop(subject, TITLES.get(code, f"{code}_title"), COMMANDS.get(code, "isthisme doctor"))


@pytest.mark.parametrize(
    ("allowed", "title", "command"),
    [(None, "missing_title", "scripts/run"), (False, "refused_title", "isthisme browsers install")],
    ids=["missing", "registered for another"],
)
def test_a_host_that_the_browser_may_not_start(
    subject: Subject, companion: FakeCompanion, allowed: bool | None, title: str, command: str
) -> None:
    if allowed is False and not subject.tells_refused:
        title, command = "missing_title", "scripts/run"
    subject.register(allowed)
    try:
        companion.kill()
        eventually(lambda: is_headed(subject, title))
        check_stop(subject, title, command)
    finally:
        subject.register(True)


@pytest.mark.parametrize(
    ("code", "words", "way", "icon"),
    [
        ("disk_full", "why_disk_full", None, "trouble"),
        ("model_unusable", "why_model_unusable", "isthisme doctor", "trouble"),
        ("disk_nearly_full", "problem_disk_nearly_full", None, "trouble"),
        ("index_locked", "problem_index_locked", "isthisme status", "quiet"),
        ("folder_unwatched", "problem_folder_unwatched", "sudo sysctl", "quiet"),
        ("photos_unreadable", "problem_photos_unreadable", "isthisme index", "quiet"),
    ],
)
def test_what_is_wrong_while_the_rest_goes_on(
    subject: Subject, companion: FakeCompanion, code: str, words: str, way: str | None, icon: str
) -> None:
    companion.play(status={"problems": [{"code": code, "message": "what the companion says"}]})
    eventually(lambda: subject.words(".problem p") == text(words))
    if way is None:
        assert subject.has_button()
    else:
        assert subject.words(".problem code").startswith(way)
    eventually(lambda: subject.icon() == icon)
    assert subject.words("#state") == text("state_on")


def test_an_index_that_is_being_rebuilt_says_so(subject: Subject, companion: FakeCompanion) -> None:
    progress = {"task": "rebuilding", "step": "describing", "done": 5, "total": 9, "photos_per_second": 0}
    companion.play(status={"state": "indexing", "progress": progress | {"unreadable": 0}})
    eventually(lambda: subject.words("#progress-task") == text("progress_rebuilding"))
    assert subject.icon() == "quiet"


# Why there is no answer about one picture: the words, and the command or the button where there is one.
REASONS = {
    "site_refused": ("why_site_refused", None),
    "offline": ("why_offline", None),
    "fetch_failed": ("why_fetch_failed", None),
    "not_supplied": ("why_not_supplied", None),
    "image_too_large": ("why_too_large", None),
    "unreadable_image": ("why_unreadable", None),
    "too_plain": ("why_too_plain", None),
    "address_refused": ("why_address_refused", None),
    "no_photos": ("why_no_photos", "way_folders"),
}
ERRORS = {
    "overloaded": ("why_overloaded", None),
    "deadline_exceeded": ("why_too_slow", None),
    "model_unusable": ("why_model_unusable", "isthisme doctor"),
    "catalog_damaged": ("why_damaged", "isthisme doctor --repair"),
    "disk_full": ("why_disk_full", None),
    "internal": ("why_internal", "isthisme doctor"),
}


def test_a_picture_without_an_answer_says_why_and_can_be_asked_about_again(
    subject: Subject, companion: FakeCompanion, server: PageServer
) -> None:
    scripts: list[tuple[dict[str, Any], str, str | None]] = [
        ({"pictures": {"mine": {"verdict": "undecided", "reason": {"code": code, "words": "told"}}}}, *shown)
        for code, shown in REASONS.items()
    ]
    scripts += [({"errors": {"check_image": code}}, *shown) for code, shown in ERRORS.items()]
    companion.play(**scripts[0][0])
    subject.ask_about(server)
    try:
        for script, why, way in scripts:
            companion.play(**script)
            eventually(lambda: subject.words("h1") == text("answer_undecided"))
            subject.press("#again")
            eventually(lambda why=why: subject.words("#why") == text(why))
            shown = subject.words("#ways code") or subject.words("#ways button")
            assert shown == ("" if way is None else TEXTS[way]["message"] if way in TEXTS else way), why
        companion.play(pictures={"mine": {"verdict": "copy"}})
        subject.press("#again")
        eventually(lambda: subject.words("h1") == text("answer_yes"))
    finally:
        subject.end_answer()
