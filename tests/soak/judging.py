"""Whether an answer can be true of the picture that it is about."""

from collections import Counter
from typing import Any

from tests.soak.album import Album
from tests.soak.findings import Findings, Promise
from tests.soak.pictures import PLAIN_EDITS, Kind, truth_of


class Judge:
    """Knows what every picture is, and what the user said of their photos."""

    def __init__(self, album: Album, findings: Findings) -> None:
        self.dismissed: set[int] = set()  # photos that the user said "not me" of somewhere
        self.copies: Counter[tuple[str, str]] = Counter()  # edit of a steady photo's copy, verdict
        self.verdicts: Counter[tuple[str, str]] = Counter()  # kind of picture, verdict
        self.reasons: Counter[str] = Counter()
        self._album = album
        self._findings = findings

    def look_at(self, path: str, answer: dict[str, Any], asked_at: float) -> None:
        """`asked_at`: monotonic seconds."""
        truth, verdict = truth_of(path), answer["verdict"]
        self.verdicts[truth.kind, verdict] += 1
        if answer["reason"] is not None:
            self.reasons[answer["reason"]["code"]] += 1
        if truth.kind is not Kind.COPY:
            words = f"{path} was called {verdict}: {answer['matches'][:1]}"
            self._findings.check(Promise.NO_STRANGER, verdict != "copy", words)
            return
        if verdict in ("copy", "possible_copy"):
            self._look_at_match(path, truth.photo, answer, asked_at)
        if truth.photo in self._album.steady_photos:
            self.copies[truth.edit, verdict] += 1
            if truth.edit in PLAIN_EDITS and truth.photo not in self.dismissed:
                self._findings.check(Promise.FOUND, verdict != "no_copy", f"{path} was answered with {answer}")

    def _look_at_match(self, path: str, photo: int, answer: dict[str, Any], asked_at: float) -> None:
        best = answer["matches"][0]
        named, words = best["photo"], f"{path} was found to be {best['photo']}"
        if not named:
            return  # its file was gone when the answer was written
        is_right = self._album.lay_at(named, photo)
        self._findings.check(Promise.RIGHT_PHOTO, is_right or answer["verdict"] == "possible_copy", words)
        since = self._album.forgotten_since.get(photo)
        self._findings.check(
            Promise.GONE, not is_right or since is None or asked_at < since, f"{words}, which was forgotten"
        )
