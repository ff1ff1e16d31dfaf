"""Every kind of picture that a page can show is found; icons and sheets of them are not."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.fake_host import plain_png
from tests.extension.page_server import ADD_LAST_PICTURE, PageServer

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


@pytest.fixture
def page(browser: Chromium) -> Any:
    page = browser.context.new_page()
    yield page
    page.close()


def names(companion: FakeCompanion) -> list[str]:
    return sorted(Path(address).stem for address in companion.checked())


def finds(page: Any, server: PageServer, companion: FakeCompanion, html: str, expected: str) -> None:
    """The page's pictures that are asked about are exactly these."""
    for name in expected.split():
        server.add(f"/{name}.png", plain_png(200, 160, (len(name) * 9 % 256, ord(name[0]), 90)))
    page.goto(server.add("/page", html))
    eventually(lambda: names(companion) == sorted(expected.split()))
    page.evaluate(ADD_LAST_PICTURE)
    eventually(lambda: "end" in names(companion))
    assert names(companion) == sorted([*expected.split(), "end"])


STYLES = """<!doctype html><link rel="stylesheet" href="sheet.css"><style>
  div, b::before, i::after, u { display: block; width: 300px; height: 200px }
  .plain { background-image: url(plain.png) }
  .layers { background: linear-gradient(red, blue), url("first.png"), url('second.png') }
  .set { background-image: image-set("low.png" 1x, "high.png" 2x) }
  .variable { --picture: url(variable.png); } .variable u { background: var(--picture) }
  b.before::before { content: ""; background: url(before.png) }
  i.after::after { content: url(after.png) }
  u.content { content: url("content.png") }
  .gone::before { background: url(gone.png) }
  .sheet { width: 40px; height: 40px; background: url(sheet.png) -80px -120px }
  .big-sheet { width: 90px; height: 90px; background: url(big-sheet.png) -90px 0 / 900px 900px }
  .icon { width: 32px; height: 32px; background: url(icon.png) }
  .strip { width: 900px; height: 8px; background: url(strip.png) }
  .later.shown, .on .below { background: url(later.png) }
</style>
<div class="plain"></div><div class="layers"></div><div class="set"></div><div class="variable"><u></u></div>
<b class="before"></b><i class="after"></i><u class="content"></u><div class="gone"></div><div class="linked"></div>
<div style="background: url(&quot;odd'(1)&amp;.png&quot;)"></div>
<div class="sheet"></div><div class="big-sheet"></div><div class="icon"></div><div class="strip"></div>
<form style="background: url(form.png)"><input name="matches"><input name="querySelectorAll"><input name="isConnected">
<input name="parentNode"><input name="localName"><p><img src="field.png"></p></form>"""


def test_pictures_of_styles_are_found_and_sprites_are_not(
    page: Any, server: PageServer, companion: FakeCompanion
) -> None:
    server.add("/sheet.css", ".linked { background: url(linked.png) }", "text/css")
    found = "plain first second low variable before after content linked odd'(1)& form field"
    finds(page, server, companion, STYLES, found)


def test_pictures_of_styles_that_come_later_are_found(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    html = """<!doctype html><style>div { width: 300px; height: 200px } .on .inner { background: url(class.png) }
    </style><section><div class="inner"></div></section><div id="one"></div><div class="sheet"></div>
    <div class="linked"></div>"""
    server.add("/late.css", ".linked { background: url(linked.png) }", "text/css")
    finds(page, server, companion, html + "<img src='first.png'>", "first")
    page.evaluate("document.querySelector('section').className = 'on'")
    page.evaluate("one.style.backgroundImage = 'url(style.png)'")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('style'),"
        "{textContent: '.sheet { background: url(sheet.png) }'}))"
    )
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('link'),{rel: 'stylesheet', href: 'late.css'}))"
    )
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend','<p><div style=\"background: url(added.png)\"></div></p>')"
    )
    eventually(lambda: names(companion) == ["added", "class", "end", "first", "linked", "sheet", "style"])


ELEMENTS = """<!doctype html>
<svg width="300" height="200"><image href="svg.png" width="300" height="200"/></svg>
<svg width="300" height="200"><image xlink:href="old-svg.png" width="300" height="200"/></svg>
<svg width="20" height="20"><image href="sign.png" width="20" height="20"/></svg>
<input type="image" src="input.png" width="200"><input src="text.png">
<object data="object.png" type="image/png" width="200" height="150"></object>
<object data="document" width="200" height="150"></object>
<embed src="embed.png" width="200" height="150">
<video poster="poster.png" width="300" height="200"></video>
<video id="late" width="300" height="200"></video>
<img src="data:image/png;base64,DATA">"""


def test_pictures_of_other_elements_are_found(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    data = base64.b64encode(plain_png(120, 90, (10, 200, 30))).decode()
    server.add("/document", "<p>Not a picture</p>")
    server.add("/sign.png", plain_png(20, 20, (0, 0, 0)))
    for name in ("svg", "old-svg", "input", "object", "embed", "poster", "later"):
        server.add(f"/{name}.png", plain_png(200, 150, (len(name) * 20, 60, 60)))
    page.goto(server.add("/page", ELEMENTS.replace("DATA", data)))
    expected = {server.url(f"/{name}.png") for name in ("svg", "old-svg", "input", "object", "embed", "poster")}
    expected |= {f"data:image/png;base64,{data}"}
    eventually(lambda: set(companion.checked()) == expected)
    page.evaluate("late.poster = 'later.png'")
    eventually(lambda: set(companion.checked()) == expected | {server.url("/later.png")})


SHADOWS = """<!doctype html><div id="open"></div><div id="closed"></div><late-one></late-one>
<div><template shadowrootmode="closed"><p><img src="declared.png"></p></template></div>
<script>
  document.querySelector("#open").attachShadow({mode: "open"}).innerHTML = "<img src='open.png'>";
  const root = document.querySelector("#closed").attachShadow({mode: "closed"});
  root.innerHTML = "<style>p { width: 200px; height: 200px; background: url(styled.png) }</style><p></p><div></div>";
  root.querySelector("div").attachShadow({mode: "closed"}).innerHTML = "<img src='nested.png'>";
</script>"""
LATER_IN_SHADOWS = """
  root.append(Object.assign(new Image(), {src: "added.png"}));
  customElements.define("late-one", class extends HTMLElement {
    constructor() { super(); this.attachShadow({mode: "closed"}).innerHTML = "<img src='late.png'>"; }
  });
"""


def test_pictures_in_open_and_closed_shadow_roots_are_found(
    page: Any, server: PageServer, companion: FakeCompanion
) -> None:
    for name in ("added", "late", "swapped"):
        server.add(f"/{name}.png", plain_png(200, 160, (9, 9, len(name))))
    finds(page, server, companion, SHADOWS, "open styled nested declared")
    page.evaluate(LATER_IN_SHADOWS)
    eventually(lambda: {"added", "late"} < set(names(companion)))
    page.evaluate("root.querySelector('img').src = 'swapped.png'")
    eventually(lambda: "swapped" in names(companion))


FRAMES = """<!doctype html><iframe id="blank"></iframe><iframe id="written"></iframe>
<iframe srcdoc="<div style='width: 200px; height: 200px; background: url(/srcdoc.png)'></div>"></iframe>
<iframe src="OTHER"></iframe>
<script>
  blank.contentDocument.body.innerHTML = "<img src='/blank.png'>";
  setTimeout(() => {
    const inner = written.contentDocument;
    inner.open(); inner.write("<p><img src='/written.png'></p>"); inner.close();
  }, 50);
</script>"""


def test_pictures_in_frames_of_all_kinds_are_found(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    server.add("/frame", "<div style='width: 200px; height: 200px; background: url(/other-site.png)'></div>")
    html = FRAMES.replace("OTHER", server.url("/frame", host="localhost"))
    finds(page, server, companion, html, "blank written srcdoc other-site")
    server.add("/swapped.png", plain_png(200, 200, (1, 99, 1)))
    page.evaluate("written.contentDocument.images[0].src = '/swapped.png'")
    eventually(lambda: "swapped" in names(companion))


def test_a_picture_opened_alone_in_a_tab_is_found(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    page.goto(server.url("/mine.png"))
    eventually(lambda: companion.checked() == [server.url("/mine.png")])
    assert companion.heard("check_page")[0]["page"]["address"] == server.url("/mine.png")


POLICIES = """<!doctype html><meta name="referrer" content="nonsense"><meta name="Referrer" content="never">
<img src="plain.png"><img src="own.png" referrerpolicy="origin"><img src="empty.png" referrerpolicy="nonsense">
<iframe srcdoc="<img src='/inherited.png'>"></iframe><iframe src="frame"></iframe>"""


def test_the_referrer_policy_of_markup_is_told(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    pictures = ["plain", "own", "empty", "inherited", "framed"]
    for name in pictures:
        server.add(f"/{name}.png", plain_png(200, 160, (len(name), 90, 90)))
    server.add("/frame", "<meta name=referrer content=same-origin><img src='framed.png'>")
    page.goto(server.add("/page", POLICIES))
    eventually(lambda: names(companion) == sorted(pictures))
    told = {
        Path(image["address"]).stem: image["referrer_policy"]
        for message in companion.heard("check_page")
        for image in message["images"]
    }
    of_document = dict.fromkeys(["plain", "empty", "inherited"], "no-referrer")
    assert told == {**of_document, "own": "origin", "framed": "same-origin"}
