"""Pages of galleries: HTML that was written to hurt whoever reads it."""

from pathlib import Path

from isthisme.scanning.page import read_page
from isthisme.scanning.page_contents import PageContents
from tests.fuzz.target import Source, Target, promise

_CHARSETS = (None, "utf-8", "utf-16", "shift_jis", "gb2312", "iso-2022-jp", "utf-7", "idna", "\0", "x" * 500, "unicode")
_ADDRESS = "https://a.example/gallery/page/2?p=3"


def target(_scratch: Path) -> Target:
    page = b"""<!doctype html><meta charset=utf-8><title>A <b>t</b></title><base href="/b/">
<meta name=referrer content=origin><img src=a.png srcset="b.png 1x, c.png 2x" data-src="d.jpg">
<picture><source srcset="e.webp 300w, f.webp 900w"></picture><a href="g.jpg">x</a>
<link rel=preload as=image imagesrcset="h 1x"><meta property=og:image content="/i.png">
<div style="background:url('j.png')" data-bg="k.jpg"></div><svg><image xlink:href="l.png"/></svg>
<input type=image src=m><a rel=next href="/page/3">Next \xc2\xbb</a><a href="?p=4">4</a>
<img src="data:image/gif;base64,R0lGODlh"><object data=n.jpg>"""
    return Target(
        name="pages",
        attack=attack,
        seeds=(
            *(bytes((charset,)) + page for charset in (0, 1, 3)),
            b"\2" + page.decode().encode("utf-16"),
            b"\0" + b"<div>" * 1_500,
            b"\0" + b"<a href=/x><table><td>" * 200,
            b'\0<img srcset="' + b"a 1w," * 1_000 + b'">',
            b'\0<p style="url(' + b" " * 4_000 + b'">',
            b"\0" + b"<!--" * 500 + b"<p " + b"a=b " * 800,
            b"\0<base href='http://[::1'><a href='http://[::1'>next</a><img src='//[x]'>",
            b"\0<template>" * 100 + b"<select><svg><math><mtext><table>" * 60,
        ),
        covers=(
            *("isthisme.scanning.page", "isthisme.scanning.picture_sizes", "isthisme.scanning.charset"),
            "isthisme.scanning.page_numbers",
        ),
        runs_in_ci=700,
        words=(
            b"<img ",
            b"<a href=",
            b"<base href=",
            b"srcset=",
            b"url(",
            b"style=",
            b"data-src=",
            b"<svg>",
            b"<table>",
            b"</",
            b"&#0;",
            b"&#xD800;",
            b"&#x110000;",
            b"http://[",
            b"javascript:",
            b"data:image/",
            b"rel=next ",
            b"page=9",
            b"\xff",
            b"<meta charset=",
            b"\xe2\x80\xae",
            b"<plaintext>",
            b"<![CDATA[",
            b"1e999w",
            b"\xd9\xa3x",
            b" " * 200,
            b"<b>" * 100,
        ),
        largest=8_000,
    )


def attack(data: bytes) -> int:
    """Addresses of the web or of pictures in the page itself, each once, so many at most; and it never fails."""
    source = Source(data)
    charset = _CHARSETS[source.number(len(_CHARSETS))]
    found = read_page(source.rest(), charset, _ADDRESS)
    promise(isinstance(found, PageContents), "these are no contents")
    promise(len(found.pictures) <= 5_000 and len(found.next_pages) <= 50, "more than agreed")
    promise(len(set(found.pictures)) == len(found.pictures), "a picture twice")
    for each in found.pictures:
        promise(
            each.startswith(("http:", "https:")) or each[:11].lower() == "data:image/", f"{each[:50]!r} is no picture's"
        )
    promise(all(each.startswith(("http:", "https:")) for each in found.next_pages), "a next page that is none")
    promise(found.title is None or len(found.title) <= 1_000, "a title of any length")
    return 1
