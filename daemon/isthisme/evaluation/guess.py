"""What another method says of a query image, and the methods as this measurement sees them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from isthisme.engine.decode import decode
from isthisme.errors import InputError
from isthisme.evaluation.sheet import Pixels

SIDE = 640  # pixels that every method is given


@dataclass(frozen=True, slots=True)
class Guess:
    """The photo that a method finds most alike, and how alike."""

    photo: int
    score: float


UNREADABLE = Guess(-1, -float("inf"))


@dataclass(frozen=True, slots=True)
class Peer:
    """One method. `fires_at` is the score from which its makers, or who uses it most, call two pictures the same."""

    name: str
    guess: Callable[[Pixels], Guess]
    fires_at: float
    usual: str  # the same in the method's own words
    most: int | None = None  # measured on a sample of so many pictures of each group, for it is slow

    def sample(self, count: int) -> range:
        """Which of `count` pictures are measured: all, or some at even distances."""
        return range(0, count, max(1, -(-count // self.most)) if self.most else 1)


def guesses(peers: Sequence[Peer], queries: Iterable[bytes], count: int) -> list[list[Guess]]:
    """For each peer its guesses on its sample of the `count` queries, in order. Each query is decoded once."""
    made: list[list[Guess]] = [[] for _ in peers]
    samples = [peer.sample(count) for peer in peers]
    for number, data in enumerate(queries):
        pixels = _pixels(data)
        for peer, sample, found in zip(peers, samples, made, strict=True):
            if number in sample:
                found.append(UNREADABLE if pixels is None else peer.guess(pixels))
    return made


def _pixels(data: bytes) -> Pixels | None:
    try:
        return decode(data, target_side=SIDE).pixels
    except InputError:
        return None
