import io
from datetime import datetime, timedelta, timezone

import pypdfium2
import pytest
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
from isthisme.documents.typesetting import Typeset, Typesetter
from isthisme.errors import UnreadableImage

_MADE = datetime(2026, 11, 23, 7, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter()


def _document(*blocks: Block, title: str = "Report", language: str = "en", header: str = "") -> Document:
    return Document(title, "zh" if language == "zh" else "en", _MADE, blocks, header)


def _pages(typeset: Typeset) -> list[str]:
    """The text of each page, without its line breaks, which are the typesetter's own."""
    pages = pypdfium2.PdfDocument(typeset.pdf)
    return [page.get_textpage().get_text_range().replace("\r\n", "") for page in pages]


def _picture(width: int, height: int, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 0, 0)).save(file, form)
    return file.getvalue()


def test_every_block_shows_its_texts(typesetter: Typesetter) -> None:
    document = _document(
        Heading("First heading"),
        Paragraph("A plain one"),
        Paragraph("A strong one", "strong"),
        Paragraph("A small one", "small"),
        Remark("A remark"),
        Items(("An item", "Another item")),
        Items(("A step", "Another step"), is_numbered=True),
        Fields((("Label", "Value"),)),
        Grid(("Head one", "Head two"), (("Cell one", "Cell two"),), (1, 2)),
        Picture(_picture(80, 60), "red", "A caption", 0.2),
        PictureRow(
            (Picture(_picture(80, 60, "JPEG"), "red", "On the left"), Picture(_picture(9, 9), "red", width=0.1))
        ),
        NewPage(),
        Paragraph("On the next page"),
        title="The title",
        header="The header",
    )
    first, second = _pages(typesetter.typeset(document))
    for text in ("The title", "First heading", "A plain one", "A strong one", "A small one", "A remark", "An item"):
        assert text in first
    for text in ("2. Another step", "Label", "Value", "Head two", "Cell two", "A caption", "On the left", "1 / 2"):
        assert text in first
    assert "On the next page" in second
    assert "The header" in first
    assert "The header" in second
    assert "2 / 2" in second


@pytest.mark.parametrize(
    "text",
    [
        "证据：网页上的照片，“引号”与——破折号。",
        "繁體中文的標題",
        "こんにちは世界",
        "한국어 시험",
        "สวัสดีชาวโลก",
        "Ελληνικά и кириллица",
        "नमस्ते",
    ],
)
def test_texts_of_many_scripts_are_set_and_can_be_read_back(typesetter: Typesetter, text: str) -> None:
    typeset = typesetter.typeset(_document(Paragraph(text), title=text, language="zh"))
    assert not typeset.replaced
    assert all(word in _pages(typeset)[0] for word in text.split())


def test_arabic_and_emoji_have_fonts(typesetter: Typesetter) -> None:
    typeset = typesetter.typeset(_document(Paragraph("مرحبا بالعالم 👩‍👩‍👧 🎉 ⚠️")))
    assert not typeset.replaced
    assert b"NotoSansArabic" in typeset.pdf
    assert b"NotoEmoji" in typeset.pdf


def test_what_no_font_has_is_shown_by_its_code_point_and_counted(typesetter: Typesetter) -> None:
    typeset = typesetter.typeset(_document(Paragraph("a\ue000b\u202ec"), title="\ue000"))
    assert "a[U+E000]b[U+202E]c" in _pages(typeset)[0]
    assert typeset.replaced == {"U+E000": 3, "U+202E": 1}  # in the title, the header and the paragraph


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x")',
        '#read("/etc/passwd")',
        "*bold* _it_ $x$ = Heading",
        "<script>alert(1)</script>",
        "\\ ` @x {{7*7}}",
        "]#eval(",
    ],
)
def test_hostile_texts_stay_text_in_every_block(typesetter: Typesetter, text: str) -> None:
    blocks: tuple[Block, ...] = (
        Heading(text),
        Paragraph(text),
        Remark(text),
        Items((text,)),
        Fields(((text, text),)),
        Grid((text,), ((text,),)),
        Picture(_picture(4, 4), text, text),
    )
    typeset = typesetter.typeset(_document(*blocks, title=text, header=text))
    assert _pages(typeset)[0].replace(" ", "").count(text.replace(" ", "")) == 11


def test_the_same_document_gives_the_same_bytes(typesetter: Typesetter) -> None:
    document = _document(Paragraph("照片"), Picture(_picture(8, 8), "red"))
    first = typesetter.typeset(document).pdf
    assert first == Typesetter().typeset(document).pdf
    assert pypdfium2.PdfDocument(first).get_metadata_value("CreationDate") == "D:20261122230000Z"


def test_a_time_has_parts_of_a_second_and_an_offset_like_any_clock(typesetter: Typesetter) -> None:
    made = datetime(2026, 11, 23, 7, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    pdf = typesetter.typeset(Document("Title", "en", made, ())).pdf
    assert pypdfium2.PdfDocument(pdf).get_metadata_value("CreationDate") == "D:20261123011500Z"


def test_a_long_title_is_named_in_the_file_as_it_is(typesetter: Typesetter) -> None:
    typeset = typesetter.typeset(_document(title="A" * 100))
    assert pypdfium2.PdfDocument(typeset.pdf).get_metadata_value("Title") == "A" * 100


def test_the_header_is_one_line(typesetter: Typesetter) -> None:
    page = _pages(typesetter.typeset(_document(title="照片\n" * 100)))[0]
    assert page.startswith(" ".join(["照片"] * 23) + "…")


def test_an_address_without_end_stays_within_its_page(typesetter: Typesetter) -> None:
    address = "https://example.com/" + "a" * 2_000_000
    typeset = typesetter.typeset(_document(Fields((("Address", address),))))
    text = "".join(_pages(typeset))
    assert typeset.shortened == 1
    assert "1,983,636 more characters" in text
    document = pypdfium2.PdfDocument(typeset.pdf)
    page = document[0].get_textpage()
    rightmost = max(page.get_charbox(index)[2] for index in range(page.count_chars()))
    assert rightmost <= document[0].get_width() - 20 / 25.4 * 72 + 1  # the margin


def test_a_table_reaches_over_pages_and_repeats_its_head(typesetter: Typesetter) -> None:
    rows = tuple((f"file-{number}", "0" * 64) for number in range(120))
    pages = _pages(typesetter.typeset(_document(Grid(("Name of the file", "SHA-256"), rows))))
    assert len(pages) > 2
    assert all("Name of the file" in page for page in pages)
    assert "file-119" in pages[-1]


def test_a_tall_picture_is_no_higher_than_a_page(typesetter: Typesetter) -> None:
    typeset = typesetter.typeset(_document(Picture(_picture(60, 9000), "a whole page", "Stitched")))
    pages = pypdfium2.PdfDocument(typeset.pdf)
    assert len(pages) <= 2
    boxes = [item.get_bounds() for page in pages for item in page.get_objects() if item.type == 3]
    assert len(boxes) == 1
    _left, bottom, _right, top = boxes[0]
    assert bottom > 0
    assert top < pages[0].get_height()


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_what_is_neither_png_nor_jpeg_is_refused(typesetter: Typesetter, data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        typesetter.typeset(_document(Picture(data, "none")))


def test_a_picture_that_breaks_off_is_refused(typesetter: Typesetter) -> None:
    with pytest.raises(UnreadableImage):
        typesetter.typeset(_document(Picture(_picture(80, 60)[:60], "half")))
