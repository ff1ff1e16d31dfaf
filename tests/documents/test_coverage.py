from pathlib import Path

import manimgx_fonts
import manimgx_fonts_cjk
import pytest
from fontTools.ttLib import TTFont

from isthisme.documents.coverage import covered_by

_FONTS = sorted(Path(manimgx_fonts.__file__).parent.glob("*.ttf"))
_CHINESE = next(Path(manimgx_fonts_cjk.__file__).parent.glob("*.ttc"))


@pytest.mark.parametrize("font", _FONTS, ids=lambda font: font.stem)
def test_the_characters_of_a_font_are_those_that_fonttools_finds(font: Path) -> None:
    assert covered_by(font) == set(TTFont(font, lazy=True).getBestCmap())


def test_the_chinese_font_has_what_the_first_font_of_its_collection_has() -> None:
    assert covered_by(_CHINESE) == set(TTFont(_CHINESE, fontNumber=0, lazy=True).getBestCmap())


def test_a_file_that_is_no_font_with_characters_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.ttf"
    empty.write_bytes(b"\0\1\0\0" + bytes(8))
    with pytest.raises(ValueError, match="cmap"):
        covered_by(empty)
