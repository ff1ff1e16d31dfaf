"""Pictures in their address."""

import base64
import contextlib
import tracemalloc
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.acquire.data_address import decode_data_address, is_data_address
from isthisme.errors import ImageTooLarge, IsThisMeError, UnreadableImage


@pytest.mark.parametrize(
    ("address", "data", "media_type"),
    [
        ("data:,hello", b"hello", None),
        ("data:image/gif;base64,R0lGOA==", b"GIF8", "image/gif"),
        ("DATA:IMAGE/GIF;BASE64,R0lGOA==", b"GIF8", "image/gif"),
        ("data:image/gif;base64,R0lGOA", b"GIF8", "image/gif"),
        ("data:image/gif;base64,R0l GOA =\n=", b"GIF8", "image/gif"),
        ("data:image/gif;base64,R0lGOA%3D%3D", b"GIF8", "image/gif"),
        ("data:image/gif; base64 ,R0lGOA==", b"GIF8", "image/gif"),
        ("data:image/gif;charset=utf-8;base64,R0lGOA==", b"GIF8", "image/gif"),
        ("data:image/gif;base64,R0lGOA==#fragment", b"GIF8", "image/gif"),
        ("data:image/gif;base64x,R0lG", b"R0lG", "image/gif"),
        ("data:;base64,R0lGOA==", b"GIF8", None),
        ("data:text/plain,a%20b%00%ff,c", b"a b\x00\xff,c", "text/plain"),
        ("data:text/plain,100%", b"100%", "text/plain"),
        ("data:text/plain,ä\ud800", b"\xc3\xa4?", "text/plain"),
        (" data:,x", b"x", None),
        ("data:,", b"", None),
    ],
)
def test_the_bytes_come_out(address: str, data: bytes, media_type: str | None) -> None:
    assert is_data_address(address)
    assert decode_data_address(address, 1000) == (data, media_type)


@pytest.mark.parametrize(
    "address", ["data:", "data:image/png", "data:image/png;base64", "data:;base64,A", "data:;base64,A$B="]
)
def test_what_is_no_picture_is_unreadable(address: str) -> None:
    with pytest.raises(UnreadableImage):
        decode_data_address(address, 1000)


@pytest.mark.parametrize("address", ["http://example.org/", "dat:,x", "xdata:,x", "", "javascript:data:"])
def test_other_addresses_are_none(address: str) -> None:
    assert not is_data_address(address)


def test_a_picture_up_to_the_limit_is_taken() -> None:
    address = "data:image/png;base64," + base64.b64encode(b"x" * 1000).decode()
    assert decode_data_address(address, 1000)[0] == b"x" * 1000
    with pytest.raises(ImageTooLarge, match="holds 1000 bytes; the limit is 999"):
        decode_data_address(address, 999)


def test_a_far_too_large_one_is_refused_before_any_work() -> None:
    address = "data:," + "x" * 10_000_000
    tracemalloc.start()
    with pytest.raises(ImageTooLarge, match="has 10000000 characters"):
        decode_data_address(address, 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 25_000_000  # the text itself once more, and nothing of what it would become


@given(st.binary(max_size=200))
def test_any_bytes_survive_both_notations(data: bytes) -> None:
    assert decode_data_address("data:image/png;base64," + base64.b64encode(data).decode(), 1000)[0] == data
    assert decode_data_address("data:image/png," + quote_from_bytes(data), 1000)[0] == data


@given(st.text(max_size=200))
def test_any_text_gives_bytes_or_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(IsThisMeError):
        decode_data_address("data:" + text, 100)
