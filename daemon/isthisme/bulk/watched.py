"""Whose photos are looked for, and what a picture is to each of them."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from isthisme.answer_note import MatchNote, match_note
from isthisme.domain import Answer, Match, Reason, Verdict
from isthisme.errors import IndexServerUnusable, IndexUnavailable, WorkerCrashed
from isthisme.matcher import NO_PHOTOS, Matcher

_OF_THE_PICTURE = frozenset({"too_plain", NO_PHOTOS})  # reasons for which nobody would look again
_OF_THE_INDEX = {kind.code: kind for kind in (IndexUnavailable, IndexServerUnusable)}
_TRIES = 3
_MOST_REMEMBERED = 200_000  # pictures, of about 150 bytes each: logos and placeholders come again and again


@dataclass(frozen=True, slots=True)
class WatchedPhoto:
    owner: str  # "" for who uses this computer
    photo: str  # its address
    photo_id: int  # by which its owner knows it
    is_present: bool = True


@dataclass(frozen=True, slots=True)
class OwnersMatches:
    """What a picture shows of one owner's photos, best first; at least one."""

    owner: str
    matches: tuple[MatchNote, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a picture's bytes, wherever they were found."""

    picture_hash: bytes  # SHA-256
    width: int
    height: int
    owners: tuple[OwnersMatches, ...]  # in the order of their names; none where it shows nobody's photo
    trouble: Reason | None  # why nothing can be said, where another try may tell


class Watched:
    """All photos that are looked for, of one owner or of many, as one index.

    A picture is described once, the index is asked once, and the candidates are verified once, whoever they belong to.
    Threads may share it. What a picture is remembered to be costs nothing the next time.
    """

    def __init__(self, matcher: Matcher, photos_of: Callable[[int], Sequence[WatchedPhoto]], *, deep: bool) -> None:
        """`photos_of` tells whose a photo of the index is: of several where they have the same."""
        self._matcher = matcher
        self._photos_of = photos_of
        self._deep = deep
        self._remembered: OrderedDict[bytes, Judged] = OrderedDict()
        self._lock = threading.Lock()

    def judge(self, data: bytes) -> Judged:
        """Raises IndexUnavailable and IndexServerUnusable, where a server holds the index: that says nothing of the
        picture, and what it is in is to be looked through again."""
        picture_hash = hashlib.sha256(data).digest()
        with self._lock:
            known = self._remembered.get(picture_hash)
        if known is not None:
            return known
        answer, reason = self._patiently_answered(data)
        if reason is not None and reason.code in _OF_THE_INDEX:
            raise _OF_THE_INDEX[reason.code](reason.words)
        trouble = reason if reason is not None and reason.code not in _OF_THE_PICTURE else None
        judged = Judged(picture_hash, answer.width, answer.height, self._owners(answer.judgement.matches), trouble)
        if trouble is None:
            self._remember(judged)
        return judged

    def _patiently_answered(self, data: bytes) -> tuple[Answer, Reason | None]:
        """The answer, and why it is none. A worker may die of anything; three that die of one picture die of it."""
        for _ in range(_TRIES):
            answer = self._matcher.answer(data, deep=self._deep)
            reason = answer.judgement.reason if answer.judgement.verdict is Verdict.UNDECIDED else None
            if reason is None or reason.code != WorkerCrashed.code:
                return answer, reason
        # How they ended is told by chance, and what is kept of it is not.
        return answer, Reason(WorkerCrashed.code, f"ended each process that read it, {_TRIES} times over")

    def _owners(self, matches: Sequence[Match]) -> tuple[OwnersMatches, ...]:
        found: dict[str, dict[int, MatchNote]] = {}
        for match in matches:
            for each in self._photos_of(match.photo_id):
                note = match_note(replace(match, photo_id=each.photo_id), each.photo, is_present=each.is_present)
                found.setdefault(each.owner, {}).setdefault(each.photo_id, note)
        return tuple(OwnersMatches(owner, tuple(notes.values())) for owner, notes in sorted(found.items()))

    def _remember(self, judged: Judged) -> None:
        with self._lock:
            self._remembered[judged.picture_hash] = judged
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.popitem(last=False)
