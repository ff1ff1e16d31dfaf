"""Evidence of a page, from the click to the companion that has all parts; and pages that make it hard."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser_driver import EXTENSION, Chromium
from tests.extension.accessibility import assert_accessible
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.page_server import PageServer

pytestmark = pytest.mark.browser

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))
FOUND = {"mine": {"verdict": "copy", "edits": [{"kind": "mirrored"}]}}
SAVED = {
    "type": "evidence",
    "bundle_id": 4,
    "path": "/home/anna/.isthisme/evidence/2026-11-23 dating.example.zip",
    "name": "2026-11-23 dating.example.zip",
    "bytes": 3_456_789,
    "sha256": "ab" * 32,
    "files": ["report.html", "report.pdf", "manifest.json"],
}
ANSWERS = {"save_evidence": SAVED, "bundles": {"type": "bundles", "bundles": []}}
# Bands of 500 px, each of a colour that tells which it is; a bar that is fixed, and a title that sticks.
BANDS = 8
HTML = f"""<!doctype html><meta charset=utf-8><title>Anna \u202e drowssap</title>
<style>
  body {{ margin: 0; padding-top: 40px }} .band {{ height: 500px }}
  img {{ position: absolute; top: 120px; left: 300px; width: 200px }}
  #bar {{ position: fixed; top: 0; left: 0; width: 100%; height: 40px; background: rgb(255, 0, 255) }}
  #foot {{ position: fixed; bottom: 0; left: 0; width: 100%; height: 30px; background: rgb(0, 255, 255) }}
  #title {{ position: sticky; top: 60px; height: 20px; background: rgb(255, 255, 0) }}
</style>
<div id=bar></div><div id=foot></div><img src=mine.png>
<div id=title></div>
{"".join(f'<div class=band style="background: rgb({30 * n}, 90, {240 - 30 * n})"></div>' for n in range(BANDS))}
<form><input name=attributes value="typed-before"><input type=password id=secret><textarea>draft</textarea></form>
<div id=host></div>
<script>
  host.attachShadow({{mode: "open"}}).innerHTML = "<p>in the shadow &amp; more</p>";
  secret.value = "hunter2"; secret.setAttribute("value", "hunter2");
  window.changes = [];
  new MutationObserver((records) => changes.push(...records.map(({{type}}) => type)))
    .observe(document, {{subtree: true, childList: true, attributes: true, characterData: true}});
</script>"""


def text(key: str, *values: object) -> str:
    words: str = TEXTS[key]["message"]
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> Iterator[None]:
    companion.begin(browser, pictures=FOUND, answers=ANSWERS)
    yield
    browser.ask_worker("() => chrome.storage.local.clear()")
    for page in browser.context.pages[1:]:
        page.close()


def open_page(browser: Chromium, address: str) -> Any:
    page = browser.context.new_page()
    page.goto(address)
    eventually(lambda: browser.page_record(page).get("findings"))
    return page


def save(browser: Chromium, page: Any, answer: str = "whole") -> Any:
    """Clicks in the panel, and gives the window that opens, after its question was answered."""
    panel = browser.open_own(f"panel/panel.html?tab={browser.tab_id(page)}")  # as large: one window holds both
    with browser.context.expect_page() as opened:
        panel.click(f"#found button:text-is({json.dumps(text('evidence_title'))})")
    window = opened.value
    window.wait_for_selector("body[data-state=question]")
    assert_accessible(window)
    window.click(f"#{answer}")
    return window


def parts(companion: FakeCompanion) -> dict[str, bytes]:
    """What the companion was given, by its kind; its parts in order and complete."""
    found: dict[str, bytes] = {}
    frames = companion.heard("capture_page")
    for kind in dict.fromkeys(frame["kind"] for frame in frames):
        chunks = [frame for frame in frames if frame["kind"] == kind]
        assert [chunk["part"] for chunk in chunks] == list(range(chunks[0]["parts"]))
        found[kind] = b"".join(base64.b64decode(chunk["bytes"]) for chunk in chunks)
    assert [frame["is_last"] for frame in frames] == [False] * (len(frames) - 1) + [True]
    return found


def colours(picture: bytes, x: int, tops: range | list[int]) -> list[tuple[int, ...]]:
    with Image.open(io.BytesIO(picture)) as image:
        pixels = image.convert("RGB")
        return [pixels.getpixel((x, top)) for top in tops]


def test_one_click_saves_the_page_as_it_is_shown(
    browser: Chromium, server: PageServer, companion: FakeCompanion, screenshots: Path
) -> None:
    page = open_page(browser, server.add("/page", HTML))
    page.evaluate("() => { scrollTo(0, 333); changes.length = 0 }")
    before = page.evaluate("document.documentElement.outerHTML")
    window = save(browser, page)
    window.wait_for_selector("body[data-state=saved]")
    window.set_viewport_size({"width": 560, "height": 720})
    window.screenshot(path=screenshots / "evidence-saved.png", full_page=True)
    assert_accessible(window)
    assert window.query_selector("#notes:not([hidden])") is None, window.inner_text("#notes")

    assert (page.evaluate("scrollY"), page.evaluate("changes")) == (333, [])
    assert page.evaluate("document.documentElement.outerHTML") == before
    assert page.evaluate("document.getAnimations().length") == 0

    kept = parts(companion)
    assert list(kept) == ["screen", "html", "whole"]
    [screen, *_] = companion.heard("capture_page")
    assert (screen["width"], screen["height"]) == (1000, 1400)
    assert screen["page"] == {"address": page.url, "title": "Anna \u202e drowssap"}
    whole = Image.open(io.BytesIO(kept["whole"]))
    height = page.evaluate("document.documentElement.scrollHeight")
    width = page.evaluate("document.documentElement.clientWidth")
    assert whole.size == (width, height)
    bands = colours(kept["whole"], width - 9, [60 + 500 * n + 250 for n in range(BANDS)])
    assert bands == [(30 * n, 90, 240 - 30 * n) for n in range(BANDS)]
    column = colours(kept["whole"], 9, range(height))
    assert column.count((255, 0, 255)) == 40, "the fixed bar is there once"
    assert column.count((255, 255, 0)) == 20, "and the title that sticks, in its own place"
    assert column.count((0, 255, 255)) == 30
    assert column[-1] == (0, 255, 255)

    html = kept["html"].decode()
    assert html.startswith("<!DOCTYPE html>\n<html>")
    assert '<template shadowrootmode="open"><p>in the shadow &amp; more</p></template>' in html
    assert "hunter2" not in html.replace('secret.value = "hunter2"; secret.setAttribute("value", "hunter2");', "")
    assert "typed-before" not in html
    assert "draft" not in html
    [request] = companion.heard("save_evidence")
    assert (request["sighting_ids"], request["language"], request.get("timestamp")) == ([1], "en", None)
    eventually(lambda: not [key for key in browser.session() if key.startswith("capture:")])


def test_the_visible_part_alone_is_taken_without_scrolling(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    page = open_page(browser, server.add("/page", HTML))
    page.evaluate("() => { window.scrolled = 0; addEventListener('scroll', () => { scrolled += 1 }) }")
    window = save(browser, page, "visible")
    window.wait_for_selector("body[data-state=saved]")
    assert list(parts(companion)) == ["screen", "html"]
    assert page.evaluate("scrolled") == 0


def test_of_what_is_encrypted_here_the_way_to_hand_it_on_is_shown(browser: Chromium, companion: FakeCompanion) -> None:
    earlier = SAVED | {"bundle_id": 2, "is_encrypted": True}
    companion.play(answers={"save_evidence": SAVED, "bundles": {"type": "bundles", "bundles": [earlier]}})
    window = browser.open_own("evidence/evidence.html?sightings=9", width=560, height=720)
    window.wait_for_selector("body[data-state=saved]")
    command = f'isthisme encryption export "{SAVED["path"]}" --to .'
    eventually(lambda: window.locator("#bundles code").all_text_contents() == [command])
    assert window.locator("#saved code").count() == 0


def test_of_a_page_that_is_gone_what_was_kept_is_saved(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    address = server.url("/closed")
    window = browser.open_own(f"evidence/evidence.html?sightings=9&page={address}", width=560, height=720)
    window.wait_for_selector("body[data-state=saved]")
    assert text("why_page_left") in window.inner_text("#notes")
    assert companion.heard("capture_page") == []
    assert companion.heard("save_evidence")[0]["sighting_ids"] == [9]


def test_a_page_that_goes_elsewhere_meanwhile_is_not_taken_for_the_other(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    server.add("/other", "<body style='background: red'>")
    leaves = "<script>addEventListener('scroll', () => { location = 'other' })</script>"
    page = open_page(browser, server.add("/page", HTML + leaves))
    window = save(browser, page)
    window.wait_for_selector("body[data-state=saved]")
    page.wait_for_url("**/other")
    assert list(parts(companion)) == ["screen", "html"]
    assert text("note_whole", text("why_page_left")) in window.inner_text("#notes")


def test_a_page_that_grows_while_it_is_scrolled_comes_to_an_end(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    grows = """<script>addEventListener("scroll", () => {
        const more = Object.assign(document.createElement("div"), {className: "more"});
        more.append(...Array.from({length: 200}, () => document.createElement("hr")));
        document.body.append(more);
    })</script>"""
    page = open_page(browser, server.add("/page", "<img src=mine.png><div style='height: 4000px'></div>" + grows))
    before = page.evaluate("document.documentElement.scrollHeight")
    window = save(browser, page)
    window.wait_for_selector("body[data-state=saved]")
    [whole] = [frame for frame in companion.heard("capture_page") if frame["kind"] == "whole"]
    assert whole["height"] == before < page.evaluate("document.documentElement.scrollHeight")
    assert page.evaluate("scrollY") == 0


def test_a_page_with_fifty_megabytes_of_text_is_cut(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    # Hidden, so that the browser need not lay it out.
    fills = "<p hidden id=long></p><script>long.append('\u7bb1'.repeat(17_000_000))</script>"
    page = open_page(browser, server.add("/page", "<!doctype html><img src=mine.png>" + fills))
    window = save(browser, page, "visible")
    window.wait_for_selector("body[data-state=saved]", timeout=60_000)
    kept = parts(companion)
    assert "html" in kept
    assert text("note_text_cut") in window.inner_text("#notes")


KINDS = """<!DOCTYPE html><html lang="en" data-x="&quot;&amp;&nbsp;"><head><meta charset="utf-8">
<title>&lt;b&gt;</title>
<style>p > a::before { content: "</" "&" }</style></head>
<body class="a"><!-- a & comment -->
<p>1 &lt; 2 &amp;&amp; 3 &gt; 2&nbsp;\U0001f600 \u202eabc</p><img src="mine.png"><br>
<svg viewBox="0 0 9 9" width="9"><linearGradient id="g"></linearGradient><use xlink:href="#g"></use></svg>
<math><mi>x</mi></math><template><p>inside &amp; out</p></template>
<script>var a = "<p>" && 1 < 2;</script><noscript><p>no script</p></noscript><iframe srcdoc="<p>"></iframe>
<form action="/go"><input name="tagName"><input type="submit" value="Send"><button>Go</button></form></body></html>"""


def test_the_pages_text_is_what_the_browser_itself_would_write(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    page = open_page(browser, server.add("/page", KINDS))
    window = save(browser, page, "visible")
    window.wait_for_selector("body[data-state=saved]")
    kept = parts(companion)["html"].decode()
    again = "(text) => new DOMParser().parseFromString(text, 'text/html').documentElement.outerHTML"
    assert kept == "<!DOCTYPE html>\n" + page.evaluate("document.documentElement.outerHTML")
    assert page.evaluate(again, kept).count("<p>") >= 3


def test_a_timestamp_is_asked_for_only_when_the_user_agrees_to_it_each_time(
    browser: Chromium, companion: FakeCompanion, screenshots: Path
) -> None:
    authority = "https://freetsa.org/tsr"
    browser.ask_worker("(alerts) => chrome.storage.local.set({alerts})", {"timestamp_authority": authority})
    window = browser.open_own("evidence/evidence.html?case=3", width=560, height=720)
    for agrees in (True, False):
        window.reload()
        window.wait_for_selector("body[data-state=consent]")
        assert not window.is_checked("#timestamp")
        assert window.inner_text("#timestamp-label") == text("timestamp_send", "freetsa.org")
        assert companion.heard("save_evidence") == []
        if agrees:
            window.check("#timestamp")
            window.screenshot(path=screenshots / "evidence-consent.png", full_page=True)
            assert_accessible(window)
        window.click("#save")
        window.wait_for_selector("body[data-state=saved]")
        [request] = companion.heard("save_evidence")
        assert request.get("timestamp") == (authority if agrees else None)
        assert request["case_id"] == 3
        companion.play(answers=ANSWERS)
