"""What the user does besides looking at pages: decisions, cases, evidence, folders, and taking things back."""

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Final

from tests.soak.album import Album
from tests.soak.browser import Browser
from tests.soak.judging import Judge
from tests.soak.ledger import Ledger, Thing

_EVIDENCE_SECONDS = 180.0
_MOST_EXTRA = 3  # folders
_HTML: Final = base64.b64encode(b"<!doctype html><title>A page</title><p>as it was shown").decode()

# How often each is done, of all that is done.
ACTS: Final[Mapping[str, int]] = {
    "keep": 10,
    "not_me": 4,
    "fine_here": 6,
    "undo": 4,
    "delete_sighting": 10,
    "make_case": 5,
    "add_note": 8,
    "delete_note": 3,
    "delete_case": 1,
    "pause_or_resume": 4,
    "add_folder": 1,
    "remove_folder": 1,
    "save_evidence": 1,
    "capture_page": 4,
    "look_at_status": 20,
    "look_at_sightings": 10,
    "look_at_previews": 10,
    "recheck": 1,
    "draft_notice": 2,
    "rebuild": 1,
}


class User:
    """Does one thing after the other. What is parted by number: a third of the sightings and cases may be deleted, and
    nothing else is done with those."""

    def __init__(self, album: Album, ledger: Ledger, judge: Judge, chance: random.Random) -> None:
        self._album, self._ledger, self._judge, self._chance = album, ledger, judge, chance
        self._names = count(1)
        self._undoable: list[int] = []
        self._decisions: dict[tuple[str, object], list[int]] = {}  # by what they are about
        self._acts: dict[str, Callable[[Browser], Awaitable[None]]] = {name: getattr(self, name) for name in ACTS}

    async def act(self, browser: Browser, name: str | None = None) -> None:
        """Something, by chance; or what is named."""
        name = name or self._chance.choices(list(ACTS), list(ACTS.values()))[0]
        await self._acts[name](browser)

    async def keep(self, browser: Browser) -> None:
        if numbers := self._lasting(Thing.SIGHTING):
            number = self._chance.choice(numbers)
            await self._decide(("mine", number), browser, "keep_sighting", sighting_id=number)

    async def not_me(self, browser: Browser) -> None:
        photos = [seed for seed in self._album.steady_photos if seed % 5 == 2]  # such as are never forgotten
        chosen = [n for n in self._lasting(Thing.SIGHTING) if self._ledger.sighting_photos[n][0] in photos]
        if chosen:
            number = self._chance.choice(chosen)
            seed, photo_id = self._ledger.sighting_photos[number]
            self._judge.dismissed.add(seed)  # before it is said: what is being judged meanwhile may be answered so
            await self._decide(("not me", seed), browser, "not_me", sighting_id=number, photo_id=photo_id)

    async def fine_here(self, browser: Browser) -> None:
        pattern = f"shop-{next(self._names)}.example/album"
        await self._decide(("fine", pattern), browser, "fine_here", pattern=pattern, reach="below")

    async def undo(self, browser: Browser) -> None:
        if self._undoable:
            number = self._undoable.pop()
            await self._end(Thing.DECISION, number, browser, "undo_decision", decision_id=number)

    async def delete_sighting(self, browser: Browser) -> None:
        if numbers := self._passing(Thing.SIGHTING):
            number = self._chance.choice(numbers)
            await self._end(Thing.SIGHTING, number, browser, "delete_sighting", sighting_id=number)

    async def make_case(self, browser: Browser) -> None:
        numbers = self._lasting(Thing.SIGHTING)
        if len(numbers) > 2:
            some = self._chance.sample(numbers, 2)
            reply = await browser.ask("make_case", sighting_ids=some, name=f"Case {next(self._names)}")
            if reply.is_answer:
                self._ledger.kept(Thing.CASE, reply.fields["case_id"])

    async def add_note(self, browser: Browser) -> None:
        if numbers := self._lasting(Thing.CASE):
            number, text = self._chance.choice(numbers), f"Note {next(self._names)}"
            if (await browser.ask("add_note", case_id=number, text=text)).is_answer:
                self._ledger.notes[text] = number
                self._ledger.kept(Thing.NOTE, text)

    async def delete_note(self, browser: Browser) -> None:
        texts = sorted(map(str, self._ledger.owed(Thing.NOTE).there))
        if not texts:
            return
        text = self._chance.choice(texts)
        reply = await browser.ask("timeline", case_id=self._ledger.notes[text])
        numbers = [each["event_id"] for each in reply.fields.get("events", []) if each["text"] == text]
        if numbers:
            await self._end(Thing.NOTE, text, browser, "delete_note", event_id=numbers[0])

    async def delete_case(self, browser: Browser) -> None:
        if numbers := self._passing(Thing.CASE):
            number = self._chance.choice(numbers)
            await self._end(Thing.CASE, number, browser, "delete_case", case_id=number)

    async def pause_or_resume(self, browser: Browser) -> None:
        site = f"site-{self._chance.randrange(4)}.example"
        is_paused = site in self._ledger.owed(Thing.PAUSE).there
        if is_paused:
            await self._end(Thing.PAUSE, site, browser, "resume", site=site)
        else:
            self._ledger.in_doubt(Thing.PAUSE, site)
            if (await browser.ask("pause", site=site)).is_answer:
                self._ledger.kept(Thing.PAUSE, site)

    async def add_folder(self, browser: Browser) -> None:
        if len(self._extra_folders()) >= _MOST_EXTRA:
            return
        folder = await asyncio.to_thread(self._album.make_extra, 3)
        await _until_acknowledged(browser, "add_folder", str(folder))
        self._album.took_in(folder)
        self._ledger.kept(Thing.FOLDER, str(folder))

    async def remove_folder(self, browser: Browser) -> None:
        folders = self._extra_folders()
        if not folders:
            return
        folder = Path(self._chance.choice(folders))
        self._ledger.in_doubt(Thing.FOLDER, str(folder))
        self._album.gave_up(folder)
        await _until_acknowledged(browser, "remove_folder", str(folder))
        self._ledger.deleted(Thing.FOLDER, str(folder))

    async def save_evidence(self, browser: Browser) -> None:
        numbers = self._lasting(Thing.SIGHTING)
        if not numbers:
            return
        some = self._chance.sample(numbers, min(2, len(numbers)))
        reply = await browser.ask("save_evidence", sighting_ids=some, language="en", patience_seconds=_EVIDENCE_SECONDS)
        if not reply.is_answer:
            return
        made = reply.fields
        self._ledger.bundles[made["bundle_id"]] = made["path"], made["sha256"], some[0]
        self._ledger.kept(Thing.BUNDLE, made["bundle_id"])
        await browser.ask("verify_evidence", bundle_id=made["bundle_id"], patience_seconds=_EVIDENCE_SECONDS)

    async def capture_page(self, browser: Browser) -> None:
        """Of a page whose sightings stay: what is kept of a page goes with its last sighting."""
        if numbers := self._lasting(Thing.SIGHTING):
            address = self._ledger.sighting_pages[self._chance.choice(numbers)]
            html = {"kind": "html", "media_type": "text/html", "bytes": _HTML, "is_last": True}
            page = {"address": address, "title": "A page"}
            name = f"capture {next(self._names)}"
            reply = await browser.ask("capture_page", capture=name, page=page, at=1.0, part=0, parts=1, **html)
            if reply.is_answer:
                self._ledger.capture_pages[reply.fields["capture_id"]] = address
                self._ledger.kept(Thing.CAPTURE, reply.fields["capture_id"])

    async def look_at_status(self, browser: Browser) -> None:
        await browser.ask("status")

    async def look_at_sightings(self, browser: Browser) -> None:
        await browser.ask("sightings", limit=20)

    async def look_at_previews(self, browser: Browser) -> None:
        if numbers := self._lasting(Thing.SIGHTING):
            number = self._chance.choice(numbers)
            await browser.ask("sighting_preview", sighting_id=number)
            await browser.ask("photo_preview", photo_id=self._ledger.sighting_photos[number][1])

    async def recheck(self, browser: Browser) -> None:
        if numbers := self._lasting(Thing.SIGHTING):
            some = self._chance.sample(numbers, min(2, len(numbers)))
            await browser.ask("recheck", sighting_ids=some, patience_seconds=_EVIDENCE_SECONDS)

    async def draft_notice(self, browser: Browser) -> None:
        if numbers := self._lasting(Thing.SIGHTING):
            some = [self._chance.choice(numbers)]
            await browser.ask("draft_notice", kind="dmca", language="en", sighting_ids=some, answers={})

    async def rebuild(self, browser: Browser) -> None:
        await browser.ask("rebuild")

    def _lasting(self, thing: Thing) -> list[int]:
        return [number for number in self._ledger.some(thing) if number % 3]

    def _passing(self, thing: Thing) -> list[int]:
        return [number for number in self._ledger.some(thing) if not number % 3]

    def _extra_folders(self) -> list[str]:
        return sorted(str(path) for path in self._ledger.owed(Thing.FOLDER).there if "/extra-" in str(path))

    async def _decide(self, about: tuple[str, object], browser: Browser, kind: str, **fields: object) -> None:
        """A new decision about the same takes the place of the old one."""
        for number in self._decisions.pop(about, []):
            self._ledger.in_doubt(Thing.DECISION, number)
        reply = await browser.ask(kind, **fields)
        if reply.is_answer:
            number = reply.fields["decision_id"]
            for other in self._decisions.setdefault(about, []):  # made at the same time, in another tab
                self._ledger.in_doubt(Thing.DECISION, other)
            self._decisions[about].append(number)
            self._ledger.words[Thing.DECISION, number] = str(reply.fields)
            if len(self._decisions[about]) == 1:
                self._ledger.kept(Thing.DECISION, number)
            if number % 3 == 0:
                self._undoable.append(number)

    async def _end(self, thing: Thing, what: object, browser: Browser, kind: str, **fields: object) -> None:
        """Asks for an end. Where no word comes back, nobody knows."""
        self._ledger.in_doubt(thing, what)
        if (await browser.ask(kind, **fields)).is_answer:
            self._ledger.deleted(thing, what)


async def _until_acknowledged(browser: Browser, kind: str, path: str) -> None:
    """As a user who tries again."""
    while not (await browser.ask(kind, path=path)).is_answer:  # noqa: ASYNC110 each question is new
        await asyncio.sleep(1.0)
