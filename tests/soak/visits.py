"""Tabs: page after page is opened, with the mix of pictures that pages have, at a pace that the run sets."""

import asyncio
import base64
import random
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.soak import pictures
from tests.soak.album import Album
from tests.soak.browser import Browser, Reply
from tests.soak.findings import Findings, Promise
from tests.soak.judging import Judge
from tests.soak.ledger import Ledger, Thing
from tests.soak.patience import Patience
from tests.soak.pictures import EDITS, PLAIN_EDITS, Kind, truth_of
from tests.soak.site import BUSY_HOST, HOSTS, Site
from tests.soak.user import User

_VISIBLE = 9  # pictures that are asked for first
_POPULAR = 150  # pictures of strangers that the sites show again and again; judged anew when the index changed
_PRIVATE = 0.02  # of visits
_LEFT_EARLY = 0.12
_RIGHT_CLICKS = 0.08
_NAVIGATION_SECONDS = 0.8  # within which a page that is left early is left

# What a page's picture is, in parts of a thousand: browsers ask for most pictures again and again.
MIX = {
    "popular": 836,
    "fresh": 80,
    "alias": 20,
    "copy": 14,
    "moved": 10,
    "data": 4,
    "foreign": 4,
    "supplied": 5,
    "missing": 8,
    "poison": 6,
    "failing": 3,
    "refused": 3,
    "cut": 3,
    "slow": 3,
    "drip": 0.3,
    "endless": 0.2,
    "busy": 0.5,
}


@dataclass(slots=True)
class Pace:
    """So many pictures in so many seconds, all tabs together. After a pause it is made up for, while there is time."""

    images: int
    seconds: float
    most_seconds: float
    began: float
    asked: int = 0

    @property
    def progress(self) -> float:
        """0 to 1 and above, where it is over."""
        passed = time.monotonic() - self.began
        return max(self.asked / self.images, passed / self.most_seconds)

    async def turn(self, count: int) -> None:
        """Waits until the next page may be opened, and counts its pictures."""
        due = self.began + self.asked * self.seconds / self.images
        self.asked += count
        await asyncio.sleep(max(0.0, due - time.monotonic()))


@dataclass(frozen=True, slots=True)
class Web:
    """What all tabs browse."""

    site: Site
    album: Album
    judge: Judge
    ledger: Ledger
    findings: Findings
    patience: Patience
    fresh: "count[int]"  # numbers of strangers that nobody saw yet


class Tab:
    def __init__(self, browser: Browser, web: Web, user: User, chance: random.Random, acts_per_visit: float) -> None:
        self._browser, self._web, self._user, self._chance = browser, web, user, chance
        self._acts_per_visit = acts_per_visit

    async def browse(self, pace: Pace) -> None:
        while pace.progress < 1:
            size = max(3, min(280, int(self._chance.lognormvariate(3.3, 0.8))))
            await pace.turn(size)
            await self._visit(size)
            if self._chance.random() < self._acts_per_visit:
                await self._user.act(self._browser)

    async def _visit(self, size: int) -> None:
        host = BUSY_HOST if self._chance.random() < 0.01 else self._chance.choice(HOSTS[: self._chance.randint(1, 8)])
        page = self._web.site.address(host, f"/page/{self._chance.randrange(2_000)}")
        paths = [self._path(host) for _ in range(size)]
        is_private = self._chance.random() < _PRIVATE
        numbers: list[int] = []
        checks = [
            asyncio.create_task(self._check(page, host, some, numbers, is_private=is_private))
            for some in (paths[:_VISIBLE], paths[_VISIBLE:])
            if some
        ]
        if self._chance.random() < _LEFT_EARLY:
            await asyncio.sleep(self._chance.random() * _NAVIGATION_SECONDS)
            await asyncio.gather(*(self._browser.ask("cancel", target=number) for number in numbers))
        elif self._chance.random() < _RIGHT_CLICKS:
            await self._right_click(page, host, self._chance.choice(paths))
        await asyncio.gather(*checks)

    async def look_at_copies(self) -> None:
        """A page of plain copies, so that a run of a few pages has met some."""
        photos = list(self._web.album.steady_photos)[:6]
        paths = [f"/copy/{photo}/{edit}.jpg" for photo in photos for edit in PLAIN_EDITS]
        page = self._web.site.address(HOSTS[0], "/page/of-copies")
        await self._check(page, HOSTS[0], paths, [], is_private=False)

    def _path(self, host: str) -> str:
        kind = self._chance.choices(list(MIX), list(MIX.values()))[0]
        number = self._chance.randrange(10**6)
        match kind:
            case "popular":
                return f"/stranger/{int(_POPULAR * self._chance.random() ** 2)}.jpg"
            case "fresh":
                return f"/stranger/{1_000 + next(self._web.fresh)}.jpg"
            case "alias":
                return f"/alias/{self._chance.randrange(_POPULAR)}/{number}.jpg"
            case "copy":
                return self._copy()
            case "moved" | "slow" | "supplied":
                inner = self._copy() if self._chance.random() < 0.1 else f"/stranger/{number % _POPULAR}.jpg"
                return f"/{kind}{inner}"
            case "busy":
                return f"/{kind if host == BUSY_HOST else 'missing'}/{number}.jpg"
            case "data" | "foreign":
                return f"/{kind}/{number % _POPULAR}.jpg"
        return f"/{kind}/{number}.jpg"

    def _copy(self) -> str:
        """Of some photo, at one of a few addresses, so that the same copy is met again."""
        photo, edit = self._chance.choice(self._web.album.photos), self._chance.choice(EDITS)
        return f"/copy/{photo}/{edit}.jpg"

    async def _check(self, page: str, host: str, paths: list[str], numbers: list[int], *, is_private: bool) -> None:
        keys = self._browser.new_keys(len(paths))
        images = dict(zip(keys, paths, strict=True))
        asked_at = time.monotonic()

        def look(key: str, verdict: dict[str, Any]) -> None:
            self._take(page, images[key], verdict, asked_at, is_private=is_private)

        reply = await self._browser.ask(
            "check_page",
            pictures=images,
            on_verdict=look,
            on_sent=numbers.append,
            patience_seconds=self._web.patience.page,
            page={"address": page, "title": "A page"},
            images=[self._image(key, host, path) for key, path in images.items()],
            deadline_seconds=self._web.patience.page,
            is_private=is_private,
        )
        self._count(reply)

    async def _right_click(self, page: str, host: str, path: str) -> None:
        (key,) = self._browser.new_keys(1)
        asked_at = time.monotonic()
        reply = await self._browser.ask(
            "check_image",
            pictures={key: path},
            on_verdict=lambda _key, verdict: self._take(page, path, verdict, asked_at, is_private=False),
            patience_seconds=self._web.patience.image,
            page={"address": page, "title": "A page"},
            image=self._image(key, host, path),
            deadline_seconds=self._web.patience.image,
        )
        self._count(reply)

    def _count(self, reply: Reply) -> None:
        self._web.findings.counts[f"checks that ended with: {reply.code or reply.kind}"] += 1

    def _image(self, key: str, host: str, path: str) -> dict[str, Any]:
        part = path.split("/")[1]
        image: dict[str, Any] = {"key": key, "may_supply": part == "supplied" or self._chance.random() < 0.3}
        if part == "data":
            number = int(path.split("/")[2].removesuffix(".jpg"))
            data = base64.b64encode(pictures.picture(f"/stranger/{number}.jpg")).decode()
            return image | {"address": f"data:image/jpeg;base64,{data}"}
        if part == "foreign":  # another host, which a page of this one may not lead us to
            host = HOSTS[(HOSTS.index(host) + 1) % len(HOSTS)] if host in HOSTS else HOSTS[0]
        return image | {"address": self._web.site.address(host, path)}

    def _take(self, page: str, path: str, verdict: dict[str, Any], asked_at: float, *, is_private: bool) -> None:
        web = self._web
        web.judge.look_at(path, verdict, asked_at)
        number = verdict["sighting_id"]
        if number is None:
            return
        web.findings.check(Promise.OWN, not is_private, f"a sighting was kept of a private window: {path}")
        known = web.ledger.sighting_pages.setdefault(number, page)
        web.findings.check(Promise.OWN, known == page, f"sighting {number} is of {known} and of {page}")
        if truth_of(path).kind is Kind.COPY and verdict["matches"]:
            web.ledger.sighting_photos[number] = truth_of(path).photo, verdict["matches"][0]["photo_id"]
            web.ledger.kept(Thing.SIGHTING, number)
