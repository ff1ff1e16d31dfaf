"""From the installation to the first find, and through the worst that can happen: real browser, real companion."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from isthisme.installation.launcher import LAUNCHER_NAME
from tests.browser_driver import Chromium, chromium
from tests.companion import isthisme, kill_daemon_of
from tests.end_to_end.conftest import PATIENCE_SECONDS, TEXTS, copy_of, page_of
from tests.end_to_end.test_chromium import until, wait_for_words
from tests.picture_site import Site, picture_site
from tests.pictures import write_photos
from tests.product import register_with

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PHOTOS = 5


def text(key: str, *values: object) -> str:
    words = str(TEXTS[key]["message"])
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


@pytest.fixture(scope="module")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A companion that is installed and knows nothing yet."""
    folder = tmp_path_factory.mktemp("first run")
    home = folder / "home of the user"
    register_with(folder / "unused profile", home)
    yield home
    kill_daemon_of(home)


@pytest.fixture(scope="module")
def newcomer(playwright: Any, fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser in which the extension was just installed, of somebody who has pictures where they usually lie."""
    user = tmp_path_factory.mktemp("user")
    write_photos(user / "Pictures" / "2024", range(PHOTOS))
    (user / "Desktop").mkdir()
    launcher = fresh_home / LAUNCHER_NAME
    with chromium(user, launcher, playwright=playwright, keeps_welcome=True) as started:
        yield started


@pytest.fixture
def popup(newcomer: Chromium) -> Iterator[Any]:
    page = newcomer.open_own("popup/popup.html?tab=-1")
    yield page
    page.close()


def headed(page: Any, key: str) -> Callable[[], bool]:
    """Whether the popup's heading is this text."""
    return lambda: page.text_content(".notice h2") == text(key)


def test_from_the_installation_to_the_first_find(newcomer: Chromium, screenshots: Path) -> None:
    page = newcomer.welcome()
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.wait_for_selector("#suggestions li")
    places = page.eval_on_selector_all("#suggestions .path", "paths => paths.map(({textContent}) => textContent)")
    assert [Path(place).name for place in places] == ["Pictures"]
    assert text("place_count", PHOTOS) in page.inner_text("#suggestions")
    page.click("#folders-next")
    wait_for_words(page, text("growth_done"))
    assert page.inner_text("#known") == text("known_many", PHOTOS)
    page.click("#growth .button.main")
    page.click("#look:enabled")
    wait_for_words(page, text("rehearsal_found", 2, 3))
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    page.screenshot(path=screenshots / "welcome-rehearsal-real.png", full_page=True)
    chips = page.eval_on_selector_all("#found .chip", "chips => chips.map(({className}) => className)")
    assert [chip.removeprefix("chip ") for chip in chips] == ["copy", "no_copy", "copy"]
    sightings = newcomer.open_own("sightings/sightings.html")
    wait_for_words(sightings, text("sightings_none"))
    sightings.close()


def test_a_daemon_killed_under_the_question_costs_no_answer(newcomer: Chromium, fresh_home: Path) -> None:
    site: Site
    with picture_site({"/copy.jpg": ("image/jpeg", copy_of(1, "mirrored"))}) as site:
        site.files["/"] = ("text/html", page_of(["/copy.jpg"]))
        site.slow_to_programs_seconds = 3.0
        with newcomer.context.expect_page() as opened:
            newcomer.worker.evaluate(
                """([srcUrl, pageUrl]) => chrome.contextMenus.onClicked.dispatch(
                    {menuItemId: "is-this-me", srcUrl, pageUrl, editable: false}, {id: 1, title: "A shop"})""",
                [site.url("copy.jpg"), site.address],
            )
        until(opened.value, lambda: site.asked("/copy.jpg") > 0, "the daemon asks for the picture")
        kill_daemon_of(fresh_home)
        site.slow_to_programs_seconds = 0.0
        wait_for_words(opened.value, text("answer_yes"))
        opened.value.close()


def test_a_home_that_others_may_open_is_refused_with_the_command_that_closes_it(
    newcomer: Chromium, fresh_home: Path, popup: Any
) -> None:
    until(popup, headed(popup, "no_page_title"), "all is well")
    fresh_home.chmod(0o755)
    try:
        kill_daemon_of(fresh_home)
        until(popup, headed(popup, "home_refused_title"), "it is refused")
        assert f"chmod 700 '{fresh_home}'" in popup.inner_text(".notice")
    finally:
        fresh_home.chmod(0o700)
    popup.reload()  # it may have been tried again already; whoever looks need not wait for that
    until(popup, headed(popup, "no_page_title"), "all is well again")


def test_a_damaged_catalog_is_said_and_the_command_that_is_named_mends_it(
    newcomer: Chromium, fresh_home: Path, popup: Any
) -> None:
    until(popup, headed(popup, "no_page_title"), "all is well")
    launcher = fresh_home / LAUNCHER_NAME
    shutil.move(launcher, launcher.with_suffix(".away"))  # nobody starts it before it is damaged
    kill_daemon_of(fresh_home)
    catalog = fresh_home / "catalog.db"
    until(popup, lambda: not headed(popup, "no_page_title")(), "the end of the daemon is noticed")
    for beside in ("-wal", "-shm"):
        catalog.with_name(catalog.name + beside).unlink(missing_ok=True)
    whole = catalog.read_bytes()
    catalog.write_bytes(b"no longer a catalog" + whole[19:])
    shutil.move(launcher.with_suffix(".away"), launcher)
    popup.reload()
    until(popup, headed(popup, "damaged_title"), "the damage is said")
    command = popup.inner_text(".notice code").split()
    assert command == ["isthisme", "doctor", "--repair"]
    mended = isthisme(fresh_home, *command[1:], "--yes")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    popup.reload()  # it may have been tried again already; whoever looks need not wait for that
    until(popup, lambda: popup.text_content("#state") == text("state_on"), "all is well again")
