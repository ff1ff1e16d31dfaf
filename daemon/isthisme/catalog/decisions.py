"""What the user decided, each until it is undone: that is me, it is fine here, my own place, that is not me."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from isthisme.catalog.database import Connection
from isthisme.catalog.hashes import as_signed, as_unsigned, distance

type Kind = Literal["mine", "fine", "own_place", "not_me"]
type Reach = Literal["page", "below"]  # this page alone; or this address and all below it

# Bits of 64 in which a near copy of a picture differs from it. Of 300 photos recompressed (quality 30 to 85) or scaled
# (0.15 to 0.6) all lie within 4, of those cropped by 1 % at each side 0.91; of 44,850 pairs of different photos none
# lies within 12. Shots of one burst do (0.27 of them), which is why a picture that is as near to the photo itself is no
# near copy of what was dismissed (measured 2026-11-23).
NEAR_COPY_BITS = 4


@dataclass(frozen=True, slots=True)
class Decision:
    decision_id: int
    kind: Kind
    decided_at: float  # seconds since 1970
    pattern: str | None  # of fine and own_place
    reach: Reach | None
    photo_id: int | None  # of not_me
    sighting_ids: tuple[int, ...]  # mine: the one; not_me: those of the picture and its near copies, oldest first


@dataclass(frozen=True, slots=True)
class _Dismissal:
    """A photo that is not in a picture."""

    photo_id: int
    picture_hash: bytes
    perceptual_hash: int | None
    photo_hash: int | None

    def covers(self, picture_hash: bytes, perceptual_hash: int | None) -> bool:
        if picture_hash == self.picture_hash:
            return True
        if perceptual_hash is None or self.perceptual_hash is None:
            return False
        away = distance(perceptual_hash, self.perceptual_hash)
        if away > NEAR_COPY_BITS:
            return False
        # A copy of the photo itself must still be found where a picture much like the photo was dismissed. Where the
        # dismissed picture was the photo, the user said so of the photo.
        return (
            self.photo_hash is None
            or away < distance(perceptual_hash, self.photo_hash)
            or self.perceptual_hash == self.photo_hash
        )


class _SeenPictures:
    """The pictures of all sightings: a list of dismissals is held against each of them, and neither may be short."""

    def __init__(self, pictures: Sequence[tuple[int, bytes, int | None]]) -> None:
        self._pictures = pictures
        self._hashes = np.array([signed or 0 for _, _, signed in pictures], np.int64).view(np.uint64)
        self._places: dict[bytes, list[int]] = defaultdict(list)  # by content
        for place, (_, content, _) in enumerate(pictures):
            self._places[content].append(place)

    def covered_by(self, dismissal: _Dismissal) -> tuple[int, ...]:
        """Their sightings, oldest first."""
        places = set(self._places.get(dismissal.picture_hash, ()))
        if dismissal.perceptual_hash is not None:
            away = np.bitwise_count(self._hashes ^ np.uint64(as_unsigned(dismissal.perceptual_hash)))
            places.update(np.flatnonzero(away <= NEAR_COPY_BITS).tolist())
        found = (self._pictures[place] for place in sorted(places))
        return tuple(number for number, content, hash_ in found if dismissal.covers(content, hash_))


class Decisions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, sighting_id: int) -> Decision | None:
        """That is me: a sighting is the user's decision. None when there is no such sighting."""
        if self._connection.row("select 1 from sightings where id = ?", (sighting_id,)) is None:
            return None
        return self._put("sighting_id", kind="mine", sighting_id=sighting_id)

    def allow(self, pattern: str, reach: Reach, *, is_own_place: bool) -> Decision:
        """It is fine at the addresses of a pattern; what was said of the pattern before no longer holds."""
        return self._put("pattern, reach", kind="own_place" if is_own_place else "fine", pattern=pattern, reach=reach)

    def dismiss(self, photo_id: int, picture_hash: bytes, perceptual_hash: int | None) -> Decision:
        """Not me: a photo is never again to be found in a picture, nor in near copies of it."""
        signed = None if perceptual_hash is None else as_signed(perceptual_hash)
        return self._put(
            "photo_id, picture_hash",
            kind="not_me",
            photo_id=photo_id,
            picture_hash=picture_hash,
            perceptual_hash=signed,
        )

    def undo(self, decision_id: int) -> bool:
        """False when there was no such decision."""
        return self._connection.run("delete from decisions where id = ?", (decision_id,)) > 0

    def latest(self, limit: int, *, before: int | None = None) -> list[Decision]:
        """Decisions, the newest first; older than a given one, where asked."""
        return self._decisions("? is null or id < ?", (before, before), limit)

    def mark(self) -> str:
        """Another after each change."""
        return "{}.{}".format(*(self._connection.row("select count(*), coalesce(max(id), 0) from decisions") or (0, 0)))

    def dismissed(self, photo_ids: Iterable[int], picture_hash: bytes, perceptual_hash: int | None) -> set[int]:
        """Those of the photos that the user said are not in the picture."""
        wanted = tuple(photo_ids)
        marks = ", ".join("?" * len(wanted))
        found = self._dismissals(f"photo_id in ({marks})", wanted)
        return {each.photo_id for each in found.values() if each.covers(picture_hash, perceptual_hash)}

    def _put(self, unique: str, **values: object) -> Decision:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._connection.transaction():
            # Deleted and made anew: its number rises, so that every reader notices.
            where = " and ".join(f"{name.strip()} = ?" for name in unique.split(","))
            same = tuple(values[name.strip()] for name in unique.split(","))
            self._connection.run(f"delete from decisions where {where}", same)  # noqa: S608 names of our own columns
            decision_id = self._connection.add(
                f"insert into decisions (decided_at, {names}) values (?, {marks})",  # noqa: S608 the same
                (time.time(), *values.values()),
            )
            (made,) = self._decisions("id = ?", (decision_id,), 1)
        return made

    def _decisions(self, condition: str, values: tuple[object, ...], limit: int) -> list[Decision]:
        rows = self._connection.rows(
            f"""select id, kind, decided_at, pattern, reach, photo_id, sighting_id from decisions
                where {condition} order by id desc limit ?""",  # noqa: S608 words of ours alone
            (*values, limit),
        )
        dismissing = tuple(row[0] for row in rows if row[1] == "not_me")
        dismissals = self._dismissals(f"id in ({', '.join('?' * len(dismissing))})", dismissing)
        seen = _SeenPictures(self._pictures()) if dismissals else None
        made = []
        for decision_id, kind, decided_at, pattern, reach, photo_id, sighting_id in rows:
            sightings: tuple[int, ...] = () if sighting_id is None else (sighting_id,)
            if seen is not None and decision_id in dismissals:
                sightings = seen.covered_by(dismissals[decision_id])
            made.append(Decision(decision_id, kind, decided_at, pattern, reach, photo_id, sightings))
        return made

    def _pictures(self) -> list[tuple[int, bytes, int | None]]:
        """Sightings' ids, oldest first, with the hashes of their pictures."""
        return self._connection.rows("select id, picture_hash, perceptual_hash from sightings order by id")

    def _dismissals(self, condition: str, values: tuple[object, ...]) -> dict[int, _Dismissal]:
        """By the decision's id."""
        rows = self._connection.rows(
            f"""select id, photo_id, picture_hash, perceptual_hash,
                       (select hash from descriptions where descriptions.photo_id = decisions.photo_id
                        order by generation_id limit 1)
                from decisions where kind = 'not_me' and {condition}""",  # noqa: S608 words of ours alone
            values,
        )
        return {row[0]: _Dismissal(*row[1:]) for row in rows}
