"""The workbench: the list and what is selected in it, one picture over the other, cases from first to last."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import EXTENSION, Chromium
from tests.extension.accessibility import assert_accessible
from tests.extension.fake_companion import FakeCompanion, eventually
from tests.extension.views import FOUND, SIGHTING

pytestmark = pytest.mark.browser

TEXTS = json.loads((EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))
PORTION = 48
MANY = 5_000


def text(key: str, *values: object) -> str:
    words: str = TEXTS[key]["message"]
    for place, value in enumerate(values, 1):
        words = words.replace(f"${place}", str(value))
    return words


class Workbench:
    """The page as somebody uses it."""

    def __init__(self, browser: Chromium, path: str = "") -> None:
        self.page = browser.open_own(f"sightings/sightings.html{path}", width=1000, height=800)
        self.page.wait_for_selector("body[data-is-ready]")

    def press(self, words: str, inside: str = "main > section:not([hidden])") -> None:
        self.page.click(f"{inside} button:text-is({json.dumps(words)}):visible")

    def answer(self, words: str) -> None:
        """Presses a button of the question that is asked."""
        self.press(words, "dialog")
        self.page.wait_for_selector("dialog", state="detached")

    def names(self) -> list[str]:
        names: list[str] = self.page.eval_on_selector_all(
            "main > section:not([hidden]) .sighting .name", "(names) => names.map(({textContent}) => textContent)"
        )
        return names

    def wait_for_names(self, *names: str) -> None:
        eventually(lambda: self.names() == list(names))

    def selected(self) -> list[int]:
        ids: list[int] = self.page.eval_on_selector_all(
            ".sighting:has(:checked)", "(cards) => cards.map(({dataset}) => Number(dataset.id))"
        )
        return ids

    def focused(self) -> str:
        words: str = self.page.evaluate("document.activeElement.textContent || document.activeElement.localName")
        return words

    def news(self) -> str:
        news: str = self.page.inner_text("#news")
        return news

    def happened(self) -> list[str]:
        words: list[str] = self.page.eval_on_selector_all(
            "main > section:not([hidden]) .timeline .what", "(lines) => lines.map(({textContent}) => textContent)"
        )
        return words


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> Iterator[None]:
    companion.begin(browser, **FOUND)
    yield
    for page in browser.context.pages[1:]:
        page.close()
    browser.ask_worker("() => chrome.storage.local.clear()")


@pytest.fixture
def desk(browser: Chromium, companion: FakeCompanion) -> Workbench:
    desk = Workbench(browser)
    desk.page.wait_for_selector("#collection .sighting:nth-child(7)")
    return desk


def test_text_of_pages_is_text_and_addresses_are_no_links(browser: Chromium, desk: Workbench) -> None:
    assert "<i>Anna</i>, 29" in desk.names()
    one = Workbench(browser, "#sighting=9")
    one.page.wait_for_selector(".timeline li")
    assert "https://dating.example/profile/<b>anna</b>" in one.page.inner_text("#sighting-screen")
    for page in (desk.page, one.page):
        assert page.query_selector("main i, main b") is None
        outside = page.eval_on_selector_all("a", "(links) => links.filter(({origin}) => origin !== location.origin)")
        assert outside == []


def test_from_a_selection_to_a_case_and_through_it_to_its_end(
    desk: Workbench, companion: FakeCompanion, screenshots: Path
) -> None:
    page = desk.page
    for number in (9, 13):
        page.click(f".sighting[data-id='{number}'] .pick")
    assert page.inner_text(".selection strong") == text("selected_count", 2)
    desk.press(text("make_case"))
    assert page.input_value("dialog input") == "dating.example"
    page.fill("dialog input", "Bob")
    page.keyboard.press("Enter")
    page.wait_for_selector("#case-screen .timeline li")
    assert page.inner_text("#case-screen h2") == "Bob"
    assert len(desk.names()) == 2
    assert desk.focused() == "Bob"
    page.fill("#case-screen textarea", "Wrote to them.\n<b>No answer.</b>")
    desk.press(text("note_add"))
    page.wait_for_selector(".note-text")
    assert page.inner_text(".note-text") == "Wrote to them.\n<b>No answer.</b>"
    page.click(".step[data-status=reported]")
    page.wait_for_selector(".step[data-status=reported][aria-pressed=true]")
    assert page.inner_text(".step[data-status=reported] .small") != ""
    assert page.evaluate("document.activeElement.dataset.status") == "reported"
    expected = [*[text("event_seen")] * 2, text("event_made"), text("event_note"), text("event_status", "Reported")]
    eventually(lambda: desk.happened() == expected)
    page.screenshot(path=screenshots / "sightings-case-made.png", full_page=True)
    assert_accessible(page)
    desk.press(text("note_remove"))
    desk.answer(text("delete_yes"))
    eventually(lambda: page.query_selector(".note-text") is None)
    desk.press(text("case_delete"))
    page.click(f"dialog label:has-text({json.dumps(text('delete_case_all', text('pictures_many', 2)))})")
    desk.answer(text("delete_yes"))
    eventually(lambda: desk.news() == text("delete_case_done"))
    [message] = companion.heard("delete_case")
    assert message["with_sightings"] is True
    assert page.url.endswith("#cases")
    page.click("#to-list")
    eventually(lambda: len(desk.names()) == 5)


def scrolled(page: Any) -> bool:
    """Goes to the end of what is there by now."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    return True


def test_a_long_list_is_read_in_portions_and_holds_only_what_is_near(
    browser: Chromium, companion: FakeCompanion, tmp_path: Path
) -> None:
    companion.play(many_sightings=MANY)
    desk = Workbench(browser)
    page = desk.page
    page.wait_for_selector("#collection .sighting img")
    assert len(companion.heard("sightings")) <= 3, "what fills some screens"
    cards = "document.querySelectorAll('.sighting').length"
    most = 0
    for portions in range(3, 15):
        eventually(lambda wanted=portions: scrolled(page) and len(companion.heard("sightings")) >= wanted)  # type: ignore[misc]
        most = max(most, page.evaluate(cards))
    asked = companion.heard("sightings")
    befores = [message.get("before") for message in asked]
    assert befores == [None, *(MANY + 1 - PORTION * place for place in range(1, len(asked)))], "each once, in order"
    eventually(lambda: page.inner_text("#count") != text("count_so_far", PORTION))
    assert PORTION <= most <= 8 * PORTION, "however far it is scrolled"
    assert page.evaluate("document.querySelectorAll('*').length") < 8 * PORTION * 20
    pictures = companion.heard("sighting_preview")
    assert len(pictures) <= len(asked) * PORTION
    page.evaluate("scrollTo(0, 0)")
    first = page.wait_for_selector(f".sighting[data-id='{MANY}'] img")
    assert first.is_visible()
    assert page.get_attribute(f".sighting[data-id='{MANY}']", "aria-posinset") == "1"
    # Finding one among them, and taking all along, is no matter of scrolling.
    companion.play(many_sightings=MANY)
    page.fill("#search", "/page/1234")
    desk.wait_for_names("Page 1234")
    assert len(companion.heard("sightings")) == 1
    page.click("#export > summary")
    with page.expect_download() as saving:
        page.click("#export-csv")
    table = tmp_path / "table.csv"
    saving.value.save_as(table)
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["sighting"]) for row in rows] == list(range(MANY, 0, -1))
    assert len(companion.heard("sightings")) == 1 + MANY // 200 + 1
    [noted] = companion.heard("note_export")
    assert (noted["format"], noted["sightings"]) == ("csv", MANY)


def test_everything_is_saved_as_json_with_cases_and_what_happened(
    desk: Workbench, companion: FakeCompanion, tmp_path: Path
) -> None:
    desk.page.click("#export > summary")
    with desk.page.expect_download() as saving:
        desk.page.click("#export-json")
    assert saving.value.suggested_filename.endswith(".json")
    saving.value.save_as(tmp_path / "all.json")
    saved = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [each["sighting_id"] for each in saved["sightings"]] == [13, 12, 11, 10, 9, 8, 7]
    assert [each["name"] for each in saved["cases"]] == [each["name"] for each in FOUND["cases"]]
    kinds = {event["kind"] for event in saved["cases"][0]["timeline"]}
    assert {"note", "status", "seen", "recheck"} <= kinds


def test_nothing_leaves_as_a_file_that_could_not_be_noted(desk: Workbench, companion: FakeCompanion) -> None:
    companion.play(**FOUND, errors={"note_export": "disk_full"})
    saved: list[Any] = []
    desk.page.on("download", lambda download: saved.append(download))
    desk.page.click("#export > summary")
    desk.page.click("#export-json")
    eventually(lambda: desk.news() == text("action_failed", text("why_disk_full")))
    assert saved == []


def test_cards_are_walked_over_and_selected_with_the_keyboard(desk: Workbench) -> None:
    page = desk.page
    page.focus(".sighting[data-id='13'] .name")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert desk.focused() == "What our customers say"
    page.keyboard.press("Space")
    assert desk.selected() == [11]
    page.keyboard.press("End")
    assert desk.focused() == "Best villas 2026"
    page.keyboard.press("Shift+Space")
    assert desk.selected() == [11, 10, 9, 8, 7]
    page.keyboard.press("Control+a")
    assert len(desk.selected()) == 7
    page.keyboard.press("Escape")
    assert desk.selected() == []
    page.keyboard.press("Home")
    assert page.evaluate("document.querySelectorAll('.sighting [tabindex=\"0\"]').length") == 2, "one card's"
    page.keyboard.press("Shift+Tab")
    assert desk.focused() == "input", "its box, which is before its name"
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    assert desk.focused() == text("select_none"), "what can be done with it is just before the list"
    page.keyboard.press("Enter")
    assert desk.focused().startswith("Ein Titel"), "and leads back to it"


def test_in_the_gallery_arrows_lead_to_what_lies_there_also_from_right_to_left(desk: Workbench) -> None:
    page = desk.page
    page.click("#as-gallery")
    page.focus(".sighting[data-id='13'] .name")
    page.keyboard.press("ArrowDown")
    assert desk.focused() == "<i>Anna</i>, 29", "the fifth, below the first of four"
    page.keyboard.press("ArrowLeft")
    assert desk.focused() == "我们的顾客怎么说"
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.keyboard.press("ArrowLeft")
    assert desk.focused() == "<i>Anna</i>, 29"
    page.reload()
    page.wait_for_selector(".gallery .sighting")


def test_ranges_are_selected_with_the_mouse(desk: Workbench) -> None:
    desk.page.click(".sighting[data-id='12'] .pick")
    desk.page.click(".sighting[data-id='9'] .pick", modifiers=["Shift"])
    assert desk.selected() == [12, 11, 10, 9]


def test_filters_and_search_go_to_the_companion(desk: Workbench, companion: FakeCompanion) -> None:
    page = desk.page
    page.click("#filters > summary")
    page.select_option("#presence", "gone")
    desk.wait_for_names("What our customers say")
    page.select_option("#verdict", "possible_copy")
    page.wait_for_selector(f".empty:text-is({json.dumps(text('sightings_none_so'))})")
    page.click("#clear")
    eventually(lambda: len(desk.names()) == 7)
    assert desk.focused() == "input"
    page.fill("#search", "forum")
    desk.wait_for_names("Anna on a forum")
    asked = companion.heard("sightings")[-1]
    assert (asked["search"], asked["limit"], asked.get("verdict")) == ("forum", PORTION, None)
    assert page.inner_text("#count") == text("count_all", 1)


def test_what_was_refused_is_asked_for_again_by_the_user_alone(browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(**FOUND, errors={"sightings": "disk_full"})
    desk = Workbench(browser)
    eventually(lambda: desk.news() == text("action_failed", text("why_disk_full")))
    companion.play(**FOUND)
    desk.press(text("try_again"))
    eventually(lambda: len(desk.names()) == 7)
    assert len(companion.heard("sightings")) == 1
    companion.play(**FOUND, errors={"sightings": "disk_full"})
    desk.page.fill("#search", "forum")
    eventually(lambda: desk.names() == []), "nothing that was not looked for"
    assert len(companion.heard("sightings")) == 1


def pixel(page: Any, canvas: str, across: float, down: float) -> list[int]:
    found: list[int] = page.eval_on_selector(
        canvas,
        """(canvas, [across, down]) => {
            const {width, height} = canvas;
            const at = [Math.floor(across * width), Math.floor(down * height)];
            return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
        }""",
        [across, down],
    )
    return found


def test_the_photo_is_laid_over_the_picture_where_it_lies_in_it(browser: Chromium) -> None:
    desk = Workbench(browser, "#sighting=9")
    page = desk.page
    page.wait_for_selector(".stage canvas.own")
    page.click(f"button:text-is({json.dumps(text('overlay_whole'))})")
    there, own = ".stage canvas:not(.own)", ".stage canvas.own"
    inside, outside = (0.5, 0.5), (0.05, 0.05)  # of a region that begins at 0.15, 0.13
    assert pixel(page, there, *inside) == pixel(page, there, *outside) == [190, 120, 60, 255]
    assert pixel(page, own, *inside) == [60, 110, 160, 255]
    assert pixel(page, own, *outside) == [0, 0, 0, 0], "beyond the outline there is nothing to compare"
    shown = page.eval_on_selector(own, "(own) => getComputedStyle(own).clipPath")
    assert shown == "inset(0px 0px 0px 50%)"
    page.focus(".line-mover")
    page.keyboard.press("ArrowRight")
    slider = page.get_by_role("slider")
    assert (slider.get_attribute("aria-valuetext"), slider.input_value()) == (text("overlay_value", "52%", "48%"), "52")
    assert page.eval_on_selector(own, "(own) => getComputedStyle(own).clipPath") == "inset(0px 0px 0px 52%)"
    page.keyboard.press("Home")
    assert page.eval_on_selector(".dividing-line", "(line) => getComputedStyle(line).left") == "0px"
    box = page.query_selector(".stage").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + 20)
    assert abs(int(slider.input_value()) - 25) <= 1, "the line goes to where the mouse is"


def test_outlines_that_tell_nothing_are_shown_side_by_side(browser: Chromium, companion: FakeCompanion) -> None:
    flat = [SIGHTING["matches"][0] | {"photo_region": [[0, 0], [10, 10], [20, 20], [30, 30]]}]
    companion.play(sightings=[SIGHTING | {"matches": flat}])
    desk = Workbench(browser, "#sighting=9")
    desk.page.wait_for_selector(".pictures .pair img")
    assert desk.page.query_selector(".stage") is None


def test_what_the_user_says_of_a_picture_marks_it_until_it_is_undone(
    browser: Chromium, desk: Workbench, companion: FakeCompanion
) -> None:
    one = Workbench(browser, "#sighting=9")
    one.press(text("action_mine"))
    for page in (one.page, desk.page):
        page.wait_for_selector(f".chip.decided:text-is({json.dumps(text('decided_mine'))}):visible")
    assert one.focused() == text("undo")
    [message] = companion.heard("keep_sighting")
    assert message["sighting_id"] == 9
    one.press(text("undo"))
    one.page.wait_for_selector(f"button:text-is({json.dumps(text('action_not_me'))})")
    one.press(text("action_not_me"))
    one.page.wait_for_selector(f".chip.decided:text-is({json.dumps(text('decided_not_me'))})")
    [message] = companion.heard("not_me")
    assert (message["sighting_id"], message["photo_id"]) == (9, 7)
    one.press(text("undo"))
    eventually(lambda: one.page.query_selector(".said .chip.decided") is None)


def test_the_page_is_opened_only_after_a_warning_which_comes_once(browser: Chromium) -> None:
    desk = Workbench(browser, "#sighting=7")
    page = desk.page
    desk.press(text("open_page"))
    assert text("open_warning") in page.inner_text("dialog")
    desk.answer(text("cancel"))
    assert len(browser.context.pages) == 2
    assert desk.focused() == text("open_page")
    desk.press(text("open_page"))
    with browser.context.expect_page():
        desk.answer(text("open_yes"))
    page.bring_to_front()
    with browser.context.expect_page():
        desk.press(text("open_page"))


def test_looking_again_says_what_came_of_it_and_marks_the_cards(desk: Workbench, companion: FakeCompanion) -> None:
    page = desk.page
    for number in (7, 8):
        page.click(f".sighting[data-id='{number}'] .pick")
    desk.press(text("look_again"))
    eventually(lambda: desk.news() == text("recheck_many", 1, 1, 0))
    assert companion.heard("recheck")[0]["sighting_ids"] == [8, 7]
    assert page.inner_text(".sighting[data-id='7'] .chip.gone") == text("presence_gone")
    assert page.query_selector(".sighting[data-id='8'] .chip.gone") is None


def test_what_is_deleted_is_asked_about_once_and_is_gone(desk: Workbench, companion: FakeCompanion) -> None:
    page = desk.page
    page.click(".sighting[data-id='12'] .pick")
    page.click(".sighting[data-id='11'] .pick")
    desk.press(text("sighting_delete"))
    assert text("delete_leaves") in page.inner_text("dialog")
    desk.answer(text("cancel"))
    assert companion.heard("delete_sighting") == []
    desk.press(text("sighting_delete"))
    desk.answer(text("delete_yes"))
    eventually(lambda: len(desk.names()) == 5)
    assert [message["sighting_id"] for message in companion.heard("delete_sighting")] == [12, 11]
    eventually(lambda: desk.focused() == "我们的顾客怎么说"), "the next one"
    assert desk.selected() == []


def test_what_cannot_be_deleted_stays_and_the_reason_is_said(desk: Workbench, companion: FakeCompanion) -> None:
    companion.play(**FOUND, errors={"delete_sighting": "disk_full"})
    desk.page.click(".sighting[data-id='12'] .pick")
    desk.press(text("sighting_delete"))
    desk.answer(text("delete_yes"))
    eventually(lambda: desk.news() == text("action_failed", text("why_disk_full")))
    assert len(desk.names()) == 7


def test_offers_say_why_and_are_taken_or_declined_for_good(browser: Chromium, companion: FakeCompanion) -> None:
    desk = Workbench(browser, "#cases")
    page = desk.page
    page.wait_for_selector(".offer:nth-child(2)")
    assert text("offer_account", "dating.example/bob") in page.inner_text(".offer:first-child")
    assert text("offer_same_picture") in page.inner_text(".offer:nth-child(2)")
    page.click(f".offer:first-child button:text-is({json.dumps(text('offer_decline'))})")
    eventually(lambda: len(page.query_selector_all(".offer")) == 1)
    assert desk.focused() == text("offer_add")
    page.reload()
    page.wait_for_selector("body[data-is-ready]")
    assert len(page.query_selector_all(".offer")) == 1
    page.click(f".offer button:text-is({json.dumps(text('offer_add'))})")
    page.wait_for_selector("#case-screen .sighting:nth-child(3)")
    [message] = companion.heard("put_in_case")
    assert (message["sighting_ids"], message["case_id"]) == ([12], 2)


def test_cases_are_renamed_split_and_joined(browser: Chromium, companion: FakeCompanion) -> None:
    desk = Workbench(browser, "#case=2")
    page = desk.page
    page.wait_for_selector("#case-screen .sighting:nth-child(2)")
    desk.press(text("case_rename"))
    page.fill("dialog input", "The shop")
    desk.answer(text("case_rename_yes"))
    eventually(lambda: page.inner_text("#case-screen h2") == "The shop")
    page.click(".sighting[data-id='10'] .pick")
    desk.press(text("split_case"))
    page.fill("dialog input", "Another shop")
    desk.answer(text("make_case"))
    eventually(lambda: page.inner_text("#case-screen h2") == "Another shop")
    desk.wait_for_names("我们的顾客怎么说")
    desk.press(text("case_merge"))
    page.click("dialog label:has-text('The shop')")
    desk.answer(text("case_merge_yes"))
    eventually(lambda: page.inner_text("#case-screen h2") == "The shop")
    desk.wait_for_names("What our customers say", "我们的顾客怎么说")
    eventually(lambda: text("event_merged", "Another shop") in desk.happened())
    page.click(".sighting[data-id='11'] .pick")
    desk.press(text("take_out"))
    desk.wait_for_names("我们的顾客怎么说")


HOLD_A_TIMELINE = """() => {
    const real = chrome.runtime.sendMessage.bind(chrome.runtime);
    const letGo = new Promise((done) => { globalThis.letGo = done; });
    let isHolding = true;
    chrome.runtime.sendMessage = async (message) => {
        const reply = await real(message);
        if (message.type !== "timeline" || !isHolding) return reply;
        isHolding = false;
        globalThis.isHeld = true;
        await letGo;
        return reply;
    };
}"""


def test_what_was_read_earlier_and_comes_later_takes_nothing_away(browser: Chromium) -> None:
    desk = Workbench(browser, "#case=2")
    page = desk.page
    page.wait_for_selector("#case-screen .timeline li")
    page.evaluate(HOLD_A_TIMELINE)
    page.fill("#case-screen textarea", "The first")
    desk.press(text("note_add"))
    eventually(lambda: page.evaluate("globalThis.isHeld"))
    page.fill("#case-screen textarea", "The second")
    desk.press(text("note_add"))
    page.wait_for_selector(".note-text:text-is('The second')")
    page.evaluate("letGo()")
    assert page.locator(".note-text").all_inner_texts()[-2:] == ["The first", "The second"]


def test_of_a_long_time_the_latest_is_shown_first(browser: Chromium, companion: FakeCompanion) -> None:
    notes = [
        {"event_id": number, "case_id": 2, "kind": "note", "text": f"No. {number}", "at": 1_790_600_000 + number}
        | {"utc_offset": 0}
        for number in range(150)
    ]
    companion.play(**FOUND | {"timeline": notes})
    desk = Workbench(browser, "#case=2")
    eventually(lambda: len(desk.happened()) == 100)
    assert desk.page.inner_text(".timeline li:last-child .note-text") == "No. 149"
    desk.press(text("timeline_earlier", 52))
    eventually(lambda: len(desk.happened()) == 152)
    assert desk.focused().endswith("What our customers say"), "the first of all"


def test_evidence_and_notices_are_told_what_they_are_about(desk: Workbench, browser: Chromium) -> None:
    desk.page.evaluate("() => { globalThis.opened = []; chrome.tabs.create = async ({url}) => opened.push(url); }")
    desk.page.click(".sighting[data-id='12'] .pick")
    desk.page.click(".sighting[data-id='9'] .pick")
    desk.press(text("evidence_title"))
    desk.press(text("draft_notice"))
    assert desk.page.evaluate("opened") == [
        browser.own_url(f"{path}?sightings=12,9") for path in ("evidence/evidence.html", "notices/notices.html")
    ]


def test_the_way_back_leads_to_where_the_list_was_left(browser: Chromium, companion: FakeCompanion) -> None:
    companion.play(many_sightings=100)
    desk = Workbench(browser)
    page = desk.page
    page.wait_for_selector(".sighting[data-id='80'] .name")
    page.focus(".sighting[data-id='80'] .name")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sighting-screen h2")
    eventually(lambda: desk.focused() == "Page 80")
    before = len(companion.heard("sightings"))
    page.go_back()
    page.wait_for_selector("#list-screen:not([hidden])")
    eventually(lambda: desk.focused() == "Page 80")
    assert page.evaluate("document.activeElement.localName") == "a"
    assert page.evaluate("scrollY") > 500
    assert len(companion.heard("sightings")) == before, "nothing is read again"
