"""Looking again at reported pictures, as often as the user has set: spread out, and never twice in a row at one host.

What is due follows from what is kept, so that sleep, restarts and clocks that are set change nothing but the hour.
"""

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Awaitable, Callable

from isthisme.catalog import Catalog
from isthisme.catalog.cases import Status
from isthisme.catalog.sightings import Sighting, Wanted
from isthisme.errors import NotFound
from isthisme.evidence.foreign_text import host_of
from isthisme.server.rechecking import ANOTHER_PICTURE, SOFT_SECONDS, Rechecker, can_look
from isthisme.server.threads import Threads

_log = logging.getLogger(__name__)

# What was only found is nobody's to remove yet.
WATCHED: frozenset[Status] = frozenset({"reported", "answered", "removed", "came_back"})
_BETWEEN_SECONDS = 30.0, 90.0  # from one look to the next, whatever the host
_SAME_HOST_SECONDS = 600.0
_UNASKED_SECONDS = 1_800.0  # without a network, or where only the browser fetches
_IDLE_SECONDS = 60.0
_JITTER = 0.1  # share of the time between two looks by which one may come later
_MOST_SIGHTINGS = 1_000_000


class RecheckSchedule:
    def __init__(
        self,
        catalog: Catalog,
        rechecker: Rechecker,
        threads: Threads,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._catalog = catalog
        self._rechecker = rechecker
        self._threads = threads
        self._clock = clock
        self._wall_clock = wall_clock
        self._rest = rest
        self._hosts: dict[str, float] = {}  # until when each is left alone

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            seconds = _IDLE_SECONDS
            try:
                seconds = await self.step()
            except Exception:  # noqa: BLE001 the next look may go well
                _log.exception("looking again at pictures failed")
            await self._rest(seconds)

    async def step(self) -> float:
        """Looks at one picture, if one is due; the seconds until the next step."""
        due = await self._threads.catalog(due_sightings, self._catalog, self._wall_clock())
        now = self._clock()
        self._hosts = {host: until for host, until in self._hosts.items() if until > now}
        for sighting in due:
            host = host_of(sighting.picture_address)
            if host in self._hosts:
                continue
            try:
                look = await self._rechecker.look_at(sighting.sighting_id)
            except NotFound:
                continue  # deleted this moment
            self._hosts[host] = self._clock() + (_SAME_HOST_SECONDS if look.was_asked else _UNASKED_SECONDS)
            if not look.was_asked:
                return _IDLE_SECONDS
            return random.uniform(*_BETWEEN_SECONDS)  # noqa: S311 no secret
        return _IDLE_SECONDS


def due_sightings(catalog: Catalog, now: float) -> list[Sighting]:
    """Those to be looked at by now, the longest due first. `now` is the time since 1970."""
    seconds = 3_600.0 * catalog.facts.recheck_hours()
    if not seconds:
        return []
    found: list[tuple[float, Sighting]] = []
    for case in catalog.cases.all():
        if case.status not in WATCHED:
            continue
        for sighting in catalog.sightings.latest(_MOST_SIGHTINGS, Wanted(case_id=case.case_id)):
            due = _due_at(catalog, sighting, seconds, now)
            if due <= now and can_look(catalog, sighting):
                found.append((due, sighting))
    return [sighting for _, sighting in sorted(found, key=lambda each: (each[0], each[1].sighting_id))]


def _due_at(catalog: Catalog, sighting: Sighting, seconds: float, now: float) -> float:
    last = max(sighting.last_seen, sighting.checked_at or 0.0)  # the user's own visit tells as much
    if last > now:  # the clock was set back
        last = now - seconds
    if sighting.checked_at is not None and sighting.presence == "unknown":
        seen = catalog.observations.of(sighting.sighting_id)
        if seen and seen[-1].words == ANOTHER_PICTURE:  # the second look tells whether it stays so
            seconds = min(seconds, SOFT_SECONDS)
    # The same each time it is asked: what is due now is due after a restart.
    digest = hashlib.sha256(f"{sighting.sighting_id} {last}".encode()).digest()
    return last + seconds * (1 + _JITTER * digest[0] / 255)
