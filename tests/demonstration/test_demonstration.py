"""The demonstration, as a newcomer runs it."""

from pathlib import Path

import pytest
from PIL import Image

from isthisme.demonstration.pictures import page_pictures
from isthisme.demonstration.show import show
from tests.browser_driver import EXTENSION, chromium_path

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(chromium_path() is None, reason="Chromium is not installed"),
]


def test_the_copies_are_flagged_the_strangers_are_not_and_there_is_a_picture_of_it(tmp_path: Path) -> None:
    first = show(tmp_path / "demonstration", EXTENSION)
    made = {picture.name: picture.made for picture in page_pictures()}
    assert [row.picture for row in first.rows] == list(made)
    for row in first.rows:
        if made[row.picture] == "a stranger's picture":
            assert row.verdict == "no copy"
        else:
            assert row.verdict in ("copy", "possible copy")
            assert Path(row.photo).stem == made[row.picture].split(":")[0]
            assert row.why
    with Image.open(first.screenshot) as picture:
        assert picture.width > 1000
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "demonstration" / "photos").iterdir()}
    second = show(tmp_path / "demonstration", EXTENSION)
    assert second.rows == first.rows
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "demonstration" / "photos").iterdir()} == kept
