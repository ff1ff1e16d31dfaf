"""Frames: cut however the stream is cut."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.server.frames import FrameReader, FrameTooLargeError, framed


@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 7))
def test_frames_come_out_whole_however_they_arrive(bodies: list[bytes], step: int) -> None:
    stream = b"".join(framed(body) for body in bodies)
    reader = FrameReader()
    found = [body for start in range(0, len(stream), step) for body in reader.feed(stream[start : start + step])]
    assert found == bodies


def test_a_length_over_the_limit_is_refused_before_its_body() -> None:
    with pytest.raises(FrameTooLargeError, match="11"):
        list(FrameReader(largest_bytes=10).feed(struct.pack("=I", 11)))


def test_half_a_frame_is_no_frame() -> None:
    assert list(FrameReader().feed(framed(b"whole")[:-1])) == []
