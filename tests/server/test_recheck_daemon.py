"""Looking again, as the extension meets it: requests, news that are pushed, and news that wait for a browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.companion import Client, client, daemon_with_photos, isthisme
from tests.picture_site import Site, picture_site
from tests.pictures import drawn, encoded

pytestmark = pytest.mark.slow  # many processes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A daemon without a model, which knows two photos."""
    with daemon_with_photos(tmp_path_factory.mktemp("recheck"), 2, workers=1) as made:
        yield made


def next_news(browser: Client) -> dict[str, Any]:
    """The news that comes next, or came meanwhile."""
    while not (kept := [each for each in browser.kept if each["type"] == "news"]):
        browser.kept.append(browser.receive())
    browser.kept.remove(kept[0])
    return kept[0]


def report_copy(browser: Client, site: Site) -> tuple[int, int]:
    """A sighting of the user's photo, and the case that it was reported in."""
    copy = encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=80)
    site.files["/a.jpg"] = ("image/jpeg", copy)
    found = browser.check_page([site.url("a.jpg")], site.address)
    sighting = int(found[site.url("a.jpg")]["sighting_id"])
    case = int(browser.ask("make_case", sighting_ids=[sighting])["case_id"])
    browser.ask("change_case", case_id=case, status="reported")
    return sighting, case


def test_a_picture_goes_and_comes_back(home: Path) -> None:
    with picture_site() as site, client(home) as browser:
        sighting, case = report_copy(browser, site)
        there = browser.ask("recheck", sighting_ids=[sighting])
        assert there["type"] == "rechecked"
        assert there["results"] == [{"sighting_id": sighting, "presence": "there", "words": "the same file is there"}]
        kept = site.files.pop("/a.jpg")
        (gone,) = browser.ask("recheck", case_id=case)["results"]
        assert gone["presence"] == "gone"
        assert browser.ask("case", case_id=case)["status"] == "removed"
        assert next_news(browser) == {
            "type": "news",
            "sighting_id": sighting,
            "case_id": case,
            "presence": "gone",
            "page_address": site.address,
            "page_title": "A page",
        }
        site.files["/a.jpg"] = kept
        assert browser.ask("recheck", case_id=case)["results"][0]["presence"] == "there"
        assert browser.ask("case", case_id=case)["status"] == "came_back"
        assert next_news(browser)["presence"] == "there"
        kinds = [event["kind"] for event in browser.ask("timeline", case_id=case)["events"]]
        assert kinds.count("recheck") == 3
        browser.ask("delete_case", case_id=case, with_sightings=True)


def test_who_asks_about_many_hears_in_time_which_ones_are_left(home: Path) -> None:
    with picture_site() as site, client(home) as browser:
        sightings = [report_copy(browser, site)[0]]
        site.files["/b.jpg"] = ("image/jpeg", encoded(np.ascontiguousarray(drawn(0)[:, ::-1]), quality=80))
        sightings.append(browser.check_page([site.url("b.jpg")], site.address)[site.url("b.jpg")]["sighting_id"])
        answer = browser.ask("recheck", sighting_ids=sightings, deadline_seconds=1e-9)
        assert ([each["sighting_id"] for each in answer["results"]], answer["left"]) == (sightings[:1], sightings[1:])
        rest = browser.ask("recheck", sighting_ids=answer["left"], deadline_seconds=1e-9)
        assert [each["sighting_id"] for each in rest["results"]] == sightings[1:]
        assert "left" not in rest


def test_a_browser_that_was_closed_hears_it_at_its_next_hello(home: Path) -> None:
    with picture_site() as site:
        with client(home) as browser:
            sighting, case = report_copy(browser, site)
        site.files.pop("/a.jpg")
        done = isthisme(home, "recheck", "--case", str(case), "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["presence"] == "gone"
        with client(home, greets=False) as other:
            other.hello(browser="command line")
            assert other.ask("case", case_id=case)["status"] == "removed"  # which is told nothing by itself
            with client(home) as browser:
                assert next_news(browser)["sighting_id"] == sighting
            assert not any(each["type"] == "news" for each in other.kept)


def test_a_page_that_shows_it_again_counts(home: Path) -> None:
    with picture_site() as site, client(home) as browser:
        sighting, case = report_copy(browser, site)
        kept = site.files.pop("/a.jpg")
        browser.ask("recheck", sighting_ids=[sighting])
        site.files["/a.jpg"] = kept
        browser.check_page([site.url("a.jpg")], site.address)
        assert browser.ask("case", case_id=case)["status"] == "came_back"


def test_nothing_is_asked_for_where_only_the_browser_fetches(home: Path) -> None:
    with picture_site() as site, client(home) as browser:
        sighting, _ = report_copy(browser, site)
        site.requests.clear()
        (result,) = browser.ask("recheck", sighting_ids=[sighting], who_fetches="browser")["results"]
        assert result["presence"] == "unknown"
        assert "only the browser fetches" in result["words"]
        done = isthisme(home, "recheck", str(sighting))
        assert done.returncode == 1
        assert f"{sighting}: not known (in chromium only the browser" in done.stdout
        assert site.requests == []
        browser.ask("recheck_schedule", who_fetches="companion")
        assert browser.ask("recheck", sighting_ids=[sighting])["results"][0]["presence"] == "there"


def test_the_schedule_is_kept(home: Path) -> None:
    with client(home) as browser:
        assert browser.ask("recheck_schedule")["hours"] == 0
        assert browser.ask("recheck_schedule", hours=72) == {"id": 3, "type": "recheck_schedule", "hours": 72}
        assert browser.ask("recheck_schedule", hours=1)["code"] == "invalid_message"
    with client(home) as browser:
        assert browser.ask("recheck_schedule")["hours"] == 72
        assert browser.ask("recheck_schedule", hours=0)["hours"] == 0


@pytest.mark.parametrize("fields", [{}, {"sighting_ids": [999_999]}, {"case_id": 999_999}])
def test_what_is_not_there_is_said(home: Path, fields: dict[str, Any]) -> None:
    with client(home) as browser:
        assert browser.ask("recheck", **fields)["code"] == "not_found"


def test_the_command_line_wants_to_know_what_to_look_at(home: Path) -> None:
    done = isthisme(home, "recheck")
    assert done.returncode == 2
    assert "name sightings by their numbers" in done.stderr
