from hypothesis import given
from hypothesis import strategies as st

from isthisme.documents.legible import BREAK, Legible

_LATIN_AND_CHINESE = frozenset(range(0x20, 0x7F)) | frozenset(range(0x4E00, 0x9FFF)) | {0x85, 0x202E}


def _legible(language: str = "en") -> Legible:
    return Legible(_LATIN_AND_CHINESE, language, 16_384)


def test_a_character_that_no_font_has_is_shown_by_its_code_point_and_counted() -> None:
    legible = _legible()
    assert legible.text("a\U0001f9ff b\ue000\ue000") == "a[U+1F9FF] b[U+E000][U+E000]"
    assert legible.replaced == {"U+1F9FF": 1, "U+E000": 2}


def test_controls_overrides_and_half_characters_are_shown_also_where_a_font_has_them() -> None:
    legible = _legible()
    assert legible.text("a\x00b \u202egnp.exe \ud800") == "a[U+0000]b [U+202E]gnp.exe [U+D800]"
    assert legible.replaced.total() == 3


def test_line_ends_of_every_kind_are_one_kind() -> None:
    assert _legible().text("a\r\nb\rc\u2028d\x85e\x0bf") == "a\nb\nc\nd\ne\nf"


def test_joiners_and_variants_stay_unseen() -> None:
    legible = _legible()
    assert legible.text("a\u200db\ufe0f") == "a\u200db\ufe0f"
    assert not legible.replaced


def test_a_long_word_may_be_broken_and_chinese_text_breaks_by_itself() -> None:
    assert _legible().text("A" * 32) == BREAK.join(["A" * 8] * 4)
    assert BREAK not in _legible().text("照片" * 100)
    assert BREAK not in _legible().text("words with spaces " * 20)


def test_no_break_comes_before_a_mark() -> None:
    covered = frozenset(range(0x20, 0x370))
    pieces = Legible(covered, "en", 16_384).text("e\u0301" * 40).split(BREAK)
    assert "".join(pieces) == "e\u0301" * 40
    assert all(not piece.startswith("\u0301") for piece in pieces)


def test_a_text_of_two_million_characters_shows_its_beginning_and_how_much_more_there_is() -> None:
    legible = _legible()
    shown = legible.text("a" * 2_000_000).replace(BREAK, "")
    assert shown == "a" * 16_384 + " [… 1,983,616 more characters]"
    assert legible.shortened == 1
    assert "1,983,616" in _legible("zh").text("a" * 2_000_000)


@given(st.text())
def test_what_was_not_replaced_is_as_it_was(text: str) -> None:
    legible = Legible(range(0x110000), "en", 16_384)
    shown = legible.text(text).replace(BREAK, "")
    if not legible.replaced and not set(text) & set("\r\t\v\f\x85\u2028\u2029\ufdd0"):
        assert shown == text
    assert "\ufdd0" not in shown
