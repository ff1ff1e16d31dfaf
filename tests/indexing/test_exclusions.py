"""What patterns leave out."""

import pytest

from isthisme.errors import UsageError
from isthisme.indexing.exclusions import DEFAULT_PATTERNS, Exclusions


@pytest.mark.parametrize(
    ("pattern", "left_out", "kept"),
    [
        ("Screenshots/", ["Screenshots/1.jpg", "a/screenshots/b/1.jpg"], ["Screenshots", "My Screenshots/1.jpg"]),
        ("*.gif", ["1.GIF", "a/b/1.gif", "a.gif/1.jpg"], ["1.gif.jpg", "gif"]),
        ("/2019/scans/", ["2019/scans/1.jpg"], ["a/2019/scans/1.jpg", "2019/scans.jpg"]),
        ("2019/*.jpg", ["2019/1.jpg"], ["2019/a/1.jpg", "b/2019/1.jpg"]),
        ("**/tmp/*.png", ["tmp/1.png", "a/b/tmp/1.png"], ["a/tmp/b/1.png"]),
        ("a/**", ["a/1.jpg", "a/b/1.jpg"], ["ab/1.jpg"]),
        ("a/**/z.jpg", ["a/z.jpg", "a/b/c/z.jpg"], ["az.jpg"]),
        ("IMG_?.jpg", ["IMG_1.jpg", "IMG_é.jpg"], ["IMG_12.jpg", "IMG_.jpg"]),
        ("[!a-c]*.jpg", ["d.jpg"], ["b.jpg"]),
        ("[a.jpg", ["[a.jpg"], ["a.jpg"]),
        ("été/", ["ÉTÉ/1.jpg"], ["ete/1.jpg"]),
        ("a+(b).jpg", ["a+(b).jpg"], ["aab.jpg"]),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, left_out: list[str], kept: list[str]) -> None:
    exclusions = Exclusions([pattern])
    assert [path for path in left_out if not exclusions.cover(path.encode())] == []
    assert [path for path in kept if exclusions.cover(path.encode())] == []


@pytest.mark.parametrize("pattern", ["", "/", "../x", "[z-a].jpg"])
def test_what_is_no_pattern_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(UsageError):
        Exclusions([pattern])


def test_the_defaults_leave_out_waste_and_keep_photos() -> None:
    exclusions = Exclusions(DEFAULT_PATTERNS)
    for waste in (".Trash-1000/files/1.jpg", "DCIM/.thumbnails/1.jpg", "a/@eaDir/1.jpg", "._1.jpg", "x.lrdata/a/1.jpg"):
        assert exclusions.cover(waste.encode()), waste
    for photo in ("DCIM/Camera/1.jpg", ".hidden/1.jpg", "Trash/1.jpg", "Pics.photoslibrary/originals/0/1.heic"):
        assert not exclusions.cover(photo.encode()), photo


def test_a_name_that_is_not_utf8_is_matched_too() -> None:
    assert Exclusions(["*.gif"]).cover(b"caf\xe9.gif")
