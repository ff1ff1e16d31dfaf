"""What strangers and users wrote, made fit for a letter: no controls, nothing that turns the direction of the text."""

import unicodedata
from urllib.parse import quote

_CONTROLS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# Joiners that letters and emoji need, and what tells the direction of a word without changing that of others.
_HARMLESS = frozenset("\u200c\u200d\u200e\u200f\u061c\ufe0f\ufe0e")
_TITLE = 200


def line(text: str, most: int = _TITLE) -> str:
    """A text in one line, cut where it is long."""
    cut = " ".join(_shown(each) for each in text[: 2 * most].split())
    return cut if len(cut) <= most and len(text) <= 2 * most else f"{cut[: most - 1]}…"


def lines(text: str) -> str:
    """A text with its line breaks."""
    return "\n".join(_shown(each).rstrip() for each in text.strip().splitlines())


def address(text: str) -> str:
    """An address that leads where it led: what must not be in a letter is written as addresses write it."""
    if text.isprintable() and " " not in text:
        return text
    return "".join(each if _is_plain(each) else quote(each, errors="surrogatepass") for each in text)


def _shown(text: str) -> str:
    return "".join(
        each if each in _HARMLESS or unicodedata.category(each) not in _CONTROLS else f"[U+{ord(each):04X}]"
        for each in text.replace("\t", " ")
    )


def _is_plain(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in _CONTROLS
