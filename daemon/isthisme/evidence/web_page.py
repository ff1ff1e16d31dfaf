"""A document as one web page: self-contained, without scripts, every text shown as text."""

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from isthisme.documents.blocks import Document, Heading
from isthisme.documents.legible import BREAK, Legible

_TYPES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PN": "image/png"}


class _EveryCharacter:
    """Browsers find fonts for what there is."""

    def __contains__(self, _code_point: object) -> bool:
        return True


def web_page(document: Document) -> bytes:
    """The document in UTF-8. What would disturb the text around it stands as its code point, as in the PDF."""
    legible = Legible(_EveryCharacter(), document.language, document.longest_text)

    def shown(text: str) -> Markup:
        # Each text by itself: what runs from right to left in it leaves its neighbours alone.
        lines = escape(legible.text(text)).replace(BREAK, Markup("<wbr>")).replace("\n", Markup("<br>"))
        return Markup("<bdi>{}</bdi>").format(lines)

    environment = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown
    environment.filters["inlined"] = _inlined
    folder = files("isthisme.evidence")
    style = folder.joinpath("report.css").read_text("utf-8")
    template = environment.from_string(folder.joinpath("report.html").read_text("utf-8"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = template.render(
        document=document,
        title=legible.text(document.title).replace(BREAK, ""),
        blocks=[(type(block).__name__, block) for block in document.blocks],
        contents=[(place, each.text) for place, each in _chapters(document)],
        style=Markup(style),  # noqa: S704 our own file
        style_hash=digest,
        language={"en": "en", "zh": "zh-Hans"}[document.language],
    )
    return page.encode("utf-8", "replace")


def _chapters(document: Document) -> list[tuple[int, Heading]]:
    return [
        (place, block) for place, block in enumerate(document.blocks) if isinstance(block, Heading) and block.level == 1
    ]


def _inlined(data: bytes) -> Any:
    kind = _TYPES[data[:3]]
    return Markup("data:{};base64,{}").format(kind, base64.b64encode(data).decode())
