"""Drafting a notice: what stops it, what is asked for, what happens to what was written by hand, and where it goes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser_driver import EXTENSION, Chromium
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.views import NOTICE, NOTICES, SIGHTING

pytestmark = pytest.mark.browser

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))
CASE = {"type": "case", "case_id": 12, "name": "dating.example", "status": "reported"}
ANSWERS = NOTICES | {"make_case": CASE, "change_case": CASE}


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser, answers=ANSWERS, sightings=[SIGHTING])


@pytest.fixture
def page(browser: Chromium) -> Iterator[Any]:
    page = browser.open_own("notices/notices.html?sightings=9,8")
    page.wait_for_selector("body[data-is-ready]")
    yield page
    page.close()


def draft(page: Any) -> None:
    page.check("#kind-dmca")
    page.check("#field-taken_by-me")
    page.fill("#field-work", "The harbour")
    page.click("#draft")
    page.wait_for_selector("#result")


def test_who_did_not_take_the_photo_hears_at_once_that_this_notice_is_not_theirs(page: Any) -> None:
    page.check("#kind-dmca")
    page.check("#field-taken_by-other")
    assert "photographer" in page.inner_text("#stopped")
    assert page.is_disabled("#draft")
    assert not page.is_visible("#field-work")
    page.check("#kind-request")
    assert page.is_enabled("#draft")


def test_what_was_answered_goes_into_the_draft_and_what_is_missing_leads_to_its_question(
    page: Any, companion: FakeCompanion
) -> None:
    page.check("#kind-dmca")
    page.check("#field-taken_by-authorised")
    page.fill("#field-holder", "not asked for in the end")
    draft(page)
    [asked] = companion.heard("draft_notice")
    assert (asked["kind"], asked["language"], asked["sighting_ids"]) == ("dmca", "en", [9, 8])
    assert asked["answers"] == {"taken_by": "me", "work": "The harbour"}
    assert page.input_value("#subject") == NOTICE["subject"]
    assert page.input_value("#text") == NOTICE["text"]
    page.click("#missing-list button")
    assert page.evaluate("document.activeElement.id") == "field-email"


def test_what_was_written_by_hand_is_not_lost_unasked(page: Any, companion: FakeCompanion) -> None:
    draft(page)
    page.fill("#text", "My own words")
    page.click("#draft")
    page.wait_for_selector("#overwrite:not([hidden])")
    page.click("#overwrite-no")
    assert page.input_value("#text") == "My own words"
    assert len(companion.heard("draft_notice")) == 1
    page.click("#save-pdf")
    page.wait_for_selector("#result-news:not(:empty)")
    [saved] = companion.heard("save_notice")
    assert (saved["text"], saved["kind"], saved["sighting_ids"]) == ("My own words", "dmca", [9, 8])
    assert saved["format"] == "pdf"
    assert "answers" not in saved
    assert NOTICES["save_notice"]["path"] in page.inner_text("#result-news")
    page.click("#draft")
    page.click("#overwrite-yes")
    eventually(lambda: page.input_value("#text") == NOTICE["text"])


def test_the_mail_program_gets_the_draft_and_a_long_one_waits_on_the_clipboard(
    page: Any, browser: Chromium, companion: FakeCompanion
) -> None:
    browser.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("() => { HTMLAnchorElement.prototype.click = function () { window.mailed = this.href } }")
    draft(page)
    page.click("#mail")
    eventually(lambda: page.evaluate("window.mailed"))
    mailed = page.evaluate("window.mailed")
    assert mailed.startswith("mailto:legal@dating.example?subject=Notice%20of%20infringement%3A%20%3Cb%3E")
    assert "%0D%0A1.%20The%20photo" in mailed
    assert eventually(lambda: companion.heard("note_notice"))[0]["how"] == "mailed"
    page.fill("#text", "very long & " * 300)
    page.click("#mail")
    page.wait_for_selector("#result-news:not(:empty)")
    assert "body=" not in page.evaluate("window.mailed")
    assert page.evaluate("navigator.clipboard.readText()") == "very long & " * 300


def test_what_was_sent_counts_as_reported_and_becomes_a_case_where_there_is_none(
    page: Any, companion: FakeCompanion
) -> None:
    draft(page)
    page.click("#sent")
    page.wait_for_selector("#sent:disabled")
    [made] = companion.heard("make_case")
    [changed] = companion.heard("change_case")
    assert made["sighting_ids"] == [9, 8]
    assert (changed["case_id"], changed["status"]) == (12, "reported")


def test_an_address_that_is_no_page_is_no_link(browser: Chromium, companion: FakeCompanion) -> None:
    recipient = {"name": "<img src=x>", "page": "javascript:alert(1)", "address": None, "checked": None}
    companion.play(answers=ANSWERS | {"draft_notice": NOTICE | {"recipients": [recipient]}})
    page = browser.open_own("notices/notices.html?case=3")
    page.wait_for_selector("body[data-is-ready]")
    draft(page)
    assert page.query_selector("#recipients a") is None
    assert page.inner_text("#recipients") == "<img src=x>"
    page.close()
