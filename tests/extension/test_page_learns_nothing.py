"""A page cannot tell whether the extension is there, nor whether a picture matched; neither can its server."""

import contextlib
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
                               [EventTarget.prototype, "addEventListener"], [window, "requestIdleCallback"]]) {
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
PAGE = f"""<!doctype html><title>Spying</title><link rel="icon" href="data:,">{SPY}
<img src="mine.png" id="one"><img src="other.png">
<picture><source srcset="maybe.png"><img src="other.png"></picture>
<iframe src="frame" title="inside"></iframe><div style="height: 4000px"></div>
<img src="far.png" loading="lazy" width="100" height="100">"""


@pytest.fixture(scope="module")
def plain(playwright: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """The same browser without the extension."""
    with chromium(tmp_path_factory.mktemp("plain"), None, extension=None, playwright=playwright) as started:
        yield started


@pytest.fixture
def spying(server: PageServer) -> str:
    server.add("/far.png", plain_png(120, 120, (90, 90, 90)))
    # Not one of the page's pictures: whether the browser asks once or twice for those would depend on the moment.
    server.add("/inside.png", plain_png(130, 130, (90, 120, 90)))
    server.add("/frame", "<img src='inside.png'>")
    return server.add("/spying", PAGE)


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
    return report | {name: sorted(report[name]) for name in ("resources", "events")}


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
    all_pictures = {"mine.png", "other.png", "maybe.png", "far.png", "inside.png"}

    def are_checked() -> bool:
        return {Path(address).name for address in companion.checked()} == all_pictures

    no_match = visit(browser.context, spying, until=are_checked)
    asked_no_match = requests_of(server)
    companion.play(pictures={"mine": {"verdict": "copy"}, "maybe": {"verdict": "possible_copy"}})
    match = visit(browser.context, spying, until=are_checked)
    asked_match = requests_of(server)
    for key in without:
        assert no_match[key] == without[key], key
        assert match[key] == without[key], key
    assert without["probes"] == ["not there"] * 4
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
