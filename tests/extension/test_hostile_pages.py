"""Pages that fight back: they hide behind names, speak in our name, and heap up more than anybody can hold.

What each attack leaves behind is looked at from outside: the page's own good picture is asked about all the same,
another tab is served meanwhile, and the companion hears nothing but questions about pictures.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser_driver import CHROMIUM_ID, Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.fake_host import plain_png
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

# What a document shows under its own names instead of its methods and properties: elements that are called like them.
DOCUMENT_NAMES = [
    "querySelectorAll",
    "querySelector",
    "addEventListener",
    "removeEventListener",
    "title",
    "body",
    "documentElement",
    "scrollingElement",
    "defaultView",
    "visibilityState",
    "images",
    "location",
    "referrer",
    "baseURI",
    "children",
    "childNodes",
    "firstChild",
    "lastChild",
    "elementsFromPoint",
    "getElementById",
    "getElementsByTagName",
    "createElement",
    "styleSheets",
    "readyState",
    "prerendering",
    "nodeType",
    "isConnected",
    "getRootNode",
    "hidden",
    "URL",
    "cookie",
    "contains",
    "head",
    "forms",
    "all",
    "ownerDocument",
    "fullscreenElement",
]
FORM_NAMES = [
    "matches",
    "querySelectorAll",
    "isConnected",
    "parentNode",
    "getAttribute",
    "attributes",
    "localName",
    "tagName",
    "shadowRoot",
    "getRootNode",
    "getBoundingClientRect",
    "hasAttributes",
    "childNodes",
    "children",
    "nodeType",
    "instanceOf",
    "constructor",
    "style",
    "src",
    "openOrClosedShadowRoot",
]
# Everything that our own parts say to each other, said by a page.
OUR_WORDS = """[
  {type: "document", token: "x", address: "https://victim.example/", title: "", settled: []},
  {type: "pictures", pictures: [{key: "k", source: "https://victim.example/secret.png", width: 300, height: 300}]},
  {type: "give", key: "k"}, {type: "settled", keys: ["k"]}, {type: "show", key: "k"}, {type: "under_pointer"},
  {type: "sightings"}, {type: "delete_sightings"}, {type: "rebuild"}, {type: "save_evidence"}, {type: "give_text"},
]"""


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


@pytest.fixture
def tab(browser: Chromium) -> Iterator[Any]:
    page = browser.context.new_page()
    yield page
    page.close()


def names_checked(companion: FakeCompanion) -> set[str]:
    return {urlsplit(address).path.rpartition("/")[2] for address in companion.checked()}


def test_a_page_cannot_hide_its_pictures_behind_elements_that_are_called_like_methods(
    browser: Chromium, companion: FakeCompanion, server: PageServer, tab: Any
) -> None:
    documents = "".join(f"<img name='{name}' id='{name}' hidden><form name='{name}'></form>" for name in DOCUMENT_NAMES)
    fields = "".join(f"<input name='{name}' hidden>" for name in FORM_NAMES)
    server.add("/before.png", plain_png(200, 150, (10, 90, 200)))
    server.add("/later.png", plain_png(200, 150, (10, 200, 90)))
    server.add(
        "/clobbered",
        f"<!doctype html><title>A shop</title>{documents}<form>{fields}<img src=before.png></form>"
        "<form id=host>" + fields + "<div style='width:200px;height:150px;background:url(mine.png)'></div></form>"
        "<script>onload = () => { const later = new Image(); later.src = 'later.png';"
        " Document.prototype.querySelector.call(document, '#host').append(later) }</script>",
    )
    companion.play(pictures={"mine": {"verdict": "copy"}})
    tab.goto(server.url("/clobbered"))
    assert tab.evaluate("typeof document.title !== 'string' && typeof document.querySelectorAll !== 'function'")
    eventually(lambda: {"before.png", "mine.png", "later.png"} <= names_checked(companion))
    tab_id = browser.tab_id(tab)
    eventually(lambda: browser.badge(tab_id) == "1")
    assert browser.page_record(tab)["title"] == "A shop"


def test_what_a_page_says_in_our_name_is_heard_by_nobody(
    browser: Chromium, companion: FakeCompanion, server: PageServer, tab: Any
) -> None:
    tab.goto(server.add("/liar", "<!doctype html><title>A liar</title><img src=mine.png>"))
    eventually(lambda: "mine.png" in names_checked(companion))
    said = tab.evaluate(
        """async ([id]) => {
            const channel = new BroadcastChannel("page");
            let tries = 0;
            for (const words of OUR_WORDS) {
              for (const target of [window, top]) target.postMessage(words, "*");
              channel.postMessage(words);
              for (const name of ["message", words.type]) {
                dispatchEvent(new CustomEvent(name, {detail: words}));
                document.dispatchEvent(new MessageEvent(name, {data: words, origin: `chrome-extension://${id}`}));
              }
              tries += 1;
            }
            // Events that the browser alone may make are told apart by whoever listens; ours know them by the picture.
            for (const name of ["load", "contextmenu", "pageshow", "popstate", "visibilitychange"])
              document.images[0].dispatchEvent(new Event(name, {bubbles: true}));
            const opened = open(`chrome-extension://${id}/sightings/sightings.html`);
            let reached = "nothing";
            try { opened.postMessage({type: "rebuild"}, "*"); reached = opened.document?.title ?? "nothing" } catch {}
            opened?.close();
            const runtime = globalThis.chrome?.runtime?.connect ? "there" : "not there";
            return {tries, reached, runtime};
        }""".replace("OUR_WORDS", OUR_WORDS),
        [CHROMIUM_ID],
    )
    assert said == {"tries": 11, "reached": said["reached"], "runtime": "not there"}
    assert said["reached"] in ("nothing", ""), "a page of ours was opened by a stranger"
    # The next question of a well-behaved tab is answered after whatever the liar's words set off.
    other = browser.context.new_page()
    other.goto(server.add("/honest", "<!doctype html><title>Honest</title><img src=other.png>"))
    eventually(lambda: "other.png" in names_checked(companion))
    other.close()
    assert names_checked(companion) == {"mine.png", "other.png"}
    for kind in ("sightings", "delete_sightings", "rebuild", "save_evidence", "check_image"):
        assert not companion.heard(kind), kind
    assert {urlsplit(message["page"]["address"]).path for message in companion.heard("check_page")} == {
        "/liar",
        "/honest",
    }


def test_a_page_that_forbids_everything_hears_of_no_breach(
    browser: Chromium, companion: FakeCompanion, server: PageServer, tab: Any
) -> None:
    policy = f"default-src 'none'; img-src 'self' blob: data:; script-src 'nonce-n'; report-uri {server.url('/report')}"
    address = server.add(
        "/strict",
        "<!doctype html><title>Strict</title><img src=mine.png><canvas width=200 height=200></canvas><img id=blob>"
        "<script nonce=n>const seen = [];"
        "addEventListener('securitypolicyviolation', (event) => seen.push(event.violatedDirective), true);"
        "const canvas = document.querySelector('canvas'); canvas.getContext('2d').fillRect(0, 0, 150, 150);"
        "canvas.toBlob((bytes) => { blob.src = URL.createObjectURL(bytes) })</script>",
        Content_Security_Policy=policy,
        Require_Trusted_Types_For="'script'",
    )
    companion.play(pictures={"mine": {"verdict": "copy"}})
    tab.goto(address)
    tab_id = browser.tab_id(tab)
    eventually(lambda: browser.badge(tab_id) == "1")
    eventually(lambda: sum(count["looked"] for count in browser.page_record(tab)["counts"].values()) == 3)
    assert tab.evaluate("seen") == []
    assert not [path for path, _ in server.requests if "report" in path]


HEAPS = {
    "an address of twelve million characters": "const image = new Image(); image.width = image.height = 200;"
    "image.src = 'data:image/png;base64,' + 'A'.repeat(12e6); document.body.append(image)",
    # Of deeper ones Chromium's own process for the page dies, with us and without.
    "two thousand elements, each in the one before": "let deepest = document.body;"
    "for (let i = 0; i < 2000; i++) deepest = deepest.appendChild(document.createElement('b'))",
    "two hundred closed shadow roots, each in the one before": "let inner = document.body;"
    "for (let i = 0; i < 200; i++) { const host = document.createElement('div'); inner.append(host);"
    "inner = host.attachShadow({mode: 'closed'}) }",
    "a picture with twenty thousand choices": "const image = new Image(); image.srcset ="
    "Array.from({length: 2e4}, (_, i) => `other.png?${i} ${i + 1}w`).join(); document.body.append(image)",
    "backgrounds in ten thousand layers": "const box = document.createElement('div');"
    "box.style.cssText = 'width: 200px; height: 200px'; box.style.backgroundImage ="
    "Array.from({length: 1e4}, (_, i) => `url(other.png#${i})`).join(); document.body.append(box)",
    "a title of halves of characters": "document.title = '\\ud800'.repeat(2e6)",
    "fifty frames": "for (let i = 0; i < 50; i++) { const frame = document.createElement('iframe');"
    "frame.srcdoc = '<img src=other.png width=200 height=200>'; document.body.append(frame) }",
    "an address of its own two hundred times": "for (let i = 0; i < 190; i++) history.replaceState(null, '', `?${i}`)",
}


@pytest.mark.parametrize("heap", HEAPS)
def test_heaps_hide_nothing_and_hold_nobody_up(
    browser: Chromium, companion: FakeCompanion, server: PageServer, tab: Any, heap: str
) -> None:
    server.add("/after.png", plain_png(220, 160, (120, 30, 160)))
    tab.goto(server.add("/heap", "<!doctype html><title>A heap</title><body></body>"))
    tab.evaluate(HEAPS[heap])
    tab.evaluate("document.body.prepend(Object.assign(new Image(), {src: 'after.png'}))")
    other = browser.context.new_page()
    other.goto(server.add("/quiet", "<!doctype html><title>Quiet</title><img src=maybe.png>"))
    eventually(lambda: "maybe.png" in names_checked(companion))
    other.close()
    tab.bring_to_front()
    eventually(lambda: "after.png" in names_checked(companion))


def test_a_page_that_never_rests_does_not_starve_the_others(
    browser: Chromium, companion: FakeCompanion, server: PageServer, tab: Any
) -> None:
    """Swaps, new addresses, titles and styles without end, as fast as the page can."""
    tab.goto(server.add("/storm", "<!doctype html><title>A storm</title><img id=swapped src=mine.png><p id=box>x</p>"))
    eventually(lambda: "mine.png" in names_checked(companion))
    tab.evaluate("""() => {
        let count = 0;
        const storm = () => {
            count += 1;
            swapped.src = `mine.png?${count}`;
            document.title = `A storm ${1000 + count}`;
            box.className = `c${count}`;
            box.style.backgroundImage = `url(other.png#${count})`;
            if (count % 50 === 0) try { history.replaceState(null, "", `?${count}`) } catch {}
            setTimeout(storm);
        };
        storm();
    }""")
    tab.wait_for_function("() => document.title > 'A storm 1200'")
    other = browser.context.new_page()
    other.goto(server.add("/quiet", "<!doctype html><title>Quiet</title><img src=maybe.png>"))
    eventually(lambda: "maybe.png" in names_checked(companion))
    other.close()
