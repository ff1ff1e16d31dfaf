"""`python -m documentation.screens`: the pictures of the guide, taken from the real extension with the real companion.

A made-up user has the freely licensed photos of the demonstration; a made-up shop reuses some of them. The browser has
a screen of its own, so that its toolbar is seen, too.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageGrab

from documentation.floors import ROOT
from isthisme.demonstration.page import served
from isthisme.demonstration.pictures import own_photos, page_pictures
from tests.browser_driver import CHROMIUM_ID, EXTENSION, Chromium, chromium
from tests.companion import client, kill_daemon_of
from tests.end_to_end.test_chromium import virtual_screen
from tests.product import register_with

PICTURES = ROOT / "docs" / "pictures" / "guide"
LOCALES = {"en": ("en-US", "en"), "zh": ("zh-CN", "zh_CN")}  # for the browser, and of the extension
# Every screen that the guide shows, in both languages.
SCREENS = (
    "welcome-folders", "welcome-index", "welcome-try", "page", "popup", "panel", "answer",
    "sightings", "compare", "case", "evidence", "notice", "settings", "help",
)  # fmt: skip
ANIMATION = ROOT / "docs" / "pictures" / "tour.webp"
_NOTICE = {
    "en": ("It shows me, and nobody asked me.", "Anna Example"),
    "zh": ("图片中的人是我，没有人征得我的同意。", "张安娜"),
}
_PATIENCE_MS = 90_000
_WIDTH = 860  # of the pictures, at most
_SCREEN = (1200, 900)
_ANIMATION_WIDTH = 800
_DESK = (236, 240, 243)  # beside the window, where the screen is black


def picture_of(screen: str, language: str) -> Path:
    return PICTURES / f"{screen}-{language}.webp"


class _Tour:
    """One language, from the first start to a notice."""

    def __init__(self, browser: Chromium, home: Path, language: str, display: str) -> None:
        self._browser = browser
        self._home = home
        self._language = language
        self._display = display
        path = EXTENSION / "_locales" / LOCALES[language][1] / "messages.json"
        self._texts = json.loads(path.read_text(encoding="utf-8"))
        self.frames: list[Image.Image] = []

    def go(self) -> None:
        self._welcome()
        with served(page_pictures()) as address:
            self._shop(address)
            self._workbench(address)
        self._other_pages()

    def _text(self, key: str, *values: object) -> str:
        words = str(self._texts[key]["message"])
        for place, value in enumerate(values, 1):
            words = words.replace(f"${place}", str(value))
        return words

    def _keep(self, page: Any, screen: str, *, is_whole: bool = False) -> None:
        page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
        page.wait_for_function("() => [...document.images].every((image) => image.complete)")
        with tempfile.TemporaryDirectory() as folder:
            taken = Path(folder) / "taken.png"
            page.screenshot(path=taken, full_page=is_whole, animations="disabled")
            with Image.open(taken) as picture:
                _save(picture.convert("RGB"), picture_of(screen, self._language))

    def _frame(self, page: Any, *, is_in_front: bool = False) -> None:
        """The whole screen, as somebody before it sees it."""
        if not is_in_front:
            page.bring_to_front()
        page.wait_for_timeout(700)  # until the browser has drawn its own frame, which tells nobody when it has
        frame = ImageGrab.grab(xdisplay=self._display).convert("RGB")
        ImageDraw.floodfill(frame, (frame.width - 1, frame.height - 1), _DESK)
        self.frames.append(frame)

    def _own(self, path: str, width: int, height: int) -> Any:
        page = self._browser.open_own(path, width=width, height=height)
        page.set_default_timeout(_PATIENCE_MS)
        return page

    def _wait_for(self, page: Any, words: str) -> None:
        page.wait_for_function("(words) => document.body.innerText.includes(words)", arg=words, timeout=_PATIENCE_MS)

    def _welcome(self) -> None:
        page = self._browser.welcome()
        page.set_default_timeout(_PATIENCE_MS)
        page.set_viewport_size({"width": 860, "height": 700})
        page.wait_for_selector("#suggestions li")
        self._keep(page, "welcome-folders")
        page.click("#folders-next")
        self._wait_for(page, self._text("growth_done"))
        self._keep(page, "welcome-index")
        page.click("#growth .button.main")
        page.click("#another:enabled")  # the first one that it takes is a dark sky
        page.click("#look:enabled")
        self._wait_for(page, self._text("rehearsal_found", 2, 3))
        self._keep(page, "welcome-try", is_whole=True)
        page.close()

    def _shop(self, address: str) -> None:
        page = self._browser.context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(address)
        tab = self._browser.tab_id(page)
        self._page_judged(page)
        self._keep(page, "page")
        self._frame(page)
        self._browser.ask_worker("() => chrome.action.openPopup()")
        page.wait_for_timeout(1500)  # the driver sees nothing of a popup
        self._frame(page, is_in_front=True)  # it closes as soon as another window is in front
        popup = self._own(f"popup/popup.html?tab={tab}", 400, 760)
        popup.wait_for_selector("img")
        self._keep(popup, "popup")
        popup.close()
        panel = self._own(f"panel/panel.html?tab={tab}", 400, 760)
        panel.wait_for_selector("#found img")
        self._keep(panel, "panel")
        with self._browser.context.expect_page() as opened:
            self._browser.ask_worker(
                """([srcUrl, pageUrl]) => chrome.contextMenus.onClicked.dispatch(
                    {menuItemId: "is-this-me", srcUrl, pageUrl, editable: false}, {id: 1, title: "A shop"})""",
                [address + "profile-7731.jpg", address],
            )
        answer = opened.value
        self._wait_for(answer, self._text("answer_yes"))
        answer.set_viewport_size({"width": 500, "height": 720})
        self._keep(answer, "answer")
        answer.close()
        self._evidence(panel)
        panel.close()

    def _page_judged(self, page: Any) -> None:
        pictures = len(page_pictures())
        for _ in range(_PATIENCE_MS // 100):
            record = self._browser.page_record(page)
            if sum(count["looked"] for count in record.get("counts", {}).values()) >= pictures:
                return
            page.wait_for_timeout(100)
        raise TimeoutError("the pictures were not judged in time")

    def _evidence(self, panel: Any) -> None:
        with self._browser.context.expect_page() as opened:
            panel.click(f"#found button:text-is('{self._text('evidence_title')}') >> nth=0")
        window = opened.value
        window.wait_for_selector("body[data-state=question]")
        window.click("#whole")
        window.wait_for_selector("body[data-state=saved]", timeout=_PATIENCE_MS)
        window.set_viewport_size({"width": 620, "height": 720})
        self._keep(window, "evidence")
        window.close()

    def _workbench(self, address: str) -> None:
        with client(self._home) as asker:
            found = asker.ask("sightings", page_address=address)["sightings"]
            one = next(each for each in found if each["picture_address"].endswith("profile-7731.jpg"))
            numbers = [each["sighting_id"] for each in found]
            case = asker.ask("make_case", sighting_ids=numbers, name="Sunny Corner Shop")["case_id"]
            asker.ask("add_note", case_id=case, text=_NOTICE[self._language][0])
        desk = self._own("sightings/sightings.html", 1100, 800)
        desk.wait_for_selector(".sighting img")
        self._keep(desk, "sightings")
        desk.evaluate("(hash) => { location.hash = hash; }", f"#sighting={one['sighting_id']}")
        desk.wait_for_selector(".stage canvas.own")
        self._keep(desk, "compare")
        self._frame(desk)
        desk.evaluate("(hash) => { location.hash = hash; }", f"#case={case}")
        desk.wait_for_selector("#case-screen .sighting img")
        self._keep(desk, "case")
        self._frame(desk)
        desk.close()
        notice = self._own(f"notices/notices.html?case={case}", 860, 800)
        notice.wait_for_selector("#kinds .choice:nth-child(5)")
        notice.check("#kind-dsa")
        reasons, name = _NOTICE[self._language]
        notice.fill("#field-reasons", reasons)
        notice.fill("#field-name", name)
        notice.click("#draft")
        notice.wait_for_selector("#result")
        notice.evaluate("() => document.getElementById('result').scrollIntoView()")
        self._keep(notice, "notice")
        self._frame(notice)
        notice.close()

    def _other_pages(self) -> None:
        for screen, path in (("settings", "options/options.html"), ("help", "help/help.html")):
            page = self._own(path, 860, 900)
            page.wait_for_selector("h1:not(:empty)")
            self._keep(page, screen)
            page.close()


def _save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.thumbnail((_WIDTH, 4 * _WIDTH), Image.Resampling.LANCZOS)
    picture.save(path, quality=80, method=6)


@contextmanager
def _tour(language: str) -> Iterator[_Tour]:
    # A place that says nothing of whoever draws the pictures: the screens show it.
    user = Path(tempfile.gettempdir()) / "anna"
    shutil.rmtree(user, ignore_errors=True)
    home = user / ".local" / "share" / "isthisme"
    (user / "Pictures").mkdir(parents=True)
    for photo in own_photos():
        shutil.copy(photo, user / "Pictures")
    register_with(user / "unused profile", home)
    shown = user / "chromium" / "Default"
    shown.mkdir(parents=True)
    # The button is in the toolbar, as somebody has it who pinned it there.
    (shown / "Preferences").write_text(json.dumps({"extensions": {"pinned_extensions": [CHROMIUM_ID]}}))
    try:
        with (
            virtual_screen() as display,
            chromium(
                user,
                home / "native-host",
                headless=False,
                environment={"DISPLAY": display},
                language=LOCALES[language][0],
                viewport=(1180, 740),
                arguments=(f"--window-size={_SCREEN[0]},{_SCREEN[1]}", "--window-position=0,0"),
                keeps_welcome=True,
            ) as browser,
        ):
            yield _Tour(browser, home, language, display)
    finally:
        kill_daemon_of(home)
        with suppress(OSError):
            shutil.rmtree(user)


def main(languages: list[str]) -> None:
    for language in languages or list(LOCALES):
        with _tour(language) as tour:
            tour.go()
        if language == "en":
            size = (_ANIMATION_WIDTH, _ANIMATION_WIDTH * _SCREEN[1] // _SCREEN[0])
            frames = [frame.resize(size, Image.Resampling.LANCZOS) for frame in tour.frames]
            frames[0].save(
                ANIMATION, save_all=True, append_images=frames[1:], duration=2500, loop=0, quality=70, method=6
            )


if __name__ == "__main__":
    main(sys.argv[1:])
