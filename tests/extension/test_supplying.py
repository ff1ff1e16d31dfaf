"""Pictures that only the browser has are handed in when the companion asks, and at no other time."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.fake_host import plain_png
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

HIDDEN = plain_png(320, 240, (10, 120, 30))


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


@pytest.fixture
def page(browser: Chromium) -> Iterator[Any]:
    page = browser.context.new_page()
    yield page
    page.close()


@pytest.fixture
def other_server() -> Iterator[PageServer]:
    """Another port of the same host: another origin, of the same site."""
    server = PageServer()
    yield server
    server.close()


def supplied(companion: FakeCompanion) -> bytes | None:
    """The first picture that was handed in whole."""
    parts = companion.heard("supply_bytes")
    if not parts or len(parts) < parts[0]["parts"]:
        return None
    return b"".join(base64.b64decode(part["bytes"]) for part in parts)


def images(companion: FakeCompanion) -> list[dict[str, Any]]:
    return [image for message in companion.heard("check_page") for image in message["images"]]


def test_a_picture_behind_a_sign_in_is_fetched_as_the_user(
    page: Any, server: PageServer, other_server: PageServer, companion: FakeCompanion
) -> None:
    server.add("/sign-in", "<p>Signed in", Set_Cookie="user=ann; Path=/")
    other_server.add("/hidden.png", HIDDEN)
    other_server.files["/hidden.png"].only_with = ("Cookie", "user=ann")
    companion.play(want=["hidden.png"])
    page.goto(server.url("/sign-in"))
    page.goto(server.add("/page", f'<img src="{other_server.url("/hidden.png")}">'))
    assert eventually(lambda: supplied(companion)) == HIDDEN
    asked = [headers for path, headers in other_server.requests if path == "/hidden.png"]
    assert len(asked) == 2, "the page's own, and ours"
    assert all("user=ann" in headers["Cookie"] for headers in asked)


def test_what_lives_in_the_page_alone_is_read_there(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    script = """fetch("mine.png").then((answer) => answer.blob()).then((blob) => {
        document.body.append(Object.assign(new Image(), {src: URL.createObjectURL(blob)}));
    })"""
    companion.play(want=[""])
    page.goto(server.add("/page", f"<body><script>{script}</script>"))
    mine = server.files["/mine.png"].body
    assert eventually(lambda: supplied(companion)) == mine
    [image] = images(companion)
    image.pop("is_seen", None)  # by the time that it is asked about the browser may have told
    assert image == {"key": image["key"], "may_supply": True, "referrer_policy": ""}
    assert [path for path, _ in server.requests].count("/mine.png") == 1, "nobody asked the site again"


def test_a_canvas_is_handed_in(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    script = """const pen = canvas.getContext("2d"); pen.fillStyle = "rgb(1, 200, 3)"; pen.fillRect(0, 0, 300, 200);
        pen.fillStyle = "black"; pen.fillRect(30, 20, 90, 120)"""
    companion.play(want=[""])
    page.goto(server.add("/page", f"<canvas id=canvas width=300 height=200></canvas><script>{script}</script>"))
    data = eventually(lambda: supplied(companion))
    assert data is not None
    assert data.startswith((b"\x89PNG", b"\xff\xd8\xff"))


def test_nothing_is_handed_in_unasked(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    page.goto(server.add("/page", "<img src=mine.png><img src=other.png>"))
    eventually(lambda: len(companion.checked()) == 2)
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'maybe.png'}))")
    eventually(lambda: len(companion.checked()) == 3)
    assert companion.heard("supply_bytes") + companion.heard("supply_nothing") == []


def test_a_picture_that_nobody_can_have_is_said_to_be_so(
    page: Any, server: PageServer, other_server: PageServer, companion: FakeCompanion
) -> None:
    other_server.add("/shown.png", HIDDEN)
    other_server.files["/shown.png"].only_with = ("Sec-Fetch-Dest", "image")
    companion.play(want=["shown.png"])
    page.goto(server.add("/page", f'<img src="{other_server.url("/shown.png")}">'))
    [refusal] = eventually(lambda: companion.heard("supply_nothing"))
    assert refusal["reason"] == "status_403"


def test_the_companion_hears_how_the_browser_asked(
    page: Any, server: PageServer, other_server: PageServer, companion: FakeCompanion
) -> None:
    frame = other_server.add("/frame?x", "<img src=inside.png>", Referrer_Policy="no-referrer, origin")
    other_server.files["/frame"] = other_server.files.pop("/frame?x")
    other_server.add("/inside.png", plain_png(130, 130, (90, 120, 90)))
    page.goto(
        server.add(
            "/page",
            f'''<img src="mine.png"><img src="other.png" referrerpolicy="unsafe-url"><iframe src="{frame}"></iframe>''',
            Referrer_Policy="same-origin",
        )
    )
    eventually(lambda: len(images(companion)) == 3)
    told = {Path(image["address"]).name: image for image in images(companion)}
    assert told["mine.png"]["referrer_policy"] == "same-origin"
    assert told["other.png"]["referrer_policy"] == "unsafe-url"
    assert told["inside.png"]["referrer_policy"] == "no-referrer, origin"
    assert told["inside.png"]["document"] == frame
    assert "document" not in told["mine.png"]
    assert {message["who_fetches"] for message in companion.heard("check_page")} == {"companion"}


def test_the_user_may_have_the_browser_alone_fetch(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    browser.ask_worker("() => chrome.storage.local.set({who_fetches: 'browser'})")
    try:
        eventually(lambda: browser.session()["fetching"]["because"] == "setting")
        page.goto(server.add("/page", "<img src=mine.png>"))
        [request] = eventually(lambda: companion.heard("check_page"))
        assert request["who_fetches"] == "browser"
    finally:
        browser.ask_worker("() => chrome.storage.local.remove('who_fetches')")
    eventually(lambda: browser.session()["fetching"]["because"] is None)


def test_a_browser_with_a_proxy_fetches_alone(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    set_proxy = "(value) => chrome.proxy.settings.set({value, scope: 'regular'})"
    rules = {"mode": "fixed_servers", "rules": {"singleProxy": {"host": "127.0.0.1", "port": 9}}}
    browser.ask_worker(set_proxy, rules)
    try:
        state = eventually(lambda: browser.session()["fetching"] if browser.session()["fetching"]["because"] else None)
        assert state == {"who": "browser", "because": "proxy"}
        popup = browser.open_own("popup/popup.html")
        popup.wait_for_selector("#fetching:not([hidden])")
        assert "proxy" in popup.inner_text("#fetching")
        popup.close()
    finally:
        browser.ask_worker("() => chrome.proxy.settings.clear({})")
    eventually(lambda: browser.session()["fetching"]["who"] == "companion")
