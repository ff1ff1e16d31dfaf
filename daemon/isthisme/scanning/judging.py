"""One picture of a scan: judged as any other, and kept as a sighting where it matches."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import msgspec

from isthisme.answer_note import AnswerNote, note_of, without
from isthisme.catalog import Catalog
from isthisme.catalog.generations import IndexMark
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import Moment, SmallCopy, Verdict
from isthisme.errors import Busy, CatalogUnusable
from isthisme.matcher import Matcher
from isthisme.scanning.found import FoundPicture

_SHOWN_OF_INLINE = 100  # characters of a data: address, which holds the picture itself


class Shrinker(Protocol):
    def shrink(self, data: bytes) -> SmallCopy:
        """A small JPEG of a picture, and its hash."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    found: FoundPicture
    note: AnswerNote
    sighting_id: int | None
    was_known: bool  # from another scan: it did not match, and the index has not changed since


class Judge:
    """Threads may share it. What did not match is remembered, so that an interrupted scan goes on where it was."""

    def __init__(
        self,
        catalog: Catalog,
        matcher: Matcher,
        shrinker: Shrinker,
        mark: Callable[[], IndexMark],
        *,
        deep: bool,
    ) -> None:
        self._catalog = catalog
        self._matcher = matcher
        self._shrinker = shrinker
        self._mark = mark
        self._deep = deep

    def judge(self, found: FoundPicture) -> Judged:
        """Raises CatalogUnusable or Busy where a match cannot be kept."""
        picture_hash = hashlib.sha256(found.data).digest()
        # Under a keyed hash, as the verdicts of addresses: nobody can tell from it what was scanned.
        key = f"{'deep ' if self._deep else ''}scan {picture_hash.hex()}"
        mark = self._mark()
        if self._catalog.verdicts.recall(key, mark) is not None:
            note = AnswerNote(Verdict.NO_COPY.value, 0.0, None, [], 0, 0, mark.generation)
            return Judged(found, note, None, was_known=True)
        answer = self._matcher.answer(found.data, deep=self._deep)
        note = note_of(answer, self._catalog.photos)
        if answer.judgement.verdict is Verdict.NO_COPY:
            with suppress(CatalogUnusable, Busy):  # then it is judged again the next time
                self._catalog.verdicts.remember(key, mark, Verdict.NO_COPY.value)
        if not answer.judgement.verdict.is_match:
            return Judged(found, note, None, was_known=False)
        return self.keep(found, note, picture_hash)

    def keep(self, found: FoundPicture, note: AnswerNote, picture_hash: bytes) -> Judged:
        """A picture that was judged, with a match, as a sighting; without what the user said is not in it.

        Raises CatalogUnusable and Busy.
        """
        small = self._catalog.sightings.picture_with_hash(picture_hash)
        if small is None or small.perceptual_hash is None:
            small = self._shrinker.shrink(found.data)
        photo_ids = [match.photo_id for match in note.matches]
        dismissed = self._catalog.decisions.dismissed(photo_ids, picture_hash, small.perceptual_hash)
        standing = without(note, dismissed)
        if not standing.matches:
            return Judged(found, standing, None, was_known=False)
        inline = found.picture_address.startswith("data:") and len(found.picture_address) > _SHOWN_OF_INLINE
        seen = SeenPicture(
            page_address=found.page_address,
            page_title=found.page_title,
            picture_address=found.picture_address[:_SHOWN_OF_INLINE] + "…" if inline else found.picture_address,
            picture_hash=picture_hash,
            picture=small.jpeg,
            width=note.width,
            height=note.height,
            answer=msgspec.json.encode(note).decode(),
            perceptual_hash=small.perceptual_hash,
            original=found.data,
        )
        with self._catalog.transaction():
            sighting_id = self._catalog.sightings.keep(seen)
            self._catalog.observations.add(sighting_id, self._observed(found, sighting_id))
        return Judged(found, standing, sighting_id, was_known=False)

    def _observed(self, found: FoundPicture, sighting_id: int) -> Observation:
        """A recorded site tells what was there then, and nothing of what is there now."""
        known = self._catalog.sightings.one(sighting_id)
        is_recorded = found.exchange.by == "file" and found.page_address.startswith("http")
        is_new = known is None or known.times_seen == 1
        presence = "there" if not is_recorded else "unknown" if is_new or known is None else known.presence
        return Observation(Moment.now(), "scan", presence, found.page_address, found.exchange, found.words)
