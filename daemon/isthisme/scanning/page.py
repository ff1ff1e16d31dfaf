"""A gallery page's pictures and the pages that go on with it. Pure; meant for a worker, since pages are hostile."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from isthisme.scanning.charset import text_of
from isthisme.scanning.page_contents import PageContents
from isthisme.scanning.page_numbers import number_in
from isthisme.scanning.picture_sizes import shown_largest

_LONGEST_ADDRESS = 16_384  # characters, as the address guard has it
_LONGEST_INLINE = 4 << 20  # characters of a picture that lies in the page itself
_LONGEST_IN_ALL = 8 << 20  # characters of all addresses: less than a worker's answer may have
_LONGEST_NAME = 60  # characters of an attribute's
_MOST_PICTURES = 5_000
_MOST_NEXT_PAGES = 50
_LONGEST_TITLE = 1_000

# Where scripts that load pictures late keep their addresses. One that only looks like it costs a request in vain.
_LAZY = re.compile(r"data-[\w-]*(src|original|lazy|full|large|image|img|url|zoom|hi-?res|bg|background|thumb)[\w-]*")
_PICTURE_NAME = re.compile(r"\.(jpe?g|jpe|jfif|png|webp|avif|gif|bmp|heic|heif|tiff?)$", re.IGNORECASE)
_IN_STYLE = re.compile(r"""url\(\s*+(?:"([^"]*)"|'([^']*)'|([^()"'\s]*+))\s*+\)""", re.IGNORECASE)
_SHARED = frozenset({"og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image"})
_ATTRIBUTES = {"video": "poster", "image": "href", "embed": "src", "object": "data", "input": "src"}
_ARROWS = " \t\r\n\xa0»›→>≫⟩▶·.…"
_NEXT_WORDS = frozenset(
    {"next", "next page", "older", "older posts", "more", "load more", "show more", "下一页", "下一頁", "下页", "下頁"}
    | {"后页", "更多", "次へ", "次のページ", "다음", "suivant", "page suivante", "siguiente", "weiter", "nächste"}
    | {
        "nächste seite",
        "próxima",
        "próximo",
        "seguinte",
        "avanti",
        "successivo",
        "далее",
        "следующая",
        "volgende",
        "nästa",
    }
)
_ONLY_ARROWS = frozenset({"»", "›", "→", ">", ">>", "≫", "⟩", "▶"})


def read_page(data: bytes, charset: str | None, address: str) -> PageContents:
    """Reads a page of this address; `charset` is what its site says of it."""
    tree = LexborHTMLParser(text_of(data, charset))
    base = _base(tree, address)
    pictures, left_out = _collected(_pictures(tree), base)
    title = tree.css_first("title")
    words = " ".join(title.text().split())[:_LONGEST_TITLE] if title is not None else ""
    policy = tree.css_first("meta[name=referrer i][content]")
    return PageContents(
        words or None,
        tuple(pictures),
        tuple(_next_pages(tree, base, address)),
        None if policy is None else _value(policy, "content")[:100],
        left_out,
    )


def _base(tree: LexborHTMLParser, address: str) -> str:
    first = tree.css_first("base[href]")
    href = _value(first, "href") if first is not None else ""
    joined = _joined(address, href) if href else None
    return joined if joined is not None and joined.startswith(("http:", "https:")) else address


def _collected(found: Iterator[str], base: str) -> tuple[list[str], int]:
    """Whole addresses, each once, within the limits; and the number that was left out."""
    pictures: dict[str, None] = {}
    left_out = characters = 0
    for href in found:
        is_inline = href[:5].lower() == "data:"
        if is_inline and href[5:11].lower() != "image/":
            continue
        longest = _LONGEST_INLINE if is_inline else _LONGEST_ADDRESS
        address = href if is_inline else _joined(base, href) if len(href) <= longest else None
        if address is not None and address in pictures:
            continue
        has_room = len(pictures) < _MOST_PICTURES and characters + len(href) <= _LONGEST_IN_ALL
        if address is None or len(address) > longest or not has_room:
            left_out += 1
            continue
        if is_inline or address.startswith(("http:", "https:")):
            characters += len(address)
            pictures[address] = None
    return list(pictures), left_out


def _pictures(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("*"):
        attributes = node.attributes
        if not attributes:
            continue
        tag = node.tag
        value = _values(attributes)
        if tag == "img":
            yield from shown_largest(value.get("srcset", ""), value.get("src"))
        elif tag == "source" and "srcset" in value:
            yield from shown_largest(value["srcset"], None)
        elif tag == "a" and _PICTURE_NAME.search(_path_of(value.get("href", ""))):
            yield value["href"]
        elif tag == "link":
            yield from _linked(value)
        elif tag == "meta":
            names = {value.get(name, "").lower() for name in ("property", "name", "itemprop")}
            if names & _SHARED and "content" in value:
                yield value["content"]
        elif tag in _ATTRIBUTES:
            yield from _of_others(tag or "", value)
        yield from _of_any(value)


def _linked(value: dict[str, str]) -> Iterator[str]:
    relations = set(value.get("rel", "").lower().split())
    is_picture = "image_src" in relations or ("preload" in relations and value.get("as", "").lower() == "image")
    if is_picture:
        yield from shown_largest(value.get("imagesrcset", ""), value.get("href"))


def _of_others(tag: str, value: dict[str, str]) -> Iterator[str]:
    """Elements that may show a picture, or something else."""
    address = value.get(_ATTRIBUTES[tag]) or value.get("xlink:href", "")
    is_picture = (
        tag in ("video", "image")
        or (tag == "input" and value.get("type", "").lower() == "image")
        or value.get("type", "").lower().startswith("image/")
        or _PICTURE_NAME.search(_path_of(address))
    )
    if address and is_picture:
        yield address


def _of_any(value: dict[str, str]) -> Iterator[str]:
    """Backgrounds, and what scripts are going to load."""
    for in_style in _IN_STYLE.findall(value.get("style", "")):
        if address := next((part for part in in_style if part), ""):
            yield address
    if value.get("background"):
        yield value["background"]
    for name, each in value.items():
        if not name.startswith("data-") or len(name) > _LONGEST_NAME or not _LAZY.fullmatch(name):
            continue
        if "srcset" in name:
            yield from shown_largest(each, None)
        elif _PICTURE_NAME.search(_path_of(each)) or ("src" in name and _is_address(each)):
            yield each


def _next_pages(tree: LexborHTMLParser, base: str, address: str) -> list[str]:
    """Said to be next, then named so, then numbered so."""
    here, number = number_in(address)
    ranked: list[tuple[int, str]] = []
    for node in tree.css("link[href], a[href], area[href]"):
        value = _values(node.attributes)
        href = value.get("href", "")
        if not href or len(href) > _LONGEST_ADDRESS or (joined := _joined(base, href)) is None:
            continue
        there = joined.partition("#")[0]
        if not there.startswith(("http:", "https:")) or there == address.partition("#")[0]:
            continue
        if "next" in value.get("rel", "").lower().split():
            ranked.append((0, there))
        elif node.tag != "link" and _is_named_next(node, value):
            ranked.append((1, there))
        elif node.tag != "link" and number_in(there) == (here, number + 1):
            ranked.append((2, there))
    return list(dict.fromkeys(there for _, there in sorted(ranked, key=lambda each: each[0])))[:_MOST_NEXT_PAGES]


def _is_named_next(node: LexborNode, value: dict[str, str]) -> bool:
    classes = set(value.get("class", "").lower().split())
    if classes & {"next", "next-page", "nextpage", "pagination-next"} or value.get("id", "").lower() == "next":
        return True
    texts = (node.text()[:200], value.get("aria-label", ""), value.get("title", ""))
    return any(
        text.strip() in _ONLY_ARROWS or " ".join(text.lower().split()).strip(_ARROWS) in _NEXT_WORDS for text in texts
    )


def _values(attributes: dict[str, str | None]) -> dict[str, str]:
    return {name: value.strip(" \t\r\n\f") for name, value in attributes.items() if value}


def _value(node: LexborNode, name: str) -> str:
    return (node.attributes.get(name) or "").strip(" \t\r\n\f")


def _joined(base: str, href: str) -> str | None:
    """A whole address; None where the two make none."""
    href = re.sub(r"[\t\r\n]", "", href)  # as browsers do
    try:
        return urljoin(base, href)
    except ValueError:
        return None


def _path_of(address: str) -> str:
    if len(address) > _LONGEST_ADDRESS:
        return ""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://", "//", "/", "data:image/"))
