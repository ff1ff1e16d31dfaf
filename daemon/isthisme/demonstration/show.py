"""The demonstration from photos to screenshot. All that it makes lies in one folder; a second run is quick."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from isthisme.demonstration.chromium import chromium
from isthisme.demonstration.page import served
from isthisme.demonstration.pictures import PagePicture, own_photos, page_pictures
from isthisme.demonstration.program import run_program, stop_daemon
from isthisme.errors import DeadlineExceeded

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Worker

_WIDTH, _HEIGHT = 1200, 940
_POPUP_WIDTH, _POPUP_HEIGHT = 400, 900
_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Row:
    """One picture of the page, and what the extension was told of it."""

    picture: str
    made: str
    verdict: str
    photo: str
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    rows: list[Row]
    screenshot: Path
    seconds: float


def show(folder: Path, extension: Path) -> Shown:
    """Indexes the photos, opens the page in a browser, and tells what was flagged. Raises an IsThisMeError."""
    started = time.monotonic()
    folder = folder.resolve()
    home, photos = folder / "home", folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    for photo in own_photos():
        if not (photos / photo.name).exists():
            shutil.copy(photo, photos)
    run_program(home, "folders", "add", str(photos))
    run_program(home, "index")
    pictures = page_pictures()
    try:
        with (
            served(pictures) as address,
            chromium(home, extension, folder / "profile", width=_WIDTH, height=_HEIGHT) as context,
        ):
            page = context.new_page()
            page.goto(address)
            record = _finished(context, address, len(pictures))
            screenshot = _photographed(context, page, record, folder)
        rows = _rows(pictures, record, _sightings(home, address))
    finally:
        stop_daemon(home)
    return Shown(rows, screenshot, time.monotonic() - started)


def _finished(context: "BrowserContext", address: str, pictures: int) -> dict[str, Any]:
    """The extension's record of the page, once it has heard of every picture."""
    worker = _worker(context)
    give_up = time.monotonic() + _SECONDS
    while time.monotonic() < give_up:
        kept: dict[str, Any] = worker.evaluate("() => chrome.storage.session.get(null)")
        for record in kept.values():
            if isinstance(record, dict) and record.get("address") == address and _looked(record) >= pictures:
                return record
        context.pages[0].wait_for_timeout(100)
    raise DeadlineExceeded(f"the pictures were not judged within {_SECONDS:.0f} s; 'isthisme doctor' may know why")


def _looked(record: dict[str, Any]) -> int:
    return sum(int(count["looked"]) for count in record["counts"].values())


def _worker(context: "BrowserContext") -> "Worker":
    return context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")


def _photographed(context: "BrowserContext", page: "Page", record: dict[str, Any], folder: Path) -> Path:
    """The page with the extension's popup over its corner, as a browser shows it."""
    base = _worker(context).url.split("/background/")[0]
    popup = context.new_page()
    popup.set_viewport_size({"width": _POPUP_WIDTH, "height": _POPUP_HEIGHT})
    popup.goto(f"{base}/popup/popup.html?tab={record['tab_id']}")
    popup.wait_for_function("() => document.images.length > 0 && [...document.images].every((image) => image.complete)")
    popup.wait_for_timeout(300)
    popup.screenshot(path=folder / "popup.png")
    page.bring_to_front()
    page.screenshot(path=folder / "page.png")
    target = folder / "screenshot.png"
    with Image.open(folder / "page.png") as under, Image.open(folder / "popup.png") as over:
        joined = under.convert("RGB")
        left = joined.width - over.width - 12
        joined.paste((120, 120, 120), (left - 1, 11, left + over.width + 1, 13 + min(over.height, joined.height - 24)))
        joined.paste(over.convert("RGB").crop((0, 0, over.width, min(over.height, joined.height - 24))), (left, 12))
        joined.save(target)
    return target


def _rows(pictures: Sequence[PagePicture], record: dict[str, Any], sightings: dict[str, dict[str, Any]]) -> list[Row]:
    undecided = sum(count["undecided"] for count in record["counts"].values())
    rest = "no copy" if undecided == 0 else "no copy, or undecided"
    rows = []
    for picture in pictures:
        sighting = sightings.get(picture.name)
        if sighting is None:
            rows.append(Row(picture.name, picture.made, rest, "", ""))
            continue
        match = sighting["matches"][0]
        verdict = sighting["verdict"].replace("_", " ")
        rows.append(Row(picture.name, picture.made, verdict, Path(match["photo"]).name, match["explanation"]))
    return rows


def _sightings(home: Path, address: str) -> dict[str, dict[str, Any]]:
    """What was kept of this page, by the picture's name."""
    lines = run_program(home, "sightings", "list", "--json", "--limit", "1000").splitlines()
    found = [json.loads(line) for line in lines]
    return {row["picture_address"].rsplit("/", 1)[1]: row for row in found if row["page_address"] == address}
