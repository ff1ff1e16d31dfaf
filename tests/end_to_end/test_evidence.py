"""From a sighting to a result in a real Chromium: a bundle on the disk that checks itself, and a notice to the site."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser_driver import Chromium
from tests.companion import client
from tests.end_to_end.conftest import TEXTS
from tests.end_to_end.test_chromium import visit
from tests.picture_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def saved_from(browser: Chromium, page: Any, record: dict[str, Any]) -> Any:
    """The window that a click in the panel opened, with the evidence saved."""
    panel = browser.open_own(f"panel/panel.html?tab={record['tab_id']}")
    with browser.context.expect_page() as opened:
        panel.click(f"#found button:text-is('{TEXTS['evidence_title']['message']}') >> nth=0")
    window = opened.value
    window.wait_for_selector("body[data-state=question]")
    window.click("#whole")
    window.wait_for_selector("body[data-state=saved]", timeout=90_000)
    panel.close()
    return window


def test_a_click_saves_the_page_in_a_bundle_that_is_intact(browser: Chromium, site: Site) -> None:
    page, record = visit(browser, site.address, 12)
    window = saved_from(browser, page, record)
    assert not window.is_visible("#notes"), window.inner_text("#notes")
    path = Path(window.inner_text("#saved .path"))
    with zipfile.ZipFile(path) as bundle:
        names = {Path(name).name: name for name in bundle.namelist()}
        html = bundle.read(names["page.html.txt"]).decode()
        with Image.open(io.BytesIO(bundle.read(names["page-visible.png"]))) as screen:
            assert screen.width == 1000
        whole = next(name for name in names if name.startswith("page-whole."))
        with Image.open(io.BytesIO(bundle.read(names[whole]))) as picture:
            height = page.evaluate("document.documentElement.scrollHeight")
            assert picture.height == min(height, 30 * 1400)
    assert html == "<!DOCTYPE html>\n" + page.evaluate("document.documentElement.outerHTML")
    window.click(f"#saved button:text-is('{TEXTS['bundle_check']['message']}')")
    window.wait_for_selector(f".verified p:text-is('{TEXTS['bundle_intact']['message']}')")
    window.close()
    page.close()


def test_a_notice_is_drafted_about_what_was_found_and_the_case_counts_as_reported(
    browser: Chromium, site: Site, home: Path, screenshots: Path
) -> None:
    page, record = visit(browser, site.address, 12)
    sighting = record["findings"][0]["sighting_id"]
    notice = browser.open_own(f"notices/notices.html?sightings={sighting}")
    notice.wait_for_selector("#kinds .choice:nth-child(5)")
    notice.check("#kind-dmca")
    notice.check("#field-taken_by-other")
    assert notice.is_disabled("#draft")
    notice.check("#kind-dsa")
    notice.fill("#field-reasons", "It shows me, and nobody asked me.")
    notice.fill("#field-name", "Anna Example")
    notice.click("#draft")
    notice.wait_for_selector("#result")
    text = notice.input_value("#text")
    assert "It shows me, and nobody asked me." in text
    assert site.address in text
    notice.screenshot(path=screenshots / "notice-real.png", full_page=True)
    missing = notice.inner_text("#missing-list")
    assert "E-mail address" in missing
    notice.click("#save-pdf")
    notice.wait_for_selector("#result-news:not(:empty)")
    (path,) = (home / "notices").glob("*.pdf")
    assert path.read_bytes().startswith(b"%PDF")
    notice.click("#sent")
    notice.wait_for_selector("#sent:disabled")
    with client(home) as asker:
        (case,) = (each for each in asker.ask("cases")["cases"] if each["status"] == "reported")
        assert case["sightings"] >= 1
    notice.close()
    page.close()
