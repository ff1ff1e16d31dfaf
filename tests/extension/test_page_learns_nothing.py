"""A page cannot tell whether the extension is there, nor whether a picture matched; neither can its server."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import CHROMIUM_ID, EXTENSION, Chromium, chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.fake_host import plain_png
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

# Everything that a suspicious page can watch: its own DOM, its globals, events, errors, requests, and probes for files
# of extensions. It begins before the page's own elements are there.
SPY = """
<script>
  const seen = {mutations: [], events: [], errors: [], patched: []};
  new MutationObserver((records) => {
    for (const {type, target, attributeName, addedNodes} of records)
      seen.mutations.push([type, target.nodeName, attributeName, [...addedNodes].map((node) => node.nodeName).join()]);
  }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  for (const name of ["message", "click", "focus", "blur", "visibilitychange", "copy", "error", "unhandledrejection",
                      "securitypolicyviolation"])
    addEventListener(name, (event) => seen.events.push([name, String(event.target?.nodeName)]), true);
  // Were a content script to run in the page's world, it would pass through these.
  for (const [owner, name] of [[window, "IntersectionObserver"], [window, "MutationObserver"], [window, "fetch"],
                               [Document.prototype, "querySelectorAll"], [Element.prototype, "getBoundingClientRect"],
                               [EventTarget.prototype, "addEventListener"], [window, "requestIdleCallback"],
                               [window, "getComputedStyle"],
                               [window, "OffscreenCanvas"], [window, "FileReader"], [window, "URL"],
                               [HTMLCanvasElement.prototype, "toBlob"], [HTMLCanvasElement.prototype, "getContext"],
                               [CanvasRenderingContext2D.prototype, "drawImage"], [Node.prototype, "getRootNode"],
                               [Document.prototype, "elementsFromPoint"], [Element.prototype, "matches"]]) {
    const real = owner[name];
    owner[name] = new Proxy(real, {
      apply: (target, self, values) => (seen.patched.push(name), Reflect.apply(target, self, values)),
      construct: (target, values) => (seen.patched.push(name), Reflect.construct(target, values)),
    });
  }
  async function report() {
    const probes = [];
    for (const path of ["manifest.json", "popup/popup.html", "icons/on-48.png", "content/main.js"])
      probes.push(await fetch(`chrome-extension://EXTENSION_ID/${path}`).then(() => "there", () => "not there"));
    return {
      html: document.documentElement.outerHTML,
      globals: Object.getOwnPropertyNames(window).sort(),
      onDocument: Object.getOwnPropertyNames(document).sort(),
      attributes: [...document.querySelectorAll("*")].map((element) => element.getAttributeNames()),
      resources: performance.getEntriesByType("resource").map(({name, initiatorType}) => [name, initiatorType]),
      runtime: typeof globalThis.chrome?.runtime,
      styles: [...document.querySelectorAll("*")].map((element) => getComputedStyle(element).cssText.length),
      sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
      probes,
      ...seen,
    };
  }
</script>
""".replace("EXTENSION_ID", CHROMIUM_ID)
HEAD = f'<!doctype html><title>Spying</title><link rel="icon" href="data:,">{SPY}'
BODY = """
<img src="mine.png" id="one"><img src="other.png">
<picture><source srcset="maybe.png"><img src="other.png"></picture>
<style>
  .box { width: 200px; height: 100px } .plain { background: url(plain.png) }
  .before::before { content: ""; display: block; width: 200px; height: 90px; background: url(before.png) }
  .no-content::before, .no-content::after { background: url(never-before.png) }
  .hidden { display: none } .hidden .in { background: url(never-in-hidden.png) }
  .hidden .in::before { content: url(never-before-hidden.png) }
  .box:hover::after { content: url(never-hovered.png) }
  .far { margin-top: 3000px; background: url(far-styled.png) }
</style>
<div class="box plain"></div><div class="box before"></div><div class="box no-content"></div>
<div class="hidden" id="hidden"><div class="box in"></div><p><span class="box in" style="--x: 1">x</span></p></div>
<svg width="200" height="100"><image href="svg.png" width="200" height="100"></image></svg>
<video poster="poster.png" width="200" height="100"></video><input type="image" src="input.png" width="100">
<object data="object.png" type="image/png"></object>
<div id="host"></div><canvas id="drawn" width="200" height="100"></canvas><img id="blob">
<script>
  host.attachShadow({mode: "closed"}).innerHTML = "<img src='closed.png'>";
  drawn.getContext("2d").fillRect(0, 0, 90, 90);
  const other = Object.assign(document.createElement("canvas"), {width: 100, height: 100});
  other.getContext("2d").fillRect(0, 0, 50, 50);
  other.toBlob((bytes) => { blob.src = URL.createObjectURL(bytes); });
</script>
<iframe src="frame" title="inside"></iframe><div class="box far"></div><div style="height: 1000px"></div>
<img src="far.png" loading="lazy" width="100" height="100">"""


@pytest.fixture(scope="module")
def plain(playwright: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The same browser without the extension."""
    with chromium(tmp_path_factory.mktemp("plain"), None, extension=None, playwright=playwright) as started:
        yield started


@pytest.fixture
def spying(server: PageServer) -> str:
    for name in ("far", "plain", "before", "svg", "poster", "input", "object", "closed", "far-styled"):
        server.add(f"/{name}.png", plain_png(120, 120, (90, 90, len(name) * 9)))
    # Not one of the page's pictures: whether the browser asks once or twice for those would depend on the moment.
    server.add("/inside.png", plain_png(130, 130, (90, 120, 90)))
    server.add("/frame", "<img src='inside.png'>")
    return server.add("/spying", HEAD + BODY)


def visit(context: Any, url: str, *, until: Any = None) -> dict[str, Any]:
    """What the page could see of a visit in which somebody scrolls and something is swapped."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.evaluate("one.src = 'maybe.png'")
    page.evaluate("scrollTo(0, 3500)")
    page.wait_for_function("() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    page.wait_for_timeout(500)
    if until:
        eventually(until)
    report: dict[str, Any] = page.evaluate("report()")
    page.close()
    # Which picture is complete first depends on the machine's load, not on us.
    report |= {name: sorted(report[name]) for name in ("resources", "events")}
    return report | {"html": re.sub(r"blob:[^\"]+", "blob:", report["html"])}  # a new address each time


def requests_of(server: PageServer) -> list[tuple[str, str]]:
    asked = [(path, headers.get("User-Agent", "")) for path, headers in server.requests if "favicon" not in path]
    server.requests.clear()
    return sorted(asked)


def test_a_page_sees_no_difference_with_and_without_the_extension_and_with_and_without_a_match(
    plain: Chromium, browser: Chromium, companion: FakeCompanion, server: PageServer, spying: str
) -> None:
    without = visit(plain.context, spying)
    asked_without = requests_of(server)
    companion.play()
    all_pictures = {"mine.png", "other.png", "maybe.png", "far.png", "inside.png", "plain.png", "before.png"}
    all_pictures |= {"svg.png", "poster.png", "input.png", "object.png", "closed.png", "far-styled.png"}

    def are_checked() -> bool:
        return all_pictures <= {Path(address).name for address in companion.checked()}

    no_match = visit(browser.context, spying, until=are_checked)
    asked_no_match = requests_of(server)
    companion.play(pictures={"mine": {"verdict": "copy"}, "maybe": {"verdict": "possible_copy"}})
    match = visit(browser.context, spying, until=are_checked)
    asked_match = requests_of(server)
    for key in without:
        assert no_match[key] == without[key], key
        assert match[key] == without[key], key
    assert without["probes"] == ["not there"] * 4
    assert not [path for path, _ in asked_without if "never" in path], "the page hides these pictures"
    assert asked_no_match == asked_without
    assert asked_match == asked_without


def test_a_page_cannot_reach_the_extension_by_its_id(browser: Chromium, server: PageServer) -> None:
    page = browser.context.new_page()
    page.goto(server.add("/page", "<p>Hello</p>"))
    assert page.evaluate("typeof chrome?.runtime?.sendMessage") == "undefined"
    framed = f"chrome-extension://{CHROMIUM_ID}/popup/popup.html"
    with contextlib.suppress(Exception):
        page.goto(framed, referer=page.url)
    page.goto(server.url("/page"))
    page.evaluate(
        """(url) => new Promise((done) => {
            const frame = Object.assign(document.createElement("iframe"), {src: url, onload: done});
            document.body.append(frame);
        })""",
        framed,
    )
    [frame] = [frame for frame in page.frames if frame.parent_frame]
    assert "popup" not in frame.content(), "no page of ours can be put into a frame"
    page.close()


def test_no_file_of_the_extension_is_offered_to_pages() -> None:
    assert "web_accessible_resources" not in (EXTENSION / "manifest.json").read_text(encoding="utf-8")
