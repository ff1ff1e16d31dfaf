from datetime import UTC, datetime

import pypdfium2

from isthisme.notices.letters import as_pdf, as_text

_MADE = datetime(2026, 11, 23, tzinfo=UTC)


def _read(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in pages).replace("\r\n", "")


def test_a_letter_is_set_as_it_was_edited() -> None:
    text = "To: a shop\nDate: today\n\n1. Reasons\nIt is my photo.\n\n2. Where\n\n1. Page: https://shop.example/1\n"
    typeset = as_pdf("Notice of illegal content", text, "en", _MADE)
    shown = _read(typeset.pdf)
    for line in ("Notice of illegal content", *text.split("\n")):
        assert line in shown
    assert typeset.shortened == 0


def test_a_chinese_letter_with_a_hostile_title_is_set() -> None:
    typeset = as_pdf("肖像权侵权通知", "致：某平台\n\n页面标题：#panic() <b>\ue000", "zh", _MADE)
    assert "#panic() <b>[U+E000]" in _read(typeset.pdf)
    assert typeset.replaced == {"U+E000": 1}


def test_an_address_of_sixty_thousand_characters_is_whole() -> None:
    address = "https://shop.example/?" + "".join(f"{number:06}" for number in range(10_000))
    typeset = as_pdf("Notice", f"1. Page: {address}", "en", _MADE)
    assert typeset.shortened == 0
    pages = pypdfium2.PdfDocument(typeset.pdf)
    header = "Notice"
    lines = [line for page in pages for line in page.get_textpage().get_text_range().split("\r\n")]
    shown = "".join(line for line in lines if line != header and " / " not in line)
    assert address in shown


def test_plain_text_is_the_letter_below_its_subject() -> None:
    assert as_text("主题", "正文\n") == "主题\n\n正文\n".encode()
    assert as_text("s", "half \ud800") == b"s\n\nhalf ?\n"
