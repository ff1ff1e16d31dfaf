"""Photos on a shelf by their places: a part and a row in it, good for ever, whatever the part was joined with since."""

import threading

from isthisme.bulk.shelf import Generation, ShelvedPhoto, is_joined, may_hold
from isthisme.errors import ShelfUnusable


class Places:
    """Those of one generation. Remembers which parts there are, and looks again where that led to nothing.

    Threads may share it.
    """

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._lock = threading.Lock()
        self._parts: frozenset[str] | None = None
        self._joined: list[str] = []

    def photo(self, part: str, row: int, photo_id: int) -> ShelvedPhoto:
        """The photo of that id. Raises ShelfUnusable where it is not at that place, nor where that was put."""
        found = self._found(part, row, photo_id, anew=False) or self._found(part, row, photo_id, anew=True)
        if found is None:
            shelf, owner = self._generation.shelf, self._generation.owner
            raise ShelfUnusable(f"the shelf {shelf} has no such photo of {owner} at {part}#{row} any more")
        return found

    def _found(self, part: str, row: int, photo_id: int, *, anew: bool) -> ShelvedPhoto | None:
        for place in self._where(part, anew=anew):
            try:
                found = self._generation.photo_in(place, part, row)
            except ShelfUnusable:
                if anew:
                    raise
                continue  # it was joined with others this moment
            if found is not None and found.photo_id == photo_id:
                return found
        return None

    def _where(self, part: str, *, anew: bool) -> list[str]:
        with self._lock:
            if self._parts is None or anew:
                self._parts = frozenset(self._generation.parts())
                self._joined = sorted(filter(is_joined, self._parts))
            own = [part] if part in self._parts else []
            return own + [each for each in self._joined if may_hold(each, part)]
