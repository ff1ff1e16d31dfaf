"""What the fake companion keeps: sightings and cases, from the script until something is changed, in memory."""

import itertools
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

type Fields = dict[str, Any]

NOW = 1_790_600_000
UTC_OFFSET = 7_200


class Refused(Exception):
    """An error of the protocol; its text is the code."""


def made_up(number: int) -> Fields:
    """One of very many sightings, all different."""
    kind = "possible_copy" if number % 5 == 0 else "copy"
    return {
        "sighting_id": number,
        "page_address": f"https://site-{number % 40}.example/page/{number}",
        "page_title": f"Page {number}",
        "picture_address": f"https://cdn.example/{number}.jpg",
        "first_seen": NOW - 600 * (10_000 - number),
        "last_seen": NOW - 300 * (10_000 - number),
        "times_seen": 1 + number % 3,
        "verdict": kind,
        "score": 0.9,
        "width": 400,
        "height": 300,
        "matches": [
            {
                "photo_id": 7,
                "photo": "/home/user/Pictures/harbour.jpg",
                "verdict": kind,
                "score": 0.9,
                "explanation": "",
                "edits": [{"kind": "mirrored"}],
                "query_region": [[60, 40], [330, 40], [330, 260], [60, 260]],
                "photo_region": [[60, 40], [330, 40], [330, 260], [60, 260]],
            }
        ],
    }


class FakeCatalog:
    """Answers the requests about sightings and cases; one at a time."""

    def __init__(self) -> None:
        self._script: Fields | None = None
        self._sightings: dict[int, Fields] = {}
        self._cases: dict[int, Fields] = {}
        self._events: list[Fields] = []
        self._numbers = itertools.count(1_000)
        self._answers: dict[str, Callable[[Fields], Fields]] = {
            "sightings": self._list,
            "delete_sighting": self._delete_sighting,
            "cases": lambda _frame: {"type": "cases", "cases": [self._case(number) for number in self._cases]},
            "case": lambda frame: {"type": "case", **self._case(frame["case_id"])},
            "suggest_cases": self._suggest,
            "make_case": self._make,
            "put_in_case": self._put,
            "merge_cases": self._merge,
            "change_case": self._change,
            "add_note": self._add_note,
            "delete_note": self._delete_note,
            "delete_case": self._delete_case,
            "timeline": self._timeline,
            "recheck": self._recheck,
            "note_export": lambda _frame: {"type": "ok"},
        }

    def answers(self, kind: str) -> bool:
        return kind in self._answers

    def answer(self, frame: Fields, script: Fields) -> Fields:
        """Raises Refused."""
        self._follow(script)
        return self._answers[frame["type"]](frame)

    def _follow(self, script: Fields) -> None:
        """Another script begins anew."""
        known = {key: script.get(key) for key in ("sightings", "many_sightings", "cases", "timeline", "suggested")}
        if known == self._script:
            return
        self._script = known
        every = [made_up(number) for number in range(script.get("many_sightings", 0), 0, -1)]
        self._sightings = {each["sighting_id"]: dict(each) for each in script.get("sightings", every)}
        self._cases = {each["case_id"]: dict(each) for each in script.get("cases", [])}
        self._events = [dict(each) for each in script.get("timeline", [])]

    def _list(self, frame: Fields) -> Fields:
        found = [each for each in self._sightings.values() if _is_wanted(each, frame)]
        found.sort(key=lambda each: -int(each["sighting_id"]))
        return {"type": "sightings", "sightings": found[: frame.get("limit") or 50]}

    def _delete_sighting(self, frame: Fields) -> Fields:
        if self._sightings.pop(frame["sighting_id"], None) is None:
            raise Refused("not_found")
        return {"type": "ok"}

    def _sightings_of(self, case_id: int) -> list[Fields]:
        return [each for each in self._sightings.values() if each.get("case_id") == case_id]

    def _case(self, case_id: int) -> Fields:
        if case_id not in self._cases:
            raise Refused("not_found")
        inside = self._sightings_of(case_id)
        seen = {
            "sightings": len(inside),
            "first_seen": min((each["first_seen"] for each in inside), default=None),
            "last_seen": max((each["last_seen"] for each in inside), default=None),
        }
        return self._cases[case_id] | seen

    def _suggest(self, _frame: Fields) -> Fields:
        script = self._script or {}
        free = {number for number, each in self._sightings.items() if each.get("case_id") is None}
        offers = [each for each in script.get("suggested") or [] if free >= set(each["sighting_ids"])]
        return {"type": "case_suggestions", "suggestions": offers}

    def _make(self, frame: Fields) -> Fields:
        number = next(self._numbers)
        sites = {_site(self._sightings[each]) for each in frame["sighting_ids"]}
        self._cases[number] = {
            "case_id": number,
            "name": frame.get("name") or ", ".join(sorted(sites)),
            "offender": frame.get("offender") or "",
            "status": "found",
            "created_at": time.time(),
            "utc_offset": UTC_OFFSET,
            "changed_at": time.time(),
        }
        self._note(number, "made", self._cases[number]["name"])
        self._move(frame["sighting_ids"], number)
        return {"type": "case", **self._case(number)}

    def _put(self, frame: Fields) -> Fields:
        case_id = frame.get("case_id")
        if case_id is not None:
            self._case(case_id)
        self._move(frame["sighting_ids"], case_id)
        return {"type": "ok"}

    def _move(self, sighting_ids: list[int], case_id: int | None) -> None:
        for each in sighting_ids:
            before = self._sightings[each].get("case_id")
            if before is not None and before != case_id:
                self._note(before, "split", "1")
            self._sightings[each]["case_id"] = case_id

    def _merge(self, frame: Fields) -> Fields:
        gone = self._case(frame["case_id"])
        self._case(frame["into"])
        for each in [*self._sightings_of(frame["case_id"]), *self._events]:
            if each.get("case_id") == frame["case_id"]:
                each["case_id"] = frame["into"]
        del self._cases[frame["case_id"]]
        self._note(frame["into"], "merged", gone["name"])
        return {"type": "case", **self._case(frame["into"])}

    def _change(self, frame: Fields) -> Fields:
        case = self._cases[self._case(frame["case_id"])["case_id"]]
        if frame.get("name"):
            case["name"] = frame["name"]
        if frame.get("status") not in (None, case["status"]):
            case["status"] = frame["status"]
            self._note(frame["case_id"], "status", frame["status"])
        return {"type": "case", **self._case(frame["case_id"])}

    def _add_note(self, frame: Fields) -> Fields:
        self._case(frame["case_id"])
        self._note(frame["case_id"], "note", frame["text"])
        return {"type": "ok"}

    def _delete_note(self, frame: Fields) -> Fields:
        left = [each for each in self._events if each.get("event_id") != frame["event_id"] or each["kind"] != "note"]
        if len(left) == len(self._events):
            raise Refused("not_found")
        self._events = left
        return {"type": "ok"}

    def _delete_case(self, frame: Fields) -> Fields:
        for each in self._sightings_of(self._case(frame["case_id"])["case_id"]):
            each["case_id"] = None
            if frame.get("with_sightings"):
                del self._sightings[each["sighting_id"]]
        del self._cases[frame["case_id"]]
        return {"type": "ok"}

    def _timeline(self, frame: Fields) -> Fields:
        sighting = self._sightings.get(frame.get("sighting_id") or 0)
        case_id = frame.get("case_id")
        inside = [sighting] if sighting else [] if case_id is None else self._sightings_of(case_id)
        seen = [
            {
                "at": each["first_seen"],
                "utc_offset": UTC_OFFSET,
                "kind": "seen",
                "text": "",
                "sighting_id": each["sighting_id"],
                "presence": "there",
            }
            for each in inside
        ]
        about = {each["sighting_id"] for each in inside}
        happened = [
            each
            for each in self._events
            if (case_id is not None and each.get("case_id") == case_id) or each.get("sighting_id") in about
        ]
        return {"type": "timeline", "events": sorted([*seen, *happened], key=lambda each: float(each["at"]))}

    def _recheck(self, frame: Fields) -> Fields:
        case_id = frame.get("case_id")
        ids = frame.get("sighting_ids") or [each["sighting_id"] for each in self._sightings_of(case_id or 0)]
        results = []
        for number in ids:
            presence = "gone" if number % 2 else "there"
            self._sightings[number] |= {"presence": presence, "checked_at": time.time()}
            results.append({"sighting_id": number, "presence": presence, "words": f"{presence}, says the fake"})
        return {"type": "rechecked", "results": results}

    def _note(self, case_id: int, kind: str, text: str) -> None:
        event = {"at": time.time(), "utc_offset": UTC_OFFSET, "kind": kind, "text": text}
        self._events.append(event | {"event_id": next(self._numbers), "case_id": case_id})


def _site(sighting: Fields) -> str:
    return urlsplit(sighting["page_address"]).netloc


def _is_wanted(sighting: Fields, frame: Fields) -> bool:
    matches = sighting["matches"]
    words = [sighting["page_address"], sighting["page_title"] or "", *(each["photo"] for each in matches)]
    site = _site(sighting)
    filing = frame.get("is_without_case")
    tests = {
        "before": lambda wanted: sighting["sighting_id"] < wanted,
        "search": lambda wanted: any(wanted.lower() in each.lower() for each in words),
        "site": lambda wanted: site == wanted or site.endswith(f".{wanted}"),
        "verdict": lambda wanted: sighting["verdict"] == wanted,
        "presence": lambda wanted: sighting.get("presence", "unknown") == wanted,
        "is_kept": lambda wanted: bool(sighting.get("is_kept")) == wanted,
        "case_id": lambda wanted: sighting.get("case_id") == wanted,
    }
    if filing is not None and (sighting.get("case_id") is None) != filing:
        return False
    return all(test(frame[key]) for key, test in tests.items() if frame.get(key) is not None)
