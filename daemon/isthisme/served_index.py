"""The current index of a home whose descriptions lie on a server, too: asked there, and here for what is newer."""

import threading
from collections.abc import Callable

from isthisme.catalog import Catalog
from isthisme.catalog.generations import Generation, IndexMark
from isthisme.errors import IndexUnavailable
from isthisme.index.base import VectorIndex
from isthisme.index.gathered import GatheredIndex
from isthisme.index.joined import JoinedIndex
from isthisme.index.milvus import MilvusIndex
from isthisme.index.milvus_photos import MilvusPhotos, Part
from isthisme.live_index import LiveIndex, columns_of
from isthisme.vector_push import PushRecord

_MOST_NEWER = 65_536  # searched in memory: 35 MB


class ServedIndex:
    """A counterpart of `LiveIndex`, which it uses until the server has a generation whole but for what is newest: an
    answer never comes from half a generation. Threads may share it.

    What the server has is asked up to a description that it surely has, and the descriptions after that are searched in
    memory, so that each photo is looked at once, whatever is being sent meanwhile.
    """

    def __init__(
        self,
        catalog: Catalog,
        model: Callable[[], str | None],
        embedded: LiveIndex,
        photos: MilvusPhotos,
        owner: str,
        check_consent: Callable[[], None],
    ) -> None:
        self._catalog = catalog
        self._model = model
        self._embedded = embedded
        self._photos = photos
        self._owner = owner
        self._check_consent = check_consent
        self._record = PushRecord(catalog, str(photos.server.address), owner)
        self._lock = threading.Lock()
        self._state: tuple[IndexMark, int, int, int] | None = None  # mark, number there, reach, connections
        self._index: VectorIndex | None = None

    def mark(self) -> IndexMark:
        """The state of the index now, without loading it."""
        return self._catalog.generations.mark()

    def index(self) -> VectorIndex | None:
        """The index as it is now; None when there is none or it is empty.

        Raises IndexUnavailable and IndexServerUnusable, and what `check_consent` raises: after a withdrawal the server
        is asked nothing any more.
        """
        self._check_consent()
        with self._lock:
            mark = self._catalog.generations.mark()
            generation = self._catalog.generations.current()
            if generation is None or generation.number != mark.generation:  # switched this moment
                return self._index
            pushed = self._record.of(generation.number)
            reach = 0 if pushed is None else self._record.reach(generation, pushed)
            if pushed is None or not reach or self._catalog.generations.size(generation, after=reach) > _MOST_NEWER:
                return self._embedded.index()
            state = (mark, pushed.number, reach, self._photos.server.connections)
            if state != self._state or self._index is None:
                self._index = self._made(generation, Part(self._owner, pushed.number, up_to=reach))
                self._state = (*state[:3], self._photos.server.connections)  # making it may have connected
            return self._index

    def _made(self, generation: Generation, part: Part) -> VectorIndex:
        reach = part.up_to or 0
        rows = self._catalog.generations.descriptions(generation, after=reach)
        by_hashes_alone = generation.model != self._model()
        there = MilvusIndex(self._photos, part, by_hashes_alone=by_hashes_alone)
        expected = self._catalog.generations.size(generation) - len(rows.photo_ids)
        if len(there) < expected:  # more: what was forgotten is not removed there yet; nobody is shown it
            raise IndexUnavailable(
                f"{self._photos.server.address} has {len(there):,} of {expected:,} photos that it had; "
                "the others are sent again"
            )
        newer = columns_of(rows).index(generation.number, by_hashes_alone=by_hashes_alone)
        return GatheredIndex(JoinedIndex(generation.number, [there, newer]))
