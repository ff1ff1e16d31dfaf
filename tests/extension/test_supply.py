"""A document gives the bytes of what it shows, and tells what lies under the pointer."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.browser_driver import Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

# The worker's end of each document's connection, and what was said there: Chromium hands both to all who listen. What
# is forgotten stays so: a document that is left may still be about to say what it shows.
LISTEN = """() => {
  const isListening = "ends" in globalThis;
  globalThis.ends = [];
  globalThis.said = [];
  if (!isListening) chrome.runtime.onConnect.addListener((port) => {
    if (port.name !== "page") return;
    ends.push(port);
    port.onMessage.addListener((message) => {
      if (ends.includes(port)) said.push({...message, end: ends.indexOf(port)});
    });
  });
}"""
Message = dict[str, Any]


class Ends:
    """Speaks to documents as the worker does."""

    def __init__(self, browser: Chromium) -> None:
        self._browser = browser
        browser.ask_worker(LISTEN)

    def forget(self) -> None:
        self._browser.ask_worker(LISTEN)

    def said(self, *kinds: str) -> list[Message]:
        messages: list[Message] = self._browser.ask_worker("() => said")
        return [message for message in messages if message["type"] in kinds]

    def pictures(self) -> list[Message]:
        """What the documents reported, each with the end that it came through."""
        return [picture | {"end": m["end"]} for m in self.said("pictures") for picture in m["pictures"]]

    def say(self, end: int, message: Message) -> None:
        self._browser.ask_worker("([end, message]) => ends[end].postMessage(message)", [end, message])

    def give(self, picture: Message) -> bytes | str:
        """The bytes of a picture, or why there are none."""
        before = len(self.said("given", "not_given"))
        self.say(picture["end"], {"type": "give", "key": picture["key"]})

        def answer() -> list[Message]:
            parts = self.said("given", "not_given")[before:]
            return parts if parts and len(parts) >= parts[0].get("parts", 1) else []

        parts = eventually(answer)
        assert {part["key"] for part in parts} == {picture["key"]}
        if parts[0]["type"] == "not_given":
            return str(parts[0]["reason"])
        assert [part["part"] for part in parts] == list(range(parts[0]["parts"]))
        assert all(len(part["bytes"]) <= 4_000_000 for part in parts)
        return b"".join(base64.b64decode(part["bytes"]) for part in parts)

    def under_pointer(self, end: int = 0) -> Message:
        before = len(self.said("under_pointer_is"))
        self.say(end, {"type": "under_pointer"})
        answer = eventually(lambda: self.said("under_pointer_is")[before:])[0]
        return answer | {"picture": answer["picture"] and answer["picture"] | {"end": end}}


@pytest.fixture
def page(browser: Chromium, companion: FakeCompanion) -> Any:
    companion.play(hold=True)  # so that pictures stay without an answer
    page = browser.context.new_page()
    yield page
    page.close()


@pytest.fixture
def ends(browser: Chromium) -> Ends:
    return Ends(browser)


def noise(width: int, height: int) -> bytes:
    """A photo of nothing, as PNG: it cannot be made much smaller."""
    out = io.BytesIO()
    colours = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(colours).save(out, "PNG", compress_level=1)
    return out.getvalue()


def opened(given: bytes | str) -> Image.Image:
    assert isinstance(given, bytes), given
    return Image.open(io.BytesIO(given)).convert("RGB")


BLOB = """<img id="one"><script>
  fetch("photo.png").then((answer) => answer.blob()).then((blob) => { one.src = URL.createObjectURL(blob) });
</script>"""


def test_the_bytes_behind_a_blob_address_are_given_as_they_are_in_parts(
    page: Any, server: PageServer, ends: Ends
) -> None:
    photo = noise(800, 600)
    assert len(photo) > 1_000_000, "more than one part"
    server.add("/photo.png", photo)
    page.goto(server.add("/page", BLOB))
    [picture] = eventually(ends.pictures)
    assert (picture["address"], picture["lives_in_page"]) == ("", True)
    assert ends.give(picture) == photo
    page.evaluate("URL.revokeObjectURL(one.src)")
    seen = opened(ends.give(picture))
    assert seen.size == (800, 600)
    assert seen.tobytes() == opened(photo).tobytes(), "drawn, when the address leads nowhere any more"
    page.evaluate("one.remove()")
    assert ends.give(picture) == "gone"
    assert ends.give(picture | {"key": "another"}) == "unknown"


CANVAS = """<canvas id="one" width="300" height="200"></canvas><canvas width="300" height="200"></canvas>
<canvas id="moving" width="300" height="200"></canvas><script>
  const paint = (colour) => {
    const context = one.getContext("2d");
    context.fillStyle = colour; context.fillRect(0, 0, 150, 200);
  };
  paint("rgb(200, 10, 20)");
  const spin = () => {
    const context = moving.getContext("2d");
    context.fillStyle = `hsl(${performance.now() / 150} 90% 50%)`; context.fillRect(0, 0, 200, 200);
    requestAnimationFrame(spin);
  };
  spin();
</script>"""


def test_a_canvas_is_told_of_when_it_came_to_rest_and_again_when_it_changed(
    page: Any, server: PageServer, ends: Ends
) -> None:
    page.goto(server.add("/page", CANVAS))
    [first] = eventually(ends.pictures)
    seen = opened(ends.give(first))
    assert (seen.size, seen.getpixel((10, 10)), seen.getpixel((290, 10))) == ((300, 200), (200, 10, 20), (0, 0, 0))
    page.evaluate("paint('rgb(10, 200, 20)')")
    [_, second] = eventually(lambda: ends.pictures()[1:] and ends.pictures())
    assert opened(ends.give(second)).getpixel((10, 10)) == (10, 200, 20)
    assert ends.give(first) == "unknown", "it shows another picture now"


IMAGES = """<img src="own.png"><img src="OTHER"><img id="swapped" src="own.png?2">
<div style="width: 200px; height: 200px; background: url(own.png?3)"></div>"""


def test_only_what_the_browser_shows_to_scripts_is_given(page: Any, server: PageServer, ends: Ends) -> None:
    photo = noise(300, 200)
    server.add("/own.png", photo)
    other = server.url("/own.png", host="localhost")
    page.goto(server.add("/page", IMAGES.replace("OTHER", other)))
    eventually(lambda: len(ends.pictures()) == 4)
    pictures = {picture["address"]: picture for picture in ends.pictures()}
    assert opened(ends.give(pictures[server.url("/own.png")])).tobytes() == opened(photo).tobytes()
    assert ends.give(pictures[other]) == "tainted"
    assert ends.give(pictures[server.url("/own.png?3")]) == "out_of_reach"
    page.evaluate("swapped.src = 'own.png?4'")
    eventually(lambda: len(ends.pictures()) == 5)
    assert ends.give(pictures[server.url("/own.png?2")]) == "unknown", "another picture is there now"


def test_a_large_picture_is_drawn_smaller(page: Any, server: PageServer, ends: Ends) -> None:
    server.add("/own.png", noise(2400, 1500))
    page.goto(server.add("/page", "<img src='own.png' width=300>"))
    [picture] = eventually(ends.pictures)
    seen = opened(ends.give(picture))
    assert seen.width * seen.height <= 2_000_000
    assert seen.width / seen.height == pytest.approx(1.6, abs=0.01)


WORKER = """
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => event.waitUntil(
  clients.matchAll().then((pages) => pages.forEach((page) => page.postMessage(event.request.url)))));
"""
WATCHED = """<script>
  const seen = [];
  navigator.serviceWorker.addEventListener("message", ({data}) => seen.push(["service worker", data]));
  new PerformanceObserver((list) => list.getEntries().forEach(({name, initiatorType}) =>
    seen.push([initiatorType, name]))).observe({type: "resource", buffered: true});
  for (const [owner, name] of [[window, "fetch"], [window, "FileReader"], [window, "OffscreenCanvas"],
                               [CanvasRenderingContext2D.prototype, "drawImage"], [URL, "createObjectURL"],
                               [HTMLCanvasElement.prototype, "toBlob"], [HTMLImageElement.prototype, "decode"]]) {
    const real = owner[name];
    owner[name] = new Proxy(real, {
      apply: (target, self, values) => (seen.push(["called", name]), Reflect.apply(target, self, values)),
      construct: (target, values) => (seen.push(["called", name]), Reflect.construct(target, values)),
    });
  }
  new MutationObserver(() => seen.push(["mutation", ""]))
    .observe(document, {subtree: true, childList: true, attributes: true});
</script>"""


def requests_but_for_the_worker(server: PageServer) -> list[Any]:
    """The browser looks for a newer worker by itself, a while after each navigation."""
    return [request for request in server.requests if request[0] != "/worker.js"]


def test_neither_page_nor_service_worker_nor_server_notices_that_bytes_are_given(
    page: Any, server: PageServer, ends: Ends
) -> None:
    server.add("/kept.png", noise(300, 200), Cache_Control="max-age=1000")
    server.add("/not-kept.png", noise(200, 100), Cache_Control="no-store")
    server.add("/photo.png", noise(200, 120))
    server.add("/worker.js", WORKER, "text/javascript")
    url = server.add("/page", WATCHED + BLOB + "<img src='kept.png'><img src='not-kept.png'>")
    page.goto(url)
    page.evaluate("navigator.serviceWorker.register('worker.js').then(() => navigator.serviceWorker.ready)")
    page.wait_for_function("navigator.serviceWorker.controller")
    ends.forget()
    page.goto(url)
    eventually(lambda: len(ends.pictures()) == 3)
    page.wait_for_function(
        """() => ["/kept", "not-kept", "photo"].every((name) =>
            [true, false].every((isWorker) => seen.some(([who, address]) =>
                (who === "service worker") === isWorker && address.includes(name))))"""
    )
    page.wait_for_load_state("networkidle")
    seen, asked = page.evaluate("seen"), requests_but_for_the_worker(server)
    for picture in ends.pictures():
        assert isinstance(ends.give(picture), bytes)
    page.wait_for_timeout(200)  # what was seen would be told by now
    assert page.evaluate("seen") == seen
    assert requests_but_for_the_worker(server) == asked


POINTER = """<!doctype html><style>* { margin: 0 } body { background: url(mine.png) }</style>
<div id="card" style="width: 300px; height: 200px"><img src="other.png" width="300" height="200"
  style="pointer-events: none"><a style="position: absolute; left: 0; top: 0; width: 300px; height: 200px"></a></div>
<div style="height: 100px; background: linear-gradient(red, blue), url(maybe.png)"></div>
<iframe srcdoc="<style>* { margin: 0 }</style><img src='/other.png?in' width=200 height=100>"
  style="border: 7px solid; display: block" width="300" height="150"></iframe>
<video id="film" width="300" height="200" style="display: block" muted></video>
<canvas id="source" width="320" height="240"></canvas><div id="host" style="width: 300px; height: 60px"></div><script>
  host.attachShadow({mode: "closed"}).innerHTML =
    "<div style='height: 60px; background: url(other.png?closed)'><p style='height: 60px'></p></div>";
  addEventListener("contextmenu", (event) => event.preventDefault());
  let shown = 0;
  const count = () => { shown += 1; film.requestVideoFrameCallback(count); };
  const context = source.getContext("2d");
  setInterval(() => { context.fillStyle = `rgb(${220 + shown % 30}, 0, 0)`; context.fillRect(0, 0, 320, 240); }, 20);
  film.requestVideoFrameCallback(count);
  film.srcObject = source.captureStream(25);
  film.play();
</script>"""


def test_the_picture_under_the_pointer_is_told_whatever_lies_above_it(
    page: Any, server: PageServer, ends: Ends
) -> None:
    page.goto(server.add("/page", POINTER))
    page.wait_for_function("shown > 2 && frames[0].document.images.length > 0")
    eventually(lambda: len(ends.said("document")) == 2)
    top, inner = (message["end"] for message in sorted(ends.said("document"), key=lambda m: m["address"] != page.url))
    assert ends.under_pointer(top)["picture"] is None, "nothing was asked about yet"

    def click(x: int, y: int, end: int = top) -> Message:
        page.mouse.click(x, y, button="right")
        return ends.under_pointer(end)

    through = click(50, 50)
    assert through["picture"]["address"] == server.url("/other.png")
    assert through["place"] == {"x": 0, "y": 0, "width": 300, "height": 200}
    assert through["pixels_per_unit"] == 1
    assert click(50, 250)["picture"]["address"] == server.url("/maybe.png")
    framed = click(57, 357, inner)
    assert framed["picture"]["address"] == server.url("/other.png?in")
    assert framed["place"] == {"x": 7, "y": 307, "width": 200, "height": 100}
    film = click(50, 500)["picture"]
    assert (film["address"], film["lives_in_page"]) == ("", True)
    seen = opened(ends.give(film))
    assert seen.size == (320, 240)
    red, green, blue = seen.getpixel((100, 100))
    assert red > 200
    assert max(green, blue) < 60
    box = page.evaluate("(({x, y}) => [x + 9, y + 9])(host.getBoundingClientRect())")
    assert click(*map(int, box))["picture"]["address"] == server.url("/other.png?closed")
    assert click(800, 900)["picture"]["address"] == server.url("/mine.png")
    assert ends.give(film) == "unknown", "it was named before the last one"
