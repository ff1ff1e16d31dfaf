"""Perceptual hashes as SQLite keeps them: 64 bits as a signed number."""


def as_signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits


def as_unsigned(number: int) -> int:
    return number & ((1 << 64) - 1)


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two hashes differ, signed or not."""
    return as_unsigned(one ^ other).bit_count()
