"""The frame limits, on bytes alone."""

import json
import random
import struct

import pytest

from isthisme_host.frames import FrameGate, FrameTooLargeError, error_frame, framed

LARGEST = 100


def follow_in_chunks(data: bytes, chunk_bytes: int) -> list[int]:
    """Where in the data each chunk found the last end of a frame."""
    gate = FrameGate(LARGEST, "to the daemon")
    starts = range(0, len(data), chunk_bytes)
    return [start + end for start in starts if (end := gate.follow(data[start : start + chunk_bytes]))]


def test_a_whole_chunk_ends_at_its_last_whole_frame() -> None:
    assert follow_in_chunks(framed(b"abc") + framed(b"de") + framed(b"cut")[:-1], 1000) == [13]


def test_byte_by_byte_every_frame_is_found() -> None:
    assert follow_in_chunks(framed(b"abc") + framed(b"") + framed(b"de"), 1) == [7, 11, 17]


def test_an_empty_frame_is_a_frame() -> None:
    assert follow_in_chunks(framed(b""), 4) == [4]


def test_the_largest_frame_passes() -> None:
    assert follow_in_chunks(framed(b"x" * LARGEST), 7) == [LARGEST + 4]


@pytest.mark.parametrize("announced", [LARGEST + 1, 2**31, 0xFFFFFFFF])
@pytest.mark.parametrize("chunk_bytes", [1, 4])
def test_a_length_over_the_limit_is_refused_before_the_body(announced: int, chunk_bytes: int) -> None:
    with pytest.raises(
        FrameTooLargeError, match=rf"to the daemon announced {announced} bytes; the limit is {LARGEST};"
    ):
        follow_in_chunks(struct.pack("=I", announced), chunk_bytes)


@pytest.mark.parametrize("seed", range(50))
def test_any_cutting_finds_the_same_frames(seed: int) -> None:
    choose = random.Random(seed)
    frames = [framed(choose.randbytes(choose.choice([0, 1, 3, 4, 99, LARGEST]))) for _ in range(20)]
    data = b"".join(frames)
    gate = FrameGate(LARGEST, "to the daemon")
    whole, unfinished = b"", b""
    while data:
        chunk, data = data[: (size := choose.randint(1, 150))], data[size:]
        end = gate.follow(chunk)
        if end:
            whole += unfinished + chunk[:end]
            unfinished = b""
        unfinished += chunk[end:]
        assert b"".join(frames).startswith(whole)
    assert whole == b"".join(frames), seed
    assert unfinished == b""


def test_an_error_frame_is_json_whatever_is_in_its_message() -> None:
    frame = error_frame("daemon_gone", 'a "quoted" \\ path\nand 中文 \udc80', may_retry=True)
    assert struct.unpack("=I", frame[:4]) == (len(frame) - 4,)
    assert json.loads(frame[4:])["code"] == "daemon_gone"
    assert json.loads(frame[4:])["may_retry"] is True
