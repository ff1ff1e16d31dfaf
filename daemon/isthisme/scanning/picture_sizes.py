"""The sizes in which a page offers a picture (`srcset`): which is the largest?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BETWEEN = re.compile(r"[\s,]*")
_ADDRESS = re.compile(r"\S+")
_DESCRIPTOR = re.compile(r"[^,]*")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([wx])")


@dataclass(frozen=True, slots=True)
class Size:
    address: str
    is_width: bool  # pixels across; else a density
    amount: float


def sizes(srcset: str) -> Iterator[Size]:
    """The candidates in the order given (HTML standard, "parsing a srcset attribute")."""
    at = 0
    while True:
        between = _BETWEEN.match(srcset, at)
        address = _ADDRESS.match(srcset, between.end() if between else at)
        if address is None:
            return
        at = address.end()
        words = ""
        if not address[0].endswith(",") and (descriptor := _DESCRIPTOR.match(srcset, at)):
            words, at = descriptor[0].strip(), descriptor.end()
        if plain := address[0].rstrip(","):
            read = _SIZE.fullmatch(words)
            yield Size(plain, read is not None and read[2] == "w", float(read[1]) if read else 1.0)


def shown_largest(srcset: str, src: str | None) -> list[str]:
    """What a browser with the finest screen would show. `src` is one of the sizes only where no widths are named."""
    offered = list(sizes(srcset))
    has_widths = any(size.is_width for size in offered)
    if src and not has_widths:
        offered.append(Size(src, is_width=False, amount=1.0))
    best = max(offered, key=lambda size: (size.is_width, size.amount), default=None)
    return [] if best is None else [best.address]
