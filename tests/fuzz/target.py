"""What a fuzz target is: a function that is given bytes and fails where a promise does not hold."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

type Attack = Callable[[bytes], int]


class Broken(AssertionError):
    """A promise does not hold. The words say which."""


def promise(holds: object, words: str) -> None:
    """Raises Broken; unlike `assert` also where Python was asked to leave assertions out."""
    if not holds:
        raise Broken(words)


@dataclass(frozen=True, slots=True)
class Target:
    """One door for hostile bytes."""

    name: str
    attack: Attack  # does one input; gives how many units it held (frames, pictures, ...); its docstring promises
    seeds: tuple[bytes, ...]  # sound and unsound inputs that mutation begins with; never private, made by code
    covers: tuple[str, ...]  # modules whose coverage is told
    runs_in_ci: int
    unit: str = "inputs"
    words: tuple[bytes, ...] = ()  # that mutation puts in: what the format means something by
    largest: int = 4096  # bytes of an input
    close: Callable[[], None] = field(default=lambda: None)


class Source:
    """Values drawn out of an input's bytes, for targets whose parts take more than bytes. At the end: zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def take(self, count: int) -> bytes:
        found = self._data[self._place : self._place + count]
        self._place += count
        return found

    def rest(self) -> bytes:
        return self.take(max(0, len(self._data) - self._place))

    def number(self, below: int) -> int:
        """0 to below - 1."""
        return int.from_bytes(self.take(1 if below <= 256 else 4)) % below


def pieces(data: bytes, cut: int) -> list[bytes]:
    """The bytes as a stream may bring them: whole, byte by byte, or in pieces that `cut` (0 to 255) chooses."""
    if cut == 0:
        return [data]
    if cut == 1 and len(data) < 2000:
        return [data[place : place + 1] for place in range(len(data))]
    chance = random.Random(cut)
    found, place = [], 0
    while place < len(data):
        step = chance.choice((1, 2, 3, 5, 17, 200, 1 + len(data) // 3))
        found.append(data[place : place + step])
        place += step
    return found
