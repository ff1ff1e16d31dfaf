"""Asks the daemon for everything that it acknowledged."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from tests.soak.browser import Browser, Reply
from tests.soak.findings import Findings, Promise
from tests.soak.judging import Judge
from tests.soak.ledger import Ledger, Thing

_PAGE = 100
_TRIES = 8
_BETWEEN_SECONDS = 0.5


class InterruptedAuditError(Exception):
    """The daemon ended, or refused; what was not asked yet is asked the next time."""


class Auditor:
    def __init__(self, ledger: Ledger, judge: Judge, findings: Findings) -> None:
        self._ledger = ledger
        self._judge = judge
        self._findings = findings

    async def look(self, browser: Browser, when: str) -> bool:
        """Whether all was asked, perhaps after some tries: the daemon may just be dying."""
        for _ in range(_TRIES):
            await browser.connected()
            if await self._look_once(browser, when):
                return True
            await asyncio.sleep(_BETWEEN_SECONDS)
        return False

    async def _look_once(self, browser: Browser, when: str) -> bool:
        try:
            await self._sightings(browser, when)
            await self._decisions(browser, when)
            await self._cases(browser, when)
            await self._bundles(browser, when)
            await self._folders_and_pauses(browser, when)
        except InterruptedAuditError:
            self._findings.counts["looks for all that was acknowledged, interrupted"] += 1
            return False
        self._findings.counts["looks for all that was acknowledged"] += 1
        return True

    async def _sightings(self, browser: Browser, when: str) -> None:
        before = self._ledger.owed(Thing.SIGHTING)
        found = {row["sighting_id"] for row in await _all(browser, "sightings", "sighting_id")}
        photos = self._ledger.sighting_photos
        # What the user said is not them is kept, and not listed.
        hidden = {number for number in before.there if photos.get(int(str(number)), (0, 0))[0] in self._judge.dismissed}
        self._ledger.compare(Thing.SIGHTING, before, found | hidden, self._findings, when=when)

    async def _decisions(self, browser: Browser, when: str) -> None:
        before = self._ledger.owed(Thing.DECISION)
        found: set[object] = {row["decision_id"] for row in await _all(browser, "decisions", "decision_id")}
        self._ledger.compare(Thing.DECISION, before, found, self._findings, when=when)

    async def _cases(self, browser: Browser, when: str) -> None:
        cases, notes = self._ledger.owed(Thing.CASE), self._ledger.owed(Thing.NOTE)
        found = {row["case_id"] for row in (await _asked(browser, "cases"))["cases"]}
        self._ledger.compare(Thing.CASE, cases, set(found), self._findings, when=when)
        texts: set[object] = set()
        for number in found & {self._ledger.notes[str(text)] for text in notes.there | notes.gone}:
            reply = await browser.ask("timeline", case_id=number)
            if reply.code == "not_found":  # deleted since
                continue
            texts |= {event["text"] for event in _answer(reply)["events"] if event["kind"] == "note"}
        self._ledger.compare(Thing.NOTE, notes, texts, self._findings, when=when)

    async def _bundles(self, browser: Browser, when: str) -> None:
        before = self._ledger.owed(Thing.BUNDLE)
        if not before.there:
            return
        rows = []
        for sighting in sorted({sighting for _, _, sighting in self._ledger.bundles.values()}):
            reply = await browser.ask("bundles", sighting_id=sighting)
            rows += _answer(reply)["bundles"]
        self._ledger.compare(Thing.BUNDLE, before, {row["bundle_id"] for row in rows}, self._findings, when=when)
        for row in rows:
            path, digest, _ = self._ledger.bundles.get(row["bundle_id"], ("", "", 0))
            if path:
                is_whole = await asyncio.to_thread(_sha256, Path(path)) == digest
                self._findings.check(Promise.KEPT, is_whole, f"{when}: {path} is not the evidence that was saved")

    async def _folders_and_pauses(self, browser: Browser, when: str) -> None:
        folders, pauses = self._ledger.owed(Thing.FOLDER), self._ledger.owed(Thing.PAUSE)
        found = {row["path"] for row in (await _asked(browser, "folders"))["folders"]}
        self._ledger.compare(Thing.FOLDER, folders, set(found), self._findings, when=when)
        sites = {row["site"] for row in (await _asked(browser, "status"))["paused"]["sites"]}
        self._ledger.compare(Thing.PAUSE, pauses, set(sites), self._findings, when=when)


async def _all(browser: Browser, kind: str, number: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    before = None
    while True:
        page = (await _asked(browser, kind, limit=_PAGE, before=before))[kind]
        rows += page
        if len(page) < _PAGE:
            return rows
        before = page[-1][number]


async def _asked(browser: Browser, kind: str, **fields: Any) -> dict[str, Any]:
    return _answer(await browser.ask(kind, **fields))


def _answer(reply: Reply) -> dict[str, Any]:
    if not reply.is_answer:
        raise InterruptedAuditError
    return reply.fields


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
