"""A gallery's way through its pages."""

import pytest

from isthisme.scanning.gallery import Gallery
from isthisme.scanning.page_contents import PageContents

START = "https://gallery.example/album"


def page(pictures: str = "", next_pages: tuple[str, ...] = ()) -> PageContents:
    return PageContents(None, tuple(pictures.split()), next_pages, None, 0)


def way(pages: dict[str, PageContents], most_pages: int = 20) -> list[str]:
    """The pages that are read, in order."""
    gallery = Gallery(START, most_pages)
    visited = []
    while (step := gallery.next_page()) is not None:
        visited.append(step[0])
        gallery.read(step[0], pages[step[0]])
    return visited


def test_pages_are_followed_to_the_last() -> None:
    two, three = START + "?page=2", START + "?page=3"
    assert way({START: page("a", (two,)), two: page("b", (three, START)), three: page("c", (two,))}) == [
        START,
        two,
        three,
    ]


def test_each_picture_is_handed_out_once() -> None:
    gallery = Gallery(START, 5)
    gallery.next_page()
    assert gallery.read(START, page("a b", (START + "?page=2",))) == ["a", "b"]
    gallery.next_page()
    assert gallery.read(START + "?page=2", page("b c")) == ["c"]
    assert gallery.next_page() is None


def test_the_page_with_the_link_is_told() -> None:
    gallery = Gallery(START, 5)
    assert gallery.next_page() == (START, None)
    gallery.read(START + "/", page("a", (START + "?page=2",)))
    assert gallery.next_page() == (START + "?page=2", START + "/")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://other.example/album?page=2",
        "https://gallery.example.evil.example/2",
        "https://user@gallery.example/2",
        "https://127.0.0.1/2",
        "https://gallery.example:22/2",
        "http://[bad/2",
        "https://gallery.example/" + "a" * 20_000,
        START + "#2",
    ],
)
def test_the_site_is_not_left(elsewhere: str) -> None:
    assert way({START: page("a", (elsewhere,))}) == [START]


def test_another_host_of_the_same_owner_is_the_same_site() -> None:
    two = "https://www.gallery.example/album?page=2"
    assert way({START: page("a", (two,)), two: page("b")}) == [START, two]


def test_the_site_is_that_behind_the_first_redirect() -> None:
    gallery = Gallery("https://short.example/x", 5)
    gallery.next_page()
    gallery.read(START, page("a", (START + "?page=2",)))
    assert gallery.next_page() == (START + "?page=2", START)


def test_no_more_pages_are_read_than_allowed() -> None:
    gallery = Gallery(START, 2)
    for number in (1, 2):
        assert gallery.next_page() is not None
        gallery.read(f"{START}?page={number}", page(str(number), (f"{START}?page={number + 1}",)))
    assert gallery.next_page() is None
    assert gallery.has_more


def test_an_endless_gallery_ends_where_nothing_new_comes() -> None:
    gallery = Gallery(START, 1_000)
    number = 1
    while gallery.next_page() is not None:
        number += 1
        gallery.read(START, page("a", (f"{START}?page={number}",)))
    assert gallery.pages == 3


def test_one_page_without_pictures_ends_nothing() -> None:
    two, three = START + "?page=2", START + "?page=3"
    assert way({START: page("a", (two,)), two: page("", (three,)), three: page("c")}) == [START, two, three]
