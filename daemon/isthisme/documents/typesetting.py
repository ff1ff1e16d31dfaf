"""Documents to PDF: Typst lays out what `document.typ` says, with the fonts that come with the program."""

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from PIL import Image

from isthisme.documents.blocks import (
    Block,
    Document,
    Fields,
    Grid,
    Heading,
    Items,
    NewPage,
    Paragraph,
    Picture,
    PictureRow,
    Remark,
)
from isthisme.documents.coverage import covered_by
from isthisme.documents.legible import Legible
from isthisme.errors import UnreadableImage

_TEXT_WIDTH = 170.0  # mm, of an A4 page with our margins
_MOST_HEIGHT = 215.0  # mm, leaving room for a caption
_GUTTER = 4.0  # mm between pictures of a row
_LABELS = 45.0  # mm, at most, for the labels of fields
_HEADER = 70  # characters: one line, also of Chinese
_FONTS = ("manimgx_fonts", "manimgx_fonts_cjk")  # packages
_FORMATS = {"PNG": "png", "JPEG": "jpg"}


@dataclass(frozen=True, slots=True)
class Typeset:
    pdf: bytes
    replaced: Mapping[str, int]  # characters shown by their code points ("U+1F9FF"), and how often
    shortened: int  # texts of which only the beginning is shown


class Typesetter:
    """Reads the fonts once (0.1 s), then sets any number of documents. Threads may share it."""

    def __init__(self) -> None:
        import typst  # 84 MB on the disk, loaded where a document is wanted

        folders = [Path(str(files(package))) for package in _FONTS]
        fonts = sorted(file for folder in folders for file in folder.glob("*.tt[fc]"))
        self._covered = frozenset[int]().union(*map(covered_by, fonts))
        self._fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
        self._template = files("isthisme.documents").joinpath("document.typ").read_bytes()

    def typeset(self, document: Document) -> Typeset:
        """The document as a PDF: the same bytes for the same document. Raises UnreadableImage."""
        legible = Legible(self._covered, document.language, document.longest_text)
        with tempfile.TemporaryDirectory(prefix="isthisme-") as name:
            folder = Path(name)
            parts = _Parts(legible, folder)
            content = {
                "title": legible.text(document.title),
                "header": legible.text(_one_line(document.header or document.title)),
                "language": document.language,
                "blocks": [parts.block(block) for block in document.blocks],
            }
            (folder / "document.json").write_text(json.dumps(content), "utf-8")
            main = folder / "document.typ"
            main.write_bytes(self._template)
            pdf = self._compile(main, document.made)
        return Typeset(pdf, dict(legible.replaced), legible.shortened)

    def _compile(self, main: Path, made: datetime) -> bytes:
        import typst

        at = int(made.timestamp())
        try:
            return bytes(typst.compile(main, root=main.parent, font_paths=self._fonts, format="pdf", timestamp=at))
        except typst.TypstError as problem:
            raise UnreadableImage(f"the document cannot be set: {problem.message}") from problem


class _Parts:
    """Blocks in the words of `document.typ`; pictures become files in its folder."""

    def __init__(self, legible: Legible, folder: Path) -> None:
        self._text = legible.text
        self._folder = folder
        self._pictures = 0

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Heading(text, level):
                return {"kind": "heading", "text": self._text(text), "level": level}
            case Paragraph(text, style):
                return {"kind": style, "text": self._text(text)}
            case Remark(text):
                return {"kind": "remark", "text": self._text(text)}
            case Items(texts, is_numbered):
                return {"kind": "items", "texts": self._texts(texts), "numbered": is_numbered}
            case Fields(rows):
                return {"kind": "fields", "rows": [self._texts(row) for row in rows], "label": _label_width(rows)}
            case Grid(head, rows, widths):
                shown = [self._texts(row) for row in rows]
                return {"kind": "grid", "head": self._texts(head), "rows": shown, "widths": widths}
            case Picture():
                return {"kind": "picture", **self._picture(block, _TEXT_WIDTH)}
            case PictureRow(pictures):
                share = (_TEXT_WIDTH - _GUTTER * (len(pictures) - 1)) / len(pictures)
                return {"kind": "row", "pictures": [self._picture(picture, share) for picture in pictures]}
            case NewPage():
                return {"kind": "page"}

    def _texts(self, texts: tuple[str, ...]) -> list[str]:
        return [self._text(text) for text in texts]

    def _picture(self, picture: Picture, room: float) -> dict[str, Any]:
        try:
            with Image.open(io.BytesIO(picture.data), formats=list(_FORMATS)) as opened:
                (columns, rows), form = opened.size, _FORMATS[opened.format or ""]
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
            raise UnreadableImage("a picture of a document is neither PNG nor JPEG") from problem
        self._pictures += 1
        name = f"picture-{self._pictures}"
        (self._folder / name).write_bytes(picture.data)
        width = min(picture.width * room, _MOST_HEIGHT * columns / rows)
        return {
            "file": name,
            "format": form,
            "width": width,
            "height": width * rows / columns,
            "description": self._text(picture.description),
            "caption": self._text(picture.caption),
        }


def _one_line(text: str) -> str:
    line = " ".join(text[: 2 * _HEADER].split())
    return line if len(line) <= _HEADER else line[: _HEADER - 1].rstrip() + "…"


def _label_width(rows: tuple[tuple[str, str], ...]) -> float:
    """Room for the longest label, about: a Chinese character is as wide as two others."""
    longest = max((sum(1 + (ord(character) > 0x2E7F) for character in label) for label, _value in rows), default=0)
    return min(_LABELS, 5 + 1.95 * longest)
