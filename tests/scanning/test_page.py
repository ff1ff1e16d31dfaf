"""Reading gallery pages: where pictures hide, which page is next, and what hostile pages do."""

import pytest

from isthisme.scanning.page import read_page

HERE = "https://gallery.example/album/summer?x=1"


def pictures(html: str) -> list[str]:
    return [each.removeprefix("https://gallery.example") for each in read_page(html.encode(), "utf-8", HERE).pictures]


def next_pages(html: str, address: str = HERE) -> list[str]:
    found = read_page(html.encode(), "utf-8", address).next_pages
    return [each.removeprefix("https://gallery.example") for each in found]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<img src=a.jpg>", ["/album/a.jpg"]),
        ("<IMG SRC='/a.jpg'>", ["/a.jpg"]),
        ("<img src='  /a b.jpg\n'>", ["/a b.jpg"]),
        ("<img src=/a&amp;b.jpg>", ["/a&b.jpg"]),
        ("<img src=/a.jpg><img src=/a.jpg>", ["/a.jpg"]),
        ("<img src=/s.jpg srcset='/m.jpg 500w, /l.jpg 1000w'>", ["/l.jpg"]),
        ("<img src=/s.jpg srcset='/m.jpg 2x'>", ["/m.jpg"]),
        ("<img src=/s.jpg srcset='/m.jpg 0.5x'>", ["/s.jpg"]),
        ("<img srcset='/a,b.jpg 1x, /c.jpg, /d.jpg 3x'>", ["/d.jpg"]),
        ("<img srcset='/a.jpg,'>", ["/a.jpg"]),
        ("<picture><source srcset='/a.webp 1x, /b.webp 2x'><img src=/c.jpg></picture>", ["/b.webp", "/c.jpg"]),
        ("<video poster=/a.jpg><source src=/b.mp4></video>", ["/a.jpg"]),
        ("<img src=/wait.gif data-src=/a.jpg>", ["/wait.gif", "/a.jpg"]),
        ("<img data-lazy-srcset='/a.jpg 1x, /b.jpg 2x'>", ["/b.jpg"]),
        ("<div data-bg=/a.jpg></div>", ["/a.jpg"]),
        ("<div data-url=/other-page></div>", []),
        ("<noscript><img src=/a.jpg></noscript>", ["/a.jpg"]),
        ("<a href=/full.JPG?size=1>x</a>", ["/full.JPG?size=1"]),
        ("<a href=/page.html>x</a>", []),
        ("<meta property=og:image content=/a.jpg>", ["/a.jpg"]),
        ("<meta name=twitter:image content=/a.jpg>", ["/a.jpg"]),
        ("<link rel=image_src href=/a.jpg>", ["/a.jpg"]),
        ("<link rel=preload as=image href=/a.jpg>", ["/a.jpg"]),
        ("<link rel=stylesheet href=/a.jpg>", []),
        ("<div style='background: url(/a.jpg)'></div>", ["/a.jpg"]),
        ("<div style='background: url(&quot;/a b.jpg&quot;), URL( /c.jpg )'></div>", ["/a b.jpg", "/c.jpg"]),
        ("<body background=/a.jpg>", ["/a.jpg"]),
        ("<svg><image href=/a.jpg /><image xlink:href=/b.jpg /></svg>", ["/a.jpg", "/b.jpg"]),
        ("<input type=image src=/a.jpg><input type=text src=/b>", ["/a.jpg"]),
        ("<object data=/a.jpg></object><object data=/b.swf></object>", ["/a.jpg"]),
        ("<base href=/other/><img src=a.jpg>", ["/other/a.jpg"]),
        ("<base href='javascript:x'><img src=a.jpg>", ["/album/a.jpg"]),
        ("<img src=//cdn.example/a.jpg>", ["https://cdn.example/a.jpg"]),
        ("<img src='data:image/png;base64,AAAA'>", ["data:image/png;base64,AAAA"]),
        ("<img src='data:text/html,x'><img src=javascript:x><img src=file:///etc/passwd><img src=''>", []),
        ("<img src='http://[bad'>", []),
        ("<!-- <img src=/a.jpg> --><script>'<img src=/b.jpg>'</script>", []),
        ("<img src=/a.jpg", []),  # the page broke off
        ("", []),
    ],
)
def test_pictures_are_found_where_pages_keep_them(html: str, found: list[str]) -> None:
    assert pictures(html) == found


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<link rel=next href='?x=1&page=2'>", ["/album/summer?x=1&page=2"]),
        ("<a rel='nofollow next' href=/2>more</a>", ["/2"]),
        ("<a href=/2>Next »</a>", ["/2"]),
        ("<a href=/2>下一页</a>", ["/2"]),
        ("<a href=/2 aria-label='Next page'><svg></svg></a>", ["/2"]),
        ("<a href=/2 class='btn next'>2</a>", ["/2"]),
        ("<a href=/2>›</a>", ["/2"]),
        ("<a href='?x=1&page=2'>2</a><a href='?x=1&page=3'>3</a>", ["/album/summer?x=1&page=2"]),
        ("<a href='?page=2&x=1'>2</a>", ["/album/summer?page=2&x=1"]),
        ("<a href='/album/summer/page/2/?x=1'>2</a>", ["/album/summer/page/2/?x=1"]),
        ("<a href='/album/winter?x=1&page=2'>2</a>", []),  # another gallery
        ("<a href=/2>The next morning</a>", []),
        ("<a href='#top'>Next</a>", []),
        ("<a href=/3>Next</a><link rel=next href=/2>", ["/2", "/3"]),
        ("<a rel=next href=javascript:more()>", []),
    ],
)
def test_the_next_page_is_found(html: str, found: list[str]) -> None:
    assert next_pages(html) == found


def test_numbers_go_on_from_the_page_that_is_read() -> None:
    html = "<a href='?page=1'>1</a><a href='?page=3'>3</a><a href='?page=4'>4</a>"
    assert next_pages(html, "https://gallery.example/album?page=2") == ["/album?page=3"]


@pytest.mark.parametrize(
    ("data", "charset", "title"),
    [
        ("<title>Été</title>".encode(), None, "Été"),
        ("<title>Été</title>".encode("cp1252"), None, "Été"),
        ("<meta charset=gb2312><title>照片</title>".encode("gb18030"), None, "照片"),
        ("<title>写真</title>".encode("cp932"), "Shift_JIS", "写真"),
        (b"\xef\xbb\xbf" + "<title>Été</title>".encode(), "iso-8859-1", "Été"),
        (b"\xff\xfe" + "<title>Été</title>".encode("utf-16-le"), None, "Été"),
        (b"<title>a\xff</title>", "utf-8", "a\N{REPLACEMENT CHARACTER}"),
        ("<title>Été</title>".encode(), "no-such-thing", "Été"),
        (b"<title>a</title>", "zlib", "a"),
        (b"<title>a</title>", "unicode_escape", "a"),
        (b"<title>a</title>", "idna", "a"),
        (b"<title>a</title>", "\0", "a"),
        (b"<meta charset=utf-16><title>a</title>", None, "a"),
        (b"<title> a \n b </title>", None, "a b"),
        (b"<title></title>", None, None),
        (b"<title>" + b"a" * 2_000_000, None, "a" * 1_000),
    ],
)
def test_pages_are_read_in_their_charset(data: bytes, charset: str | None, title: str | None) -> None:
    assert read_page(data, charset, HERE).title == title


@pytest.mark.parametrize(
    ("html", "left_out"),
    [
        (f"<img src=/{'a' * 2_000_000}.jpg>", 1),
        (f"<img src='data:image/png;base64,{'A' * 9_000_000}'>", 1),
        ("".join(f"<img src=/{number}.jpg>" for number in range(6_000)), 1_000),
        (f"<img srcset='{' ' * 2_000_000}'>", 0),
        (f"<img srcset='{',' * 2_000_000}'>", 0),
        (f"<img srcset='{'a,' * 1_000_000}'>", 1),
        (f"<div style='{'url(' * 500_000}'>", 0),
        (f"<div style='{'url(&quot;' * 200_000}'>", 0),
        (f"<div data-{'src' * 500_000}=/a.jpg>", 0),
        (f"<a href='{'?page=1' * 300_000}'>next</a>", 0),
        (f"<a href=/2>{'<b>' * 2_000}next</a>", 0),
        ("<" * 3_000_000, 0),
        ("\0" * 1_000_000, 0),
        ("\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), 0),
    ],
)
def test_hostile_pages_are_read_to_their_end(html: str, left_out: int) -> None:
    contents = read_page(html.encode(), "utf-8", HERE)
    assert contents.left_out == left_out
    assert sum(map(len, contents.pictures)) <= 8 << 20


def test_a_pages_own_word_on_referrers_is_read() -> None:
    assert read_page(b"<META NAME=Referrer CONTENT=no-referrer>", None, HERE).referrer_policy == "no-referrer"
    assert read_page(b"<p>", None, HERE).referrer_policy is None
