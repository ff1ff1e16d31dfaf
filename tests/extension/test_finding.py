"""Pictures on a page are found, however they come, and sent once."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser_driver import Chromium
from tests.extension.fake_companion import FakeCompanion, eventually, status
from tests.extension.fake_host import plain_png
from tests.extension.page_server import ADD_LAST_PICTURE, PageServer

pytestmark = pytest.mark.browser

EVERYWHERE = {"everywhere": True, "until": None, "sites": []}


@pytest.fixture(autouse=True)
def fresh(companion: FakeCompanion, browser: Chromium) -> None:
    companion.begin(browser)


@pytest.fixture
def page(browser: Chromium) -> Any:
    page = browser.context.new_page()
    yield page
    page.close()


def names(companion: FakeCompanion) -> list[str]:
    return [Path(address).name for address in companion.checked()]


def finding_record(browser: Chromium, page: Any) -> dict[str, Any] | None:
    record = browser.page_record(page)
    return record if record.get("findings") else None


def record_at(browser: Chromium, page: Any, address: str) -> dict[str, Any] | None:
    record = browser.page_record(page)
    return record if record.get("address") == address else None


def looked(browser: Chromium, page: Any) -> int:
    counts = browser.page_record(page).get("counts", {})
    return sum(count["looked"] for count in counts.values())


def test_a_picture_shown_three_times_is_sent_once(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    page.goto(
        server.add(
            "/page", '<img src="mine.png"><img src="mine.png" width=90><img src="other.png"><img src="mine.png">'
        )
    )
    eventually(lambda: len(names(companion)) == 2)
    page.evaluate(ADD_LAST_PICTURE)
    eventually(lambda: "end.png" in names(companion))
    assert sorted(names(companion)) == ["end.png", "mine.png", "other.png"]
    for request in companion.heard("check_page"):
        assert request["page"] == {"address": page.url, "title": ""}


def test_lazy_swapped_chosen_and_added_pictures_are_sent_once_each(
    page: Any, server: PageServer, companion: FakeCompanion
) -> None:
    for name in ("lazy", "first", "second", "small", "large", "source", "unused", "added", "inner", "icon"):
        side = 20 if name == "icon" else 200
        server.add(f"/{name}.png", plain_png(side, side, (len(name) * 20, 90, 90)))
    url = server.add(
        "/page",
        """<title>All kinds</title>
        <img src="first.png" id="swapped">
        <img srcset="small.png 200w, large.png 2000w" sizes="150px">
        <picture><source srcset="source.png" type="image/png"><img src="unused.png"></picture>
        <img src="icon.png"><img src="mine.png" hidden>
        <div id="place"></div><div style="height: 9000px"></div>
        <img src="lazy.png" loading="lazy" width="200" height="200">""",
    )
    page.goto(url)
    eventually(lambda: len(names(companion)) == 3)
    assert sorted(names(companion)) == ["first.png", "small.png", "source.png"]
    page.evaluate("document.getElementById('swapped').src = 'second.png'")
    page.evaluate("document.getElementById('place').innerHTML = '<p><b><img src=inner.png></b></p>'")
    page.evaluate("document.body.prepend(Object.assign(new Image(), {src: 'added.png'}))")
    eventually(lambda: len(names(companion)) == 6)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    eventually(lambda: len(names(companion)) == 7)
    assert names(companion)[-1] == "lazy.png"
    page.evaluate(ADD_LAST_PICTURE)
    eventually(lambda: "end.png" in names(companion))
    expected = ["added", "end", "first", "inner", "lazy", "second", "small", "source"]
    assert sorted(names(companion)) == [f"{name}.png" for name in expected]


def test_pictures_in_frames_belong_to_the_page_of_the_tab(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    server.add("/frame", '<img src="mine.png">')
    other_site = server.url("/frame", host="localhost")
    url = server.add(
        "/page",
        f"""<title>Outside</title><iframe src="{other_site}"></iframe>
        <iframe srcdoc="<img src='{server.url("/other.png")}'>"></iframe>""",
    )
    companion.play(pictures={"mine": {"verdict": "copy"}})
    page.goto(url)
    eventually(lambda: sorted(names(companion)) == ["mine.png", "other.png"])
    assert {message["page"]["address"] for message in companion.heard("check_page")} == {url}
    record = eventually(lambda: finding_record(browser, page))
    assert len(record["findings"]) == 1


def test_pictures_are_found_under_a_strict_policy(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    policy = "default-src 'none'; img-src 'self'; sandbox allow-same-origin; require-trusted-types-for 'script'"
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    server.add("/favicon.ico", plain_png(16, 16, (90, 90, 90)))  # that it is missing would be said, too
    page.goto(server.add("/page", '<img src="mine.png">', Content_Security_Policy=policy))
    eventually(lambda: names(companion) == ["mine.png"])
    with page.expect_console_message(lambda message: message.text == "the end"):
        page.evaluate("console.log('the end')")  # what the console said before has been heard now
    assert errors == ["the end"]


@pytest.mark.parametrize(
    ("script", "title", "address"),
    [
        ("document.title = 'x'.repeat(20_000)", "x" * 1_000, "/page"),
        ("document.title = '\\ud83d'", "\ufffd", "/page"),
        ("history.replaceState({}, '', '/page?' + 'q'.repeat(70_000))", "", "/page"),
    ],
)
def test_no_title_and_no_address_keep_a_page_from_being_looked_at(
    page: Any, server: PageServer, companion: FakeCompanion, script: str, title: str, address: str
) -> None:
    page.goto(server.add("/page", f"<script>{script}</script><img src=mine.png>"))
    eventually(lambda: names(companion) == ["mine.png"])
    [request] = companion.heard("check_page")
    assert request["page"] == {"address": server.url(address), "title": title}


@pytest.mark.parametrize("name", ["title", "prerendering", "querySelectorAll"])
def test_no_element_keeps_a_page_from_being_looked_at_by_its_name(
    page: Any, server: PageServer, companion: FakeCompanion, name: str
) -> None:
    page.goto(server.add("/page", f'<form name="{name}"></form><img name="{name}" src="other.png"><img src=mine.png>'))
    eventually(lambda: sorted(names(companion)) == ["mine.png", "other.png"])


def test_a_page_that_its_site_sandboxed_is_looked_at(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    page.goto(server.add("/page", '<img src="mine.png">', Content_Security_Policy="sandbox"))
    eventually(lambda: names(companion) == ["mine.png"])


def test_of_three_hundred_pictures_the_seen_ones_come_first_and_all_come_once(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    for index in range(300):
        server.add(f"/{index}.png", plain_png(100, 100, (index % 256, index // 256, 50)))
    rows = "".join(f'<img src="{index}.png" width=200 height=200 style="display:block">' for index in range(300))
    # Paused until all are loaded: else those that are loaded first are asked about first.
    companion.play(status={"paused": EVERYWHERE})
    eventually(lambda: status(browser).get("paused") == EVERYWHERE)
    page.goto(server.add("/page", rows))
    eventually(lambda: browser.page_record(page).get("waiting", 0) >= 100)
    # What is seen is told of in a frame after it was found, and the worker hears of that soon after.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
    page.wait_for_timeout(200)
    companion.play(pictures={"/7.png": {"verdict": "copy"}, "/299.png": {"verdict": "copy"}})
    eventually(lambda: len(names(companion)) >= 300, seconds=60)
    page.evaluate(ADD_LAST_PICTURE)
    eventually(lambda: "end.png" in names(companion))
    assert sorted(names(companion)) == sorted(["end.png", *(f"{index}.png" for index in range(300))])
    batches = [len(message["images"]) for message in companion.heard("check_page")]
    assert max(batches) == 50
    seen = {f"{index}.png" for index in range(7)}  # of 200 px each in a window of 1400
    assert seen == set(names(companion)[:7])
    eventually(lambda: looked(browser, page) == 301)
    assert len(browser.page_record(page)["findings"]) == 2


def test_an_application_that_changes_its_address_begins_a_new_page(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    page.goto(server.add("/page", '<div id="view"><img src="mine.png"></div>'))
    eventually(lambda: finding_record(browser, page))
    page.evaluate("history.pushState({}, '', '/next'); view.innerHTML = '<img src=other.png>'")
    eventually(lambda: names(companion) == ["mine.png", "other.png"])
    assert companion.heard("check_page")[-1]["page"]["address"] == server.url("/next")
    assert browser.page_record(page)["findings"] == []
    page.evaluate("location.hash = 'part'; view.append(' ')")
    page.evaluate(ADD_LAST_PICTURE)
    eventually(lambda: "end.png" in names(companion))
    assert names(companion) == ["mine.png", "other.png", "end.png"], "a fragment is no new page"


def test_going_back_shows_again_what_was_found_there(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    companion.play(pictures={"mine": {"verdict": "copy"}})
    page.goto(server.add("/page", '<img src="mine.png">'))
    eventually(lambda: finding_record(browser, page))
    page.goto(server.add("/empty", "<p>Nothing here</p>"))
    record = eventually(lambda: record_at(browser, page, page.url))
    assert record["findings"] == []
    page.go_back()
    eventually(lambda: finding_record(browser, page))


def test_closing_a_tab_cancels_what_it_waited_for(
    browser: Chromium, server: PageServer, companion: FakeCompanion
) -> None:
    companion.play(delay_seconds=60)
    page = browser.context.new_page()
    page.goto(server.add("/page", '<img src="mine.png"><img src="maybe.png"><img src="other.png">'))
    eventually(lambda: len(names(companion)) == 3)
    requests = {request["id"] for request in companion.heard("check_page")}
    page.close()
    eventually(lambda: {cancel["target"] for cancel in companion.heard("cancel")} == requests)
    eventually(lambda: not [key for key in browser.session() if key.startswith("page:")])


def test_an_overloaded_companion_is_asked_again_later(page: Any, server: PageServer, companion: FakeCompanion) -> None:
    companion.play(errors={"check_page": "overloaded"})
    page.goto(server.add("/page", '<img src="mine.png">'))
    eventually(lambda: companion.heard("check_page"))
    companion.play()
    eventually(lambda: names(companion) == ["mine.png"])


def test_while_paused_nothing_is_sent_and_afterwards_all(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    pauses = {"everywhere": False, "until": None, "sites": [{"site": "127.0.0.1", "until": None}]}
    companion.play(status={"paused": pauses})
    eventually(lambda: status(browser).get("paused") == pauses)
    page.goto(server.add("/page", '<img src="mine.png">'))
    assert eventually(lambda: browser.page_record(page).get("waiting") == 1)
    page.wait_for_timeout(200)
    assert names(companion) == []
    companion.play()
    eventually(lambda: names(companion) == ["mine.png"])


def test_when_the_index_knows_more_photos_open_pages_are_looked_at_again(
    page: Any, server: PageServer, companion: FakeCompanion, browser: Chromium
) -> None:
    page.goto(server.add("/page", '<img src="mine.png"><img src="other.png">'))
    eventually(lambda: looked(browser, page) == 2)
    progress = {"task": "indexing", "done": 1, "total": 2, "photos_per_second": 1, "unreadable": 0}
    companion.play(status={"state": "indexing", "photos": 13, "progress": progress})
    eventually(lambda: status(browser).get("state") == "indexing")
    page.wait_for_timeout(200)
    assert names(companion) == []
    companion.play(status={"photos": 14}, pictures={"mine": {"verdict": "copy"}})
    eventually(lambda: finding_record(browser, page))
    eventually(lambda: sorted(names(companion)) == ["mine.png", "other.png"])
    eventually(lambda: looked(browser, page) == 2)
    assert len(browser.page_record(page)["findings"]) == 1
