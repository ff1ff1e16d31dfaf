"""The basics in a real Firefox, from the same source, with the same fake companion."""

import base64
import contextlib
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser_driver import Firefox, firefox, firefox_path
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.fake_host import plain_png
from tests.extension.page_server import ADD_LAST_PICTURE, PageServer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fox(companion: FakeCompanion, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    if firefox_path() is None:
        pytest.skip("Firefox is not installed")
    with firefox(tmp_path_factory.mktemp("firefox"), companion.launcher, in_private_windows=True) as started:
        yield started


@pytest.fixture(autouse=True)
def fresh(fox: Firefox, companion: FakeCompanion) -> Iterator[None]:
    companion.begin(fox)
    yield
    fox.close_tabs()


def names(companion: FakeCompanion) -> list[str]:
    return [Path(address).name for address in companion.checked()]


def go_to_private_window(driver: Any) -> None:
    """Opens one. Its own first page would replace ours if it came after it."""
    before = set(driver.window_handles)
    with driver.context("chrome"):
        driver.execute_script("OpenBrowserWindow({private: true})")
    (private,) = eventually(lambda: set(driver.window_handles) - before)
    driver.switch_to.window(private)
    eventually(lambda: driver.current_url.startswith("about:private"))


def in_own_page(fox: Firefox, path: str) -> Any:
    """Opens a page of the extension in a new tab and goes there."""
    fox.driver.switch_to.new_window("tab")
    fox.driver.get(fox.own_url(path))
    return fox.driver


def session(driver: Any) -> dict[str, Any]:
    """What the worker keeps; to be called in a page of the extension."""
    script = "const done = arguments[0]; chrome.storage.session.get(null).then(done)"
    kept: dict[str, Any] = driver.execute_async_script(script)
    return kept


def shown(driver: Any, selector: str) -> str:
    """The text of an element, or nothing where there is none yet."""
    with contextlib.suppress(Exception):
        return str(driver.find_element("css selector", selector).text)
    return ""


def test_of_a_private_window_the_companion_knows_that_it_is_one(
    fox: Firefox, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(want=["mine"])
    url = server.add("/private", "<img src=mine.png>")
    go_to_private_window(fox.driver)
    fox.driver.get(url)
    [request] = eventually(lambda: companion.heard("check_page"))
    assert (request["is_private"], request["who_fetches"]) == (True, "browser")
    [part] = eventually(lambda: companion.heard("supply_bytes"))
    assert part["target"] == request["id"]
    assert [path for path, _ in server.requests].count("/mine.png") == 1, "the window's own request"


def test_lazy_swapped_and_added_pictures_are_sent_once_each(
    fox: Firefox, server: PageServer, companion: FakeCompanion
) -> None:
    driver = fox.driver
    driver.get(
        server.add(
            "/page",
            "<img src=mine.png id=one><img src=mine.png><div style='height: 9000px'></div>"
            "<img src=other.png loading=lazy width=200 height=200>",
        )
    )
    eventually(lambda: names(companion) == ["mine.png"])
    driver.execute_script("one.src = 'maybe.png'")
    eventually(lambda: names(companion) == ["mine.png", "maybe.png"])
    driver.execute_script("scrollTo(0, document.body.scrollHeight)")
    eventually(lambda: names(companion)[2:] == ["other.png"])
    driver.execute_script(ADD_LAST_PICTURE)
    eventually(lambda: len(names(companion)) == 4)
    assert names(companion)[3] == "end.png"


def test_the_companion_hears_which_browser_it_is(fox: Firefox, companion: FakeCompanion) -> None:
    companion.kill()
    [hello] = eventually(lambda: companion.heard("hello"))
    assert hello["browser"] == "firefox"


KINDS = """<!doctype html><style>
  div, b::before { display: block; width: 200px; height: 150px }
  .plain { background-image: url(plain.png) } b.before::before { content: ""; background: url(before.png) }
  .set { background-image: image-set("low.png" 1x, "high.png" 2x) }
  .sheet { width: 90px; height: 90px; background: url(sheet.png) -90px 0 / 900px 900px }
</style><div class="plain"></div><b class="before"></b><div class="set"></div><div class="sheet"></div>
<svg width="300" height="200"><image href="svg.png" width="300" height="200"/></svg>
<video poster="poster.png" width="300" height="200"></video><input type="image" src="input.png" width="200">
<object data="object.png" type="image/png"></object><div id="host"></div><iframe id="blank"></iframe>
<script>
  host.attachShadow({mode: "closed"}).innerHTML = "<img src='closed.png'>";
  onload = () => { blank.contentDocument.body.innerHTML = "<img src='/framed.png'>"; };
</script>"""


def test_pictures_of_every_kind_are_found(fox: Firefox, server: PageServer, companion: FakeCompanion) -> None:
    expected = ["before", "closed", "framed", "input", "low", "object", "plain", "poster", "svg"]
    for name in expected:
        server.add(f"/{name}.png", plain_png(200, 150, (len(name) * 20, 60, 60)))
    fox.driver.get(server.add("/page", KINDS))
    # As a set: Firefox shows an <object> as a document of its own, in which it is found once more.
    eventually(lambda: set(names(companion)) == {f"{name}.png" for name in expected})
    fox.driver.get(server.url("/mine.png"))
    eventually(lambda: names(companion)[-1] == "mine.png")


def test_badge_and_popup_tell_what_was_found(
    fox: Firefox, server: PageServer, companion: FakeCompanion, screenshots: Path
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy", "edits": [{"kind": "mirrored"}]}})
    driver = fox.driver
    driver.get(server.add("/page", "<img src=mine.png><img src=other.png>"))
    eventually(lambda: len(names(companion)) == 2)
    in_own_page(fox, "popup/popup.html")
    [record] = eventually(lambda: [v for k, v in session(driver).items() if k.startswith("page:") and v["findings"]])
    script = "const done = arguments[1]; chrome.action.getBadgeText({tabId: arguments[0]}).then(done)"
    eventually(lambda: driver.execute_async_script(script, record["tab_id"]) == "1")
    driver.get(fox.own_url(f"popup/popup.html?tab={record['tab_id']}"))
    eventually(lambda: shown(driver, "#notice h2") == "1 picture here looks like yours")
    eventually(lambda: len(driver.find_elements("css selector", "#found img")) == 2)
    eventually(lambda: "What was changed: mirrored." in shown(driver, "#found"))
    driver.save_screenshot(str(screenshots / "popup-found-firefox.png"))


def test_the_sidebar_lists_what_was_found_and_shows_it_on_the_page(
    fox: Firefox, server: PageServer, companion: FakeCompanion, screenshots: Path
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    driver = fox.driver
    driver.get(server.add("/page", "<div style='height: 4000px'></div><img src=mine.png>"))
    web = driver.current_window_handle
    [record] = eventually(lambda: [v for k, v in fox.session().items() if k.startswith("page:") and v["findings"]])
    in_own_page(fox, f"panel/panel.html?tab={record['tab_id']}")
    eventually(lambda: len(driver.find_elements("css selector", "#found img")) == 2)
    driver.save_screenshot(str(screenshots / "panel-found-firefox.png"))
    _, not_me, _, show = driver.find_elements("css selector", "#found .row-of-actions > button")
    show.click()
    eventually(lambda: shown(driver, ".warning button.main"))
    driver.find_element("css selector", ".warning button.main").click()
    panel = driver.current_window_handle
    driver.switch_to.window(web)
    outlined = "return scrollY > 1000 && document.images[0].getAnimations().length === 1"
    eventually(lambda: driver.execute_script(outlined))
    driver.switch_to.window(panel)
    not_me.click()
    eventually(lambda: companion.heard("not_me"))
    eventually(lambda: driver.find_elements("css selector", "#decided-found .card"))


def test_a_real_right_click_opens_the_answer(
    fox: Firefox, server: PageServer, companion: FakeCompanion, screenshots: Path
) -> None:
    from selenium.webdriver import ActionChains

    companion.play(pictures={"mine": {"verdict": "copy"}})
    driver = fox.driver
    driver.get(server.add("/page", "<title>A profile</title><img src=mine.png>"))
    before = set(driver.window_handles)
    ActionChains(driver).context_click(driver.find_element("css selector", "img")).perform()
    eventually(lambda: fox.choose_in_menu("Is this me?"))
    [window] = eventually(lambda: set(driver.window_handles) - before)
    driver.switch_to.window(window)
    eventually(lambda: shown(driver, "h1") == "Yes, this looks like your photo")
    eventually(lambda: len(driver.find_elements("css selector", ".pair img")) == 2)
    driver.save_screenshot(str(screenshots / "answer-copy-firefox.png"))
    [asked] = companion.heard("check_image")
    assert asked["page"]["title"] == "A profile"


HELD = """<!doctype html><img id="one"><img src="own.png"><img src="OTHER">
<canvas id="drawn" width="120" height="80"></canvas><script>
  const context = drawn.getContext("2d");
  context.fillStyle = "rgb(200, 10, 20)";
  context.fillRect(0, 0, 60, 80);
  fetch("photo.png").then((answer) => answer.blob()).then((blob) => { one.src = URL.createObjectURL(blob); });
</script>"""


def test_what_only_the_page_has_is_given_by_it(fox: Firefox, server: PageServer, companion: FakeCompanion) -> None:
    companion.play(want=["", "own"])
    photo = plain_png(300, 200, (50, 90, 150))
    server.add("/photo.png", photo)
    server.add("/own.png", plain_png(222, 100, (10, 200, 30)))
    fox.driver.get(server.add("/page", HELD.replace("OTHER", server.url("/own.png", host="localhost"))))

    def given() -> list[bytes]:
        return [base64.b64decode(message["bytes"]) for message in companion.heard("supply_bytes")]

    def drawn(width: int) -> list[Image.Image]:
        pictures = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in given()]
        return [picture for picture in pictures if picture.width == width]

    eventually(lambda: photo in given() and drawn(222) and drawn(120))
    assert drawn(222)[0].getpixel((50, 50)) == (10, 200, 30)
    assert drawn(120)[0].getpixel((20, 20)) == (200, 10, 20)
    script = "return performance.getEntriesByType('resource').map(({name}) => name.split('/').pop())"
    noticed = [name for name in fox.driver.execute_script(script) if name != "favicon.ico"]
    assert sorted(noticed) == ["own.png", "own.png", "photo.png"], "what the page itself asked for"


HIDDEN = """<!doctype html><html><head><style>
  div { width: 200px; height: 100px } .hidden { display: none } .in { background: url(/never-in-hidden.png) }
  .in::before { content: url(/never-before-hidden.png) } .no-content::after { background: url(/never-after.png) }
</style></head><body><img src="mine.png"><div class="hidden"><div class="in"></div></div><div class="no-content"></div>
<div style="background: url(last.png)"></div></body></html>"""


def test_a_page_in_firefox_sees_no_change_of_its_document_and_its_server_no_other_requests(
    fox: Firefox, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    server.add("/last.png", plain_png(200, 100, (30, 60, 90)))
    policy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    fox.driver.get(server.add("/page", HIDDEN, Content_Security_Policy=policy))
    eventually(lambda: sorted(names(companion)) == ["last.png", "mine.png"])
    time.sleep(0.3)
    now = fox.driver.execute_script("return document.documentElement.outerHTML")
    assert now == HIDDEN.removeprefix("<!doctype html>")
    asked = sorted(path for path, _ in server.requests if "favicon" not in path)
    assert asked == ["/last.png", "/mine.png", "/page"]


def test_a_closed_tab_cancels_what_it_waited_for(fox: Firefox, server: PageServer, companion: FakeCompanion) -> None:
    companion.play(delay_seconds=60)
    fox.driver.switch_to.new_window("tab")
    fox.driver.get(server.add("/page", "<img src=mine.png><img src=other.png>"))
    eventually(lambda: len(names(companion)) == 2)
    requests = {request["id"] for request in companion.heard("check_page")}
    fox.driver.close()
    fox.driver.switch_to.window(fox.first_tab)
    eventually(lambda: {cancel["target"] for cancel in companion.heard("cancel")} == requests)


def test_without_a_companion_firefox_says_so(fox: Firefox, companion: FakeCompanion, tmp_path: Path) -> None:
    with firefox(tmp_path, None) as bare:
        bare.driver.get(bare.own_url("popup/popup.html"))
        eventually(lambda: shown(bare.driver, "#notice h2") == "The companion program is not set up")


def record_of(fox: Firefox, url: str, field: str) -> dict[str, Any]:
    """What the worker knows of a page, once it knows this of it."""
    records = [kept for key, kept in fox.session().items() if key.startswith("page:")]
    return next((record for record in records if record["address"] == url and record[field]), {})


def test_one_click_saves_the_whole_page_without_scrolling_it(
    fox: Firefox, server: PageServer, companion: FakeCompanion
) -> None:
    bundle = {"type": "evidence", "bundle_id": 1, "path": "/home/anna/evidence/a.zip", "name": "a.zip"}
    answers = {"save_evidence": bundle, "bundles": {"type": "bundles", "bundles": []}}
    companion.play(pictures={"mine": {"verdict": "copy"}}, answers=answers)
    driver = fox.driver
    bands = "".join(f"<div style='height: 500px; background: rgb({30 * n}, 90, 0)'></div>" for n in range(8))
    style = "<style>body { margin: 0 } img { position: absolute; top: 9px }</style>"
    url = server.add("/page", f"<!doctype html>{style}<img src=mine.png>{bands}")
    driver.get(url)
    driver.execute_async_script("scrollTo(0, 333); addEventListener('scroll', () => arguments[0](), {once: true})")
    driver.execute_script("addEventListener('scroll', () => { window.wasScrolled = true })")
    page = driver.current_window_handle
    record = eventually(lambda: record_of(fox, url, "findings"))
    size = driver.execute_script("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    in_own_page(fox, f"evidence/evidence.html?sightings=1&page={url}&tab={record['tab_id']}")
    eventually(lambda: shown(driver, "#saved strong") == "a.zip")
    assert shown(driver, "#notes") == ""
    frames = {frame["kind"]: frame for frame in companion.heard("capture_page")}
    assert list(frames) == ["screen", "html", "whole"]
    with Image.open(io.BytesIO(base64.b64decode(frames["whole"]["bytes"]))) as whole:
        assert list(whole.size) == size
        found = [whole.convert("RGB").getpixel((size[0] - 5, 500 * n + 250)) for n in range(8)]
    assert found == [(30 * n, 90, 0) for n in range(8)]
    driver.switch_to.window(page)
    assert driver.execute_script("return [scrollY, window.wasScrolled]") == [333, None]


def test_of_a_private_window_no_evidence_is_saved(fox: Firefox, server: PageServer, companion: FakeCompanion) -> None:
    driver, before = fox.driver, fox.driver.current_window_handle
    url = server.add("/private", "<img src=mine.png>")
    go_to_private_window(driver)
    driver.get(url)
    record = eventually(lambda: record_of(fox, url, "address"))
    driver.switch_to.window(before)
    in_own_page(fox, f"evidence/evidence.html?sightings=1&page={url}&tab={record['tab_id']}")
    eventually(lambda: shown(driver, "#lead").startswith("Of a private window nothing is written"))
    assert companion.heard("capture_page") + companion.heard("save_evidence") == []
