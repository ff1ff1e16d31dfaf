"""Text as it can be shown: what no font has, and what would disturb the text around it, by its code point."""

import re
import unicodedata
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

# A place where a line may be broken. Not a character: no text can hold it and keep it.
BREAK = "\ufdd0"

# Seen only in what they do to their neighbours: joining and not joining, variants, direction of one word.
_UNSEEN = frozenset("\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Scripts that break their lines themselves, between any two characters or between words that are not spaced.
_SPACED = re.compile(
    r"[^\s\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]{25,}"
)
_STRIDE = 8
_MORE = {"en": " [… {count:,} more characters]", "zh": " [……另有 {count:,} 个字符]"}


@dataclass(slots=True)
class Legible:
    """Makes texts legible with the characters at hand, and counts what it had to replace."""

    covered: Container[int]
    language: str
    longest: int  # characters: of a longer text the beginning is shown, since an address may have two million
    replaced: Counter[str] = field(default_factory=Counter)  # "U+1F9FF" to how often
    shortened: int = 0  # texts

    def text(self, text: str) -> str:
        """The text with line breaks as \\n, code points in square brackets, and BREAK inside of what is too long."""
        more = len(text) - self.longest
        if more > 0:
            self.shortened += 1
            text = text[: self.longest]
        shown = "".join(map(self._character, _LINE_ENDS.sub("\n", text).replace("\t", "    ")))
        shown = _SPACED.sub(_breakable, shown)
        return shown + _MORE[self.language].format(count=more) if more > 0 else shown

    def _character(self, character: str) -> str:
        if character in _UNSEEN or character == "\n":
            return character
        # Cc, Cf, Cs: controls, overrides of direction, halves of characters.
        if ord(character) in self.covered and unicodedata.category(character) not in ("Cc", "Cf", "Cs"):
            return character
        code_point = f"U+{ord(character):04X}"
        self.replaced[code_point] += 1
        return f"[{code_point}]"


def _breakable(run: re.Match[str]) -> str:
    text = run.group()
    pieces, start = [], 0
    for end in range(_STRIDE, len(text) - _STRIDE // 2, _STRIDE):
        # Marks and joiners stay with what they belong to.
        if not any(_clings(character) for character in text[end - 1 : end + 1]):
            pieces.append(text[start:end])
            start = end
    return BREAK.join([*pieces, text[start:]])


def _clings(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character).startswith("M")
