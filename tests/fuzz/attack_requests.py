"""Requests that the door let in, hostile in what they say, to the handlers of rows over a real catalog."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from isthisme.acquire.system_proxy import SystemProxy
from isthisme.catalog import Catalog
from isthisme.catalog.photos import FileState
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import PhotoDescription
from isthisme.errors import IsThisMeError
from isthisme.server import parsing
from isthisme.server.index_keeper import IndexKeeper
from isthisme.server.row_handlers import RowHandlers
from tests.fuzz.message_seeds import MESSAGES, WORDS
from tests.fuzz.target import Source, Target, promise

_NUMBERS = (b"-1", b"0", b"1", b"2", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"9" * 40)
_ANSWER = """{"verdict":"copy","score":0.9,"reason":null,"matches":[{"photo_id":1,"photo":"p","verdict":"copy",
"score":0.9,"explanation":"e","edits":[],"query_region":[],"photo_region":[]}],"width":1,"height":1,
"index_generation":1}"""
_SEEN_BEFORE_A_NEW_CATALOG = 2_000  # requests: what they put in makes all that follow slower


def target(scratch: Path) -> Target:
    rows = _Rows(scratch)

    def attack(data: bytes) -> int:
        """JSON as it is; else numbers that choose a message, fields of it, and hostile values for them.

        A request that the door lets in gets an answer that can be written, or an IsThisMeError; never a fault."""
        try:
            request = parsing.parse(data if data[:1] == b"{" else _composed(Source(data)))
        except IsThisMeError:
            return 0
        handlers = rows.handlers()
        if not handlers.handles(request):
            return 0
        try:
            kind, fields = handlers.handle(request)
        except IsThisMeError as error:
            promise(parsing.answer("error", request.id, {"code": error.code, "message": str(error)}), "no words")
            return 1
        promise(json.loads(parsing.answer(kind, request.id, fields))["type"] == kind, "an answer of another kind")
        return 1

    rows_only = tuple(message for message in MESSAGES if message[:1] == b"{" and len(message) < 600)
    return Target(
        name="requests",
        attack=attack,
        seeds=(
            *rows_only,
            *(bytes((number, 2, field, number + field, 7, field * 9)) for number in range(60) for field in range(8)),
        ),
        covers=(
            "isthisme.server.row_handlers",
            "isthisme.server.case_handlers",
            "isthisme.server.decision_handlers",
            "isthisme.server.notice_handlers",
        ),
        runs_in_ci=600,
        unit="requests answered",
        words=(*WORDS, *_NUMBERS, b'"https://a.example/', b"%", b"\\u0000", b"'", b"[1,2,1]", b'{"name":"{{ 1 }}"}'),
        largest=2_000,
        close=rows.close,
    )


_VALUES: tuple[Any, ...] = (
    *(-1, 0, 1, 2, 3, 2**53 - 1, -(2**53) + 1, 2**63, 1e308, -0.0, 0.5, 5e-324, True, False, None, "", "a", "%", "_"),
    *(
        "x" * 3_000,
        "\0",
        "'; drop table photos; --",
        "https://a.example/0",
        "http://[::1",
        "file:///etc/passwd",
        "data:,a",
    ),
    *(
        "~",
        "~nobody-here/a",
        "/",
        "/proc/self/environ",
        "../..",
        "{{ 7 * 7 }}",
        "{% for a in b %}",
        "\u202e",
        "\U0001f30a",
    ),
    *(
        [],
        [1],
        [1, 1, 2],
        [10**15],
        list(range(-5, 200)),
        {},
        {"name": "{{ x }}"},
        {"a" * 50: "b" * 4_000},
        "copy",
        "reported",
    ),
    *("dmca", "gdpr", "request", "pdf", "txt", "en", "zh", "below", "page", "a.example", "-", ".", "*", "*.*", "xn--"),
)


def _composed(source: Source) -> bytes:
    sound = [json.loads(each) for each in MESSAGES[:49]]
    message = sound[source.number(len(sound))]
    for _ in range(source.number(5)):
        names = sorted(message.keys() - {"type", "id"}) or ["limit"]
        message[names[source.number(len(names))]] = _VALUES[source.number(len(_VALUES))]
    return json.dumps(message).encode()


class _Rows:
    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._made = 0
        self._asked = 0
        self._catalog: Catalog | None = None
        self._handlers: RowHandlers | None = None

    def handlers(self) -> RowHandlers:
        if self._handlers is None or self._asked % _SEEN_BEFORE_A_NEW_CATALOG == 0:
            self.close()
            home = self._scratch / f"home-{self._made}"
            (home / "photos").mkdir(parents=True, mode=0o700)
            home.chmod(0o700)
            self._made += 1
            self._catalog = Catalog(home / "catalog.db")
            _fill(self._catalog, home / "photos")
            keeper = IndexKeeper(self._catalog, _no_indexer, home / "indexing.lock", watches=False)
            self._handlers = RowHandlers(self._catalog, keeper, home, SystemProxy(lambda: False))
        self._asked += 1
        return self._handlers

    def close(self) -> None:
        if self._catalog is not None:
            with closing(self._catalog):
                self._catalog = None


def _no_indexer(*_: object) -> Any:
    raise AssertionError("nothing starts an indexer here")


def _fill(catalog: Catalog, photos: Path) -> None:
    with catalog.transaction():
        catalog.folders.add(photos)
        generation = catalog.generations.start_first("model")
        made = PhotoDescription("model", 8, 6, np.array([1], np.uint64), np.ones(512, np.int8), b"\xff\xd8\xff")
        photo_id = catalog.photos.add(b"%032d" % 1, made, b"/photos/1.jpg")
        catalog.photos.put_at(b"/photos/1.jpg", 1, FileState(1, 1), photo_id)
        catalog.generations.add(generation, photo_id, made)
        for number in range(3):
            page = f"https://a.example/{number}"
            seen = SeenPicture(page, "A", page + ".png", b"%032d" % number, b"\xff\xd8\xff", 1, 1, _ANSWER)
            catalog.sightings.keep(seen)
