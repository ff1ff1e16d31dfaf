"""A fake companion: a native host that speaks PROTOCOL.md with answers from a script, and logs what it was asked.

    python fake_host.py SCRIPT LOG [what the browser adds]

SCRIPT is a JSON file, read anew before each answer, so that a test can change the companion's mind:
    greeting          "welcome" (default), "starting", "silent", "crash", the code of an error, or the fields of the
                      error that a host sends before it ends
    status            fields that differ from a healthy status; a change is pushed to the extension
    pictures          for a part of a picture's address, fields of its verdict; others are `no_copy`
    previews          whether previews can be had (default true)
    sightings         the list for `sightings`; or many_sightings: how many are made up
    cases, timeline, suggested
                      the cases, what happened to them and to sightings, and what `suggest_cases` offers
    folders, suggestions, photos
                      the lists for `folders`, `suggest_folders`, `sample_photos`
    rehearsals        for one rehearsed picture after the other, fields of its verdict
    decisions         the list for `decisions`, until something is decided
    delay_seconds     before each verdict, as the script is when it is asked for; also among the fields of one picture
    hold              whether verdicts wait until the script no longer says so
    want              parts of addresses of which the bytes are wanted; "" stands for pictures without an address
    answers           for a type of request, the answer that it gets
    errors            for a type of request, the code of an error that answers it
    error_times       how many times `errors` apply (default: always)
    play              the script's number
    test              the number of the test that plays it: with another one, what was changed is forgotten; it is told
                      with the status, so that a test can see what the extension has heard
LOG gets a JSON line for each message, with the time, the process and the number of the script that the message met:
whether a message was answered as the last script says is seen from that, never from when it was logged.
"""

import base64
import json
import os
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

sys.path.append(str(Path(__file__).parents[2]))  # browsers start this file by itself

from tests.extension.fake_catalog import FakeCatalog, Refused

STATUS: dict[str, Any] = {
    "state": "ready",
    "photos": 12,
    "folders": 1,
    "generation": 1,
    "model": "fake",
    "progress": None,
    "paused": {"everywhere": False, "until": None, "sites": []},
    "problems": [],
}

# Requests that a list of the script answers.
_LISTS = {
    "folders": "folders",
    "add_folder": "folders",
    "remove_folder": "folders",
    "suggest_folders": "suggestions",
    "sample_photos": "photos",
}

# Those that are answered alike each time, save for what they set.
_FIXED: dict[str, dict[str, Any]] = {
    "choose_folder": {"type": "folder", "path": "/media/anna/chosen"},
    "recheck_schedule": {"type": "recheck_schedule", "hours": 0},
}


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """One message; None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack("=I", head)
    frame: dict[str, Any] = json.loads(stream.read(length))
    return frame


def plain_png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class FakeHost:
    def __init__(self, script: Path, log: Path, out: BinaryIO) -> None:
        self._script = script
        self._out = out
        self._writing = threading.Lock()
        self._log_file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._cancelled: set[int] = set()
        self._supplied: dict[tuple[int, str], dict[str, Any]] = {}
        self._telling = threading.Lock()  # else an older status could be told after a newer one
        self._told: dict[str, Any] | None = None  # the status; None: nobody said hello yet
        self._in_catalog = threading.Lock()
        self._test = 0
        self._forget()

    def _forget(self) -> None:
        """As if nobody had asked for anything yet."""
        self._errors_given = 0
        self._rehearsed: tuple[int | None, int] = None, 0  # of which play, how many
        self._status_changes: dict[str, Any] = {}
        self._sighting_ids: dict[str, int] = {}
        self._decisions: list[dict[str, Any]] | None = None  # None: as the script has them
        self._decided = 0
        self._catalog = FakeCatalog()

    def script(self) -> dict[str, Any]:
        try:
            script: dict[str, Any] = json.loads(self._script.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}  # it is being written
        if script.get("test", 0) > self._test:
            self._test = script["test"]
            self._forget()
        return script

    def status(self) -> dict[str, Any]:
        script = self.script()
        return STATUS | {"test": self._test} | script.get("status", {}) | self._status_changes

    def _tell(self, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Answers with the status, of which only what changes then is news."""
        with self._telling:
            self._told = self.status()
            self.send(answer(self._told))

    def note(self, what: dict[str, Any], script: dict[str, Any]) -> None:
        about = {"time": time.time(), "process": os.getpid(), "play": script.get("play", 0)}
        line = json.dumps(about | what) + "\n"
        os.write(self._log_file, line.encode())  # whole lines, also where an earlier host still writes

    def send(self, frame: dict[str, Any]) -> None:
        content = json.dumps(frame).encode()
        with self._writing:
            self._out.write(struct.pack("=I", len(content)) + content)
            self._out.flush()

    def serve(self, stream: BinaryIO) -> None:
        """Answers until the stream ends."""
        self.note({"type": "(start)", "arguments": sys.argv[3:]}, self.script())
        threading.Thread(target=self._push_status, daemon=True).start()
        while (frame := read_frame(stream)) is not None:
            script = self.script()
            self.note(frame, script)
            if frame["type"] == "cancel":
                self._cancelled.add(frame["target"])
                self.send({"type": "ok", "id": frame["id"]})
            elif frame["type"] in ("supply_bytes", "supply_nothing"):
                if frame.get("part", 0) + 1 == frame.get("parts", 1):
                    self._supplied[frame["target"], frame["key"]] = frame
                self.send({"type": "ok", "id": frame["id"]})
            else:
                threading.Thread(target=self.answer, args=(frame, script), daemon=True).start()
        self.note({"type": "(end)"}, self.script())

    def answer(self, frame: dict[str, Any], script: dict[str, Any]) -> None:
        """Answers, or refuses, as the script says that the message met; how long it takes the newest one says."""
        kind, request = frame["type"], frame["id"]
        code = script.get("errors", {}).get(kind)
        if code and self._errors_given < script.get("error_times", 1_000_000):
            self._errors_given += 1
            self.send(self._error(request, code))
        elif kind == "hello":
            self._greet(request, script)
        elif kind == "check_page":
            self._check_page(frame)
        elif kind == "check_image":
            self.send(self._check_image(request, frame["image"], frame.get("is_rehearsal", False)))
        elif kind in script.get("answers", {}):
            self.send(script["answers"][kind] | {"id": request})
        elif kind == "capture_page":
            self.send(({"type": "captured", "capture_id": 5} if frame["is_last"] else {"type": "ok"}) | {"id": request})
        elif kind in ("decisions", "keep_sighting", "not_me", "fine_here", "undo_decision"):
            self.send(self._decisions_answer(frame) | {"id": request})
        elif kind in ("status", "rebuild", "index_now", "pause", "resume"):
            self._change_pauses(frame)
            self._tell(lambda status: {"type": "status", "id": request} | status)
        else:
            self.send(self._plain_answer(frame) | {"id": request})

    def _catalog_answer(self, frame: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
        with self._in_catalog:
            try:
                return self._catalog.answer(frame, script)
            except Refused as refusal:
                return self._error(None, str(refusal))

    def _greet(self, request: int, script: dict[str, Any]) -> None:
        greeting = script.get("greeting", "welcome")
        if greeting == "crash":
            os._exit(1)
        if isinstance(greeting, dict):
            self.send({"type": "error", "message": "scripted words", "may_retry": True, **greeting})
            os._exit(1)
        if greeting == "starting":
            self.send({"type": "starting"})
            while self.script().get("greeting") == "starting":
                time.sleep(0.05)
        elif greeting == "silent":
            return
        elif greeting != "welcome":
            self.send(self._error(request, greeting))
            return
        welcome = {"type": "welcome", "protocol": 1, "oldest_protocol": 1, "daemon_version": "0.1.0"}
        self._tell(lambda status: welcome | {"id": request, "status": status})

    def _check_page(self, frame: dict[str, Any]) -> None:
        request = frame["id"]
        # In the order of their delays: a slow picture holds up nothing else of its page.
        for image in sorted(frame["images"], key=lambda image: self._delay(image.get("address", ""))):
            self._want_bytes(request, image)
            if not self._may_answer(request, image.get("address", "")):
                self.send(self._error(request, "cancelled"))
                return
            self.send(self._verdict(request, image))
        self.send({"type": "done", "id": request, "checked": len(frame["images"]), "from_cache": 0})

    def _check_image(self, request: int, image: dict[str, Any], is_rehearsal: bool) -> dict[str, Any]:
        # Now: who is held up must not take what is meant for those who ask later.
        scripted = self._next_rehearsal() if is_rehearsal else None
        if not is_rehearsal:
            self._want_bytes(request, image)
        if not self._may_answer(request, image.get("address", "")):
            return self._error(request, "cancelled")
        if scripted is None:
            return self._verdict(request, image)
        return self._verdict(request, {"key": image["key"], "address": ""}, scripted) | {"sighting_id": None}

    def _want_bytes(self, request: int, image: dict[str, Any]) -> None:
        """Has the picture handed in where the script wants that, and waits until it is."""
        address = image.get("address", "")
        if not any(part in address if part else address == "" for part in self.script().get("want", [])):
            return
        self.send({"type": "want_bytes", "id": request, "key": image["key"], "from_document_only": False})
        end = time.monotonic() + 20
        while (request, image["key"]) not in self._supplied and time.monotonic() < end:
            time.sleep(0.03)

    def _scripted(self, address: str) -> dict[str, Any]:
        """What the script says of a picture."""
        return next((fields for part, fields in self.script().get("pictures", {}).items() if part in address), {})

    def _delay(self, address: str) -> float:
        return float(self._scripted(address).get("delay_seconds", self.script().get("delay_seconds", 0)))

    def _may_answer(self, request: int, address: str) -> bool:
        """Waits as long as the script wants; False when the request was cancelled meanwhile."""
        end = time.monotonic() + self._delay(address)
        while request not in self._cancelled and (time.monotonic() < end or self.script().get("hold", False)):
            time.sleep(0.03)
        return request not in self._cancelled

    def _next_rehearsal(self) -> dict[str, Any]:
        """The next of the script's rehearsals, which begin anew after the last one."""
        script = self.script()
        rehearsals: list[dict[str, Any]] = script.get("rehearsals", [{}])
        play, number = self._rehearsed
        number = number if play == script.get("play") else 0
        self._rehearsed = script.get("play"), number + 1
        return rehearsals[number % len(rehearsals)]

    def _verdict(self, request: int, image: dict[str, Any], scripted: dict[str, Any] | None = None) -> dict[str, Any]:
        address = image.get("address", "")
        scripted = self._scripted(address) if scripted is None else scripted
        verdict = scripted.get("verdict", "no_copy")
        is_match = verdict in ("copy", "possible_copy")
        score = 0.97 if verdict == "copy" else 0.6 if is_match else 0.02
        match = {
            "photo_id": 7,
            "photo": "/home/user/Pictures/harbour.jpg",
            "verdict": verdict,
            "score": score,
            "explanation": "It is your photo, changed.",
            "edits": scripted.get("edits", []),
            "query_region": scripted.get("query_region", [[0, 0], [400, 0], [400, 300], [0, 300]]),
            "photo_region": [[0, 0], [800, 0], [800, 600], [0, 600]],
        }
        return {
            "type": "verdict",
            "id": request,
            "key": image["key"],
            "verdict": verdict,
            "score": score,
            "reason": scripted.get("reason"),
            "matches": [match] if is_match else [],
            "width": 400,
            "height": 300,
            "index_generation": 1,
            "sighting_id": self._sighting_ids.setdefault(address, len(self._sighting_ids) + 1) if is_match else None,
            "elapsed_ms": 3.0,
        }

    def _plain_answer(self, frame: dict[str, Any]) -> dict[str, Any]:
        kind = frame["type"]
        if self._catalog.answers(kind):
            return self._catalog_answer(frame, self.script())
        if kind in ("photo_preview", "sighting_preview"):
            if not self.script().get("previews", True):
                return self._error(None, "not_found")
            # The two pictures of a pair differ, and a test can tell them by their colour.
            colour = (60, 110, 160) if kind == "photo_preview" else (190, 120, 60)
            content = base64.b64encode(plain_png(400, 300, colour)).decode()
            answer = {"type": "preview", "media_type": "image/png", "bytes": content, "width": 400, "height": 300}
            return answer | {"name": "harbour.jpg", "path": "/home/user/Pictures/harbour.jpg", "is_present": True}
        if kind in _LISTS:
            return {"type": _LISTS[kind], _LISTS[kind]: self.script().get(_LISTS[kind], []), "can_choose": True}
        if kind in _FIXED:
            return _FIXED[kind] | ({"hours": frame["hours"]} if "hours" in frame else {})
        return self._error(None, "unknown_type")

    def _change_pauses(self, frame: dict[str, Any]) -> None:
        until = frame.get("until")
        if frame["type"] == "pause" and frame.get("site"):
            sites = [{"site": frame["site"], "until": until}]
            self._status_changes["paused"] = {"everywhere": False, "until": None, "sites": sites}
        elif frame["type"] == "pause":
            self._status_changes["paused"] = {"everywhere": True, "until": until, "sites": []}
        elif frame["type"] == "resume":
            self._status_changes.pop("paused", None)

    def _known_decisions(self) -> list[dict[str, Any]]:
        scripted: list[dict[str, Any]] = self.script().get("decisions", [])
        return scripted if self._decisions is None else self._decisions

    def _decisions_answer(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The decisions; or one more or less, as the catalog would keep it."""
        kind = frame["type"]
        if kind == "decisions":
            return {"type": "decisions", "decisions": self._known_decisions()}
        self._decided += 1
        if kind == "undo_decision":
            known = self._known_decisions()
            self._decisions = [each for each in known if each["decision_id"] != frame["decision_id"]]
            answer: dict[str, Any] = {"type": "ok"}
        else:
            kinds = {"keep_sighting": "mine", "not_me": "not_me"}
            made = {
                "decision_id": 100 + self._decided,
                "kind": kinds.get(kind, "own_place" if frame.get("is_own_place") else "fine"),
                "decided_at": 1_790_000_000,
                "pattern": frame.get("pattern"),
                "reach": frame.get("reach"),
                "photo_id": frame.get("photo_id"),
                "photo": "/home/user/Pictures/harbour.jpg" if kind == "not_me" else None,
                "sighting_ids": [frame["sighting_id"]] if "sighting_id" in frame else [],
                "page_address": None,
                "page_title": None,
            }
            self._decisions = [made, *self._known_decisions()]
            answer = {"type": "decision", **made}
        self._status_changes["decisions"] = str(self._decided)
        return answer

    def _push_status(self) -> None:
        while True:
            time.sleep(0.05)
            with self._telling:
                now = self.status()
                if self._told is None or now == self._told:
                    continue
                self._told = now
                self.send({"type": "status"} | now)

    @staticmethod
    def _error(request: int | None, code: str) -> dict[str, Any]:
        return {"type": "error", "id": request, "code": code, "message": f"scripted: {code}", "may_retry": False}


if __name__ == "__main__":
    FakeHost(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdout.buffer).serve(sys.stdin.buffer)
