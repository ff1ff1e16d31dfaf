"""Inputs made from seeds, the same ones for the same number: bits, numbers, lengths, words, pieces of other seeds."""

import random
from collections.abc import Sequence

_NUMBERS = (0, 1, 2, 3, 7, 8, 16, 31, 32, 63, 64, 100, 127, 128, 129, 200, 250, 252, 253, 254, 255)
_WIDE = (
    *(0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 1 << 20, (1 << 20) + 1, 1 << 24, (1 << 24) + 1),
    *(0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1),
)
_MOST_CHANGES = 6


class Mutator:
    """Endless inputs, none longer than `largest` bytes."""

    def __init__(self, seeds: Sequence[bytes], words: Sequence[bytes], largest: int, number: int) -> None:
        self._seeds = [seed for seed in seeds if len(seed) <= largest] or [b""]
        self._words = words
        self._largest = largest
        self._chance = random.Random(number)
        self._changes = (
            self._flip,
            self._put_number,
            self._put_wide_number,
            self._put_wide_number,
            self._put_noise,
            self._leave_out,
            self._repeat,
            self._take_from_another,
            self._put_word,
            self._put_word,
            self._cut_off,
        )

    def next(self) -> bytes:
        chance = self._chance
        if chance.random() < 0.02:
            return chance.randbytes(chance.randrange(1 + min(64, self._largest)))
        data = bytearray(chance.choice(self._seeds))
        for _ in range(chance.randint(1, _MOST_CHANGES) if chance.random() < 0.7 else 1):
            chance.choice(self._changes)(data)
        return bytes(data[: self._largest])

    def _place(self, data: bytearray) -> int:
        return int(self._chance.random() * (len(data) + 1))

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self._place(data) % len(data)] ^= 1 << self._chance.randrange(8)

    def _put_number(self, data: bytearray) -> None:
        if data:
            data[self._place(data) % len(data)] = self._chance.choice(_NUMBERS)

    def _put_wide_number(self, data: bytearray) -> None:
        size = self._chance.choice((2, 4, 8))
        number = self._chance.choice(_WIDE) & ((1 << 8 * size) - 1)
        at = self._place(data)
        data[at : at + size] = number.to_bytes(size, self._chance.choice(("little", "big")))

    def _put_noise(self, data: bytearray) -> None:
        at, size = self._place(data), self._chance.choice((1, 2, 4, 16))
        over = size if self._chance.random() < 0.5 else 0
        data[at : at + over] = self._chance.randbytes(size)

    def _leave_out(self, data: bytearray) -> None:
        at = self._place(data)
        del data[at : at + self._length(data)]

    def _repeat(self, data: bytearray) -> None:
        at, count = self._place(data), self._chance.choice((1, 1, 2, 3, 20))
        part = bytes(data[at : at + self._length(data)]) * count
        data[at:at] = part[: max(0, self._largest - len(data))]

    def _take_from_another(self, data: bytearray) -> None:
        other = self._chance.choice(self._seeds)
        start = self._chance.randrange(len(other) + 1)
        part = other[start : start + self._length(other)]
        at = self._place(data)
        data[at : at + (len(part) if self._chance.random() < 0.5 else 0)] = part

    def _put_word(self, data: bytearray) -> None:
        if self._words:
            word = self._chance.choice(self._words)
            at = self._place(data)
            data[at : at + (len(word) if self._chance.random() < 0.3 else 0)] = word

    def _cut_off(self, data: bytearray) -> None:
        if self._chance.random() < 0.3:
            del data[self._place(data) :]

    def _length(self, data: bytes | bytearray) -> int:
        """Mostly short, now and then up to all of it."""
        most = len(data) if self._chance.random() < 0.2 else 16
        return 1 + self._chance.randrange(max(1, most))
