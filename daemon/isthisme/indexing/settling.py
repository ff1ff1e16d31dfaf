"""Paths that changed, each held back until it has been calm for a moment: a file may still be being written."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

WRITTEN_CALM_SECONDS = 0.3  # after a file was closed by its writer, renamed or deleted
OPEN_CALM_SECONDS = 1.0  # after a change to a file that nobody has closed yet, as far as we know
_LONGEST_SECONDS = 5.0  # until everything is looked through, however busy the folders are
# So much at once is quicker looked through as a whole. It is also well below what the system's queue holds (16,384
# events on Linux), so that nothing is missed when that overflowed.
_MOST = 5_000
_WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Calm:
    """What may be looked at now."""

    moves: list[tuple[bytes, bytes]] = field(default_factory=list)  # from, to; in the order in which they happened
    paths: list[bytes] = field(default_factory=list)  # of files and folders; none lies inside another
    everything: bool = False  # too much happened to tell it apart


class Settling:
    """Not for two threads at once. Times are seconds of one clock, of the caller's choice."""

    def __init__(self) -> None:
        self._due: dict[bytes, float] = {}
        self._queue: list[tuple[float, bytes]] = []  # each path at its time or before it, perhaps elsewhere too
        self._moves: list[tuple[bytes, bytes]] = []
        self._events = 0  # in the present window
        self._window_from = float("-inf")
        self._everything_from: float | None = None
        self._everything_at = 0.0

    def count(self, now: float) -> None:
        """An event was heard, whatever it was about."""
        if now - self._window_from > _WINDOW_SECONDS:
            self._window_from, self._events = now, 0
        self._events += 1
        if self._events > _MOST or len(self._due) > _MOST or len(self._moves) > _MOST:
            self._stop_telling_apart(now)

    def note(self, path: bytes, now: float, *, is_written: bool) -> None:
        """Something happened to a file or folder. `is_written`: and it is likely over."""
        due = now + (WRITTEN_CALM_SECONDS if is_written else OPEN_CALM_SECONDS)
        if self._everything_from is not None:
            self._everything_at = min(due, self._everything_from + _LONGEST_SECONDS)
            return
        if due < self._due.get(path, float("inf")):
            heapq.heappush(self._queue, (due, path))
        self._due[path] = due

    def note_move(self, source: bytes, target: bytes, now: float) -> None:
        if self._moves and _is_part_of(self._moves[-1], source, target):
            return  # the system tells of a folder, then of all that is in it
        if self._everything_from is None:
            self._moves.append((source, target))
        self.note(source, now, is_written=True)
        self.note(target, now, is_written=True)

    def _stop_telling_apart(self, now: float) -> None:
        self._events = 0
        if self._everything_from is None:
            self._everything_from, self._everything_at = now, now + OPEN_CALM_SECONDS
            self._due.clear()
            self._queue.clear()

    def next_due(self) -> float | None:
        """When something will be calm if nothing more happens to it; None when nothing is held back."""
        if self._everything_from is not None:
            return self._everything_at
        while self._queue:
            at, path = self._queue[0]
            due = self._due.get(path)
            if due == at:
                return at
            heapq.heappop(self._queue)
            if due is not None and due > at:  # something happened to it meanwhile
                heapq.heappush(self._queue, (due, path))
        return None

    def take(self, now: float) -> Calm:
        """What is calm by now; it is held back no longer."""
        due = self.next_due()
        if due is None or due > now:
            return Calm()
        moves, self._moves = self._moves, []
        if self._everything_from is not None:
            self._everything_from = None
            return Calm(moves, everything=True)
        paths = []
        while due is not None and due <= now:
            _, path = heapq.heappop(self._queue)
            del self._due[path]
            paths.append(path)
            due = self.next_due()
        return Calm(moves, outermost(paths))


def outermost(paths: Iterable[bytes]) -> list[bytes]:
    """The paths that do not lie inside another one of them, in the order in which their contents are scanned."""
    found: list[bytes] = []
    for path in sorted(paths, key=lambda path: path + b"/"):
        if not found or not (path + b"/").startswith(found[-1] + b"/"):
            found.append(path)
    return found


def _is_part_of(move: tuple[bytes, bytes], source: bytes, target: bytes) -> bool:
    moved_from, moved_to = (path + b"/" for path in move)
    return (
        source.startswith(moved_from)
        and target.startswith(moved_to)
        and source[len(moved_from) :] == target[len(moved_to) :]
    )
