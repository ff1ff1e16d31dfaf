"""A notice as a file: plain text, or a PDF of it."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from isthisme.documents.blocks import Block, Document, Heading, Paragraph
from isthisme.documents.typesetting import Typeset, Typesetter

type FileKind = Literal["txt", "pdf"]

_HEADING = re.compile(r"\d{1,2}\. [^\n]{1,100}")
_LONGEST_TEXT = 400_000  # characters: addresses have to be whole


def as_pdf(subject: str, text: str, language: Literal["en", "zh"], made: datetime) -> Typeset:
    """The letter as it was edited. Lines that begin a paragraph with a number are its headings."""
    return Typesetter().typeset(Document(subject, language, made, tuple(_blocks(text)), longest_text=_LONGEST_TEXT))


def as_text(subject: str, text: str) -> bytes:
    return f"{subject}\n\n{text.strip()}\n".encode("utf-8", "replace")


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        first, _, rest = paragraph.partition("\n")
        if _HEADING.fullmatch(first) and "://" not in first:
            yield Heading(first, 2)
            if rest:
                yield Paragraph(rest)
        else:
            yield Paragraph(paragraph)
