"""Pictures that only some visitors get are judged all the same, and their sites cannot tell what came of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium, chromium
from tests.end_to_end.conftest import TEXTS, page_of, photos_found
from tests.end_to_end.test_chromium import opened_by_menu, virtual_screen, visit, wait_for_words
from tests.picture_site import Site, asks_as_program, picture_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

UNLIKE_BROWSERS = {"Host", "Connection", "Cookie"}  # ours are made for this once, and without what tells who asks
NOT_READ_BY_US = ("image/jxl,", ", br", ", zstd")  # what is not asked for: another form of the picture comes


@pytest.fixture
def other_site(pictures: dict[str, tuple[str, bytes]]) -> Iterator[Site]:
    """Another port of the same host: another origin, which the daemon may ask as well."""
    with picture_site(dict(pictures)) as made:
        yield made


@pytest.fixture(autouse=True)
def closed_tabs(browser: Chromium) -> Iterator[None]:
    yield
    for page in browser.context.pages[1:]:
        page.close()


def sign_in(site: Site, *paths: str, by: str = "/") -> None:
    """From now on these are for those who came by that page."""
    site.cookies[by] = "user=ann; Path=/"
    for path in paths:
        site.only_with[path] = ("Cookie", "user=ann")


def test_pictures_behind_a_sign_in_are_judged(browser: Chromium, site: Site, other_site: Site) -> None:
    sign_in(site, "/copy-0.jpg", "/stranger-900.jpg")
    sign_in(other_site, "/copy-3.jpg", "/stranger-901.jpg")
    there = [other_site.url(path) for path in ("copy-3.jpg", "stranger-901.jpg")]
    site.files["/"] = ("text/html", page_of(["/copy-0.jpg", "/stranger-900.jpg", *there]))
    _, record = visit(browser, site.address, 4)
    assert photos_found(record) == ["photo_000.jpg", "photo_003.jpg"]
    assert [count["undecided"] for count in record["counts"].values()] == [0]
    assert all(
        "Cookie" not in headers for _, headers in site.requests + other_site.requests if asks_as_program(headers)
    )


def test_a_site_that_gives_its_pictures_to_its_own_pages_gives_them_to_us(
    browser: Chromium, site: Site, other_site: Site
) -> None:
    other_site.only_with["/copy-4.jpg"] = ("Referer", site.address)
    site.files["/hot"] = ("text/html", page_of([other_site.url("copy-4.jpg")]))
    _, record = visit(browser, site.url("hot"), 1)
    assert photos_found(record) == ["photo_004.jpg"]
    (browsers, ours) = [headers for path, headers in other_site.requests if path == "/copy-4.jpg"]
    assert browsers["Referer"] == ours["Referer"] == site.address


def test_the_daemon_asks_as_the_browser_does(browser: Chromium, site: Site, other_site: Site) -> None:
    policy = '<meta name="referrer" content="unsafe-url">'
    site.files["/like"] = ("text/html", page_of(["/stranger-902.jpg", other_site.url("stranger-903.jpg")], head=policy))
    visit(browser, site.url("like"), 2)
    for made, path in ((site, "/stranger-902.jpg"), (other_site, "/stranger-903.jpg")):
        browsers: dict[str, str] = {}
        ours: dict[str, str] = {}
        for asked, headers in made.requests:
            if asked == path:
                (ours if asks_as_program(headers) else browsers).update(headers)
        for words in NOT_READ_BY_US:
            browsers = {name: value.replace(words, "") for name, value in browsers.items()}
        hints = {name for name in browsers if name.lower().startswith("sec-ch-ua")}
        alike = set(browsers) - hints - UNLIKE_BROWSERS
        assert {name: ours.get(name) for name in alike} == {name: browsers[name] for name in alike}
        assert set(ours) - UNLIKE_BROWSERS == alike


def requests_of(site: Site, name: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a site was asked, without what differs from visit to visit, in one order: two pictures race."""
    asked = [
        (path.replace(name, "NAME"), sorted((key, value.replace(name, "NAME")) for key, value in headers.items()))
        for path, headers in site.requests
        if "favicon" not in path
    ]
    site.requests.clear()
    return sorted(asked)


@pytest.mark.parametrize("trouble", ["sign-in", "gone", "sign-in page", "no picture"])
def test_no_site_can_tell_from_its_requests_whether_a_picture_matched(
    browser: Chromium, site: Site, other_site: Site, trouble: str
) -> None:
    """Byte for byte the same, also where pictures are handed in by the browser."""
    seen = []
    for name in ("copy-5", "stranger-904"):
        path = f"/{name}.jpg?{trouble.replace(' ', '-')}"
        front = f"/{name}-{trouble.replace(' ', '-')}"
        for made in (site, other_site):
            made.files[path] = made.files[f"/{name}.jpg"]
            if trouble == "sign-in":
                sign_in(made, path, by=front)
            else:
                made.to_programs[path] = {
                    "gone": (404, "text/plain", b"gone"),
                    "sign-in page": (200, "text/html", b"<title>Sign in</title>"),
                    "no picture": (200, "image/jpeg", b"II*\0 something else"),
                }[trouble]
        site.files[front] = ("text/html", page_of([path, other_site.url(path)]))
        _, record = visit(browser, site.url(front), 2)
        assert bool(record["findings"]) == ("copy" in name)
        assert [count["undecided"] for count in record["counts"].values()] == [0]
        seen.append((requests_of(site, name), requests_of(other_site, name)))
    assert seen[0] == seen[1]


def test_a_question_about_what_lives_in_the_page_is_answered(browser: Chromium, site: Site) -> None:
    script = """<script>fetch("/copy-2.jpg").then((answer) => answer.blob()).then((blob) => {
        document.body.append(Object.assign(new Image(), {id: "blob", src: URL.createObjectURL(blob)}));
    })</script>"""
    site.files["/blob"] = ("text/html", page_of([]) + script.encode())
    page, _ = visit(browser, site.url("blob"), 1)
    answer = ask_about(browser, page, "#blob", site.url("blob"))
    wait_for_words(answer, str(TEXTS["answer_yes"]["message"]))


@pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="Xvfb or xdotool is not installed")
def test_a_question_about_what_is_shown_once_is_answered_from_the_screen(
    playwright: Any, launcher: Path, site: Site, other_site: Site, tmp_path: Path
) -> None:
    """With a real click, which alone lets us see the tab; on a canvas Chromium's menu has no entries of extensions."""
    style = f"width: 600px; height: 600px; background: url({other_site.url('copy-2.jpg')}) 0/contain no-repeat"
    shown = f'<div id=shown style="{style}">'
    site.files["/background"] = ("text/html", page_of([]) + shown.encode())
    other_site.only_with["/copy-2.jpg"] = ("Sec-Fetch-Dest", "image")  # not to the extension
    other_site.to_programs["/copy-2.jpg"] = (404, "text/plain", b"nor to the daemon")
    with virtual_screen() as display:
        environment = {"DISPLAY": display}
        with chromium(
            tmp_path, launcher, playwright=playwright, headless=False, environment=environment, viewport=(1000, 700)
        ) as headed:
            page = headed.context.new_page()
            page.goto(site.url("background"))
            headed.tab_id(page)  # the worker knows the page, and so its documents
            place = page.evaluate(
                """() => {
                    const box = document.getElementById("shown").getBoundingClientRect();
                    const frame = window.outerHeight - window.innerHeight;
                    return [window.screenX + box.x + 200, window.screenY + frame + box.y + 150];
                }"""
            )
            # Our entry is the last before the page's source and "Inspect".
            answer = opened_by_menu(headed, page, display, place, "Up", "Up", "Up", "Return")
            wait_for_words(answer, str(TEXTS["answer_yes"]["message"]))


def ask_about(browser: Chromium, page: Any, selector: str, address: str) -> Any:
    """Right-clicks on an element, and chooses our entry for what has no address."""
    page.click(selector, button="right")
    tab_id = browser.tab_id(page)
    with browser.context.expect_page() as opened:
        browser.worker.evaluate(
            """([tabId, pageUrl]) => chrome.tabs.get(tabId).then((tab) => chrome.contextMenus.onClicked.dispatch(
                {menuItemId: "is-this-me-here", pageUrl, frameId: 0, editable: false}, tab))""",
            [tab_id, address],
        )
    return opened.value
