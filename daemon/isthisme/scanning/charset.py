"""A page's bytes to text, as browsers read them: the mark at the beginning, what the site says, what the page says."""

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOKED_THROUGH = 1024  # bytes, as the HTML standard has it
_NAMED = re.compile(rb"""<meta[^>]+?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
# By the names that pages use: what browsers read there, by Python's name, where the two differ (WHATWG Encoding).
_READ_AS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "utf-16": "utf-16-le",
    "unicode": "utf-16-le",
}
# Python knows more, among them some that take very long or give anything but text.
_KNOWN = re.compile(
    r"utf-8|utf-16-[bl]e|gb18030|big5hkscs|cp(125\d|8(66|74)|9(32|49))|(euc|iso2022)_jp|koi8-[ru]|iso8859-\d+"
)


def text_of(data: bytes, charset: str | None) -> str:
    """The text of a page; `charset` is what the site says of it. What cannot be read shows as U+FFFD."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if (named := _known(charset) or _named_in(data)) is not None:
        return data.decode(named, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _named_in(data: bytes) -> str | None:
    found = _NAMED.search(data[:_LOOKED_THROUGH])
    encoding = _known(found[1].decode("ascii", "replace")) if found else None
    return "utf-8" if encoding is not None and encoding.startswith("utf-16") else encoding  # it was read as ASCII


def _known(name: str | None) -> str | None:
    """Python's name of an encoding that pages may be in; None for all others."""
    plain = (name or "").strip().lower()
    try:
        encoding = codecs.lookup(_READ_AS.get(plain, plain)).name
    except (LookupError, ValueError):
        return None
    return encoding if _KNOWN.fullmatch(encoding) else None
