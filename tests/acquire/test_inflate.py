"""Packed answers, with room for so much and no more."""

import gzip
import tracemalloc
import zlib

import pytest

from isthisme.acquire.inflate import Inflater
from isthisme.errors import FetchFailed

TEXT = bytes(range(256)) * 40


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = [
    ("", TEXT),
    ("identity", TEXT),
    ("gzip", gzip.compress(TEXT)),
    ("GZIP ", gzip.compress(TEXT)),
    ("x-gzip", gzip.compress(TEXT)),
    ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    ("gzip", gzip.compress(TEXT) + b"\x00\x00\x00"),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw_deflate(TEXT)),
]


@pytest.mark.parametrize(("encoding", "packed"), PACKED)
@pytest.mark.parametrize("chunk_bytes", [1, 7, 100_000])
def test_what_was_packed_comes_out_however_it_is_cut(encoding: str, packed: bytes, chunk_bytes: int) -> None:
    inflater = Inflater(encoding)
    chunks = [packed[start : start + chunk_bytes] for start in range(0, len(packed), chunk_bytes)]
    assert b"".join(inflater.inflate(chunk, 100_000) for chunk in chunks) == TEXT
    inflater.finish()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_cut_off_at_once(encoding: str) -> None:
    data = bytes(50_000_000)
    bomb = gzip.compress(data) if encoding == "gzip" else zlib.compress(data)
    del data
    inflater = Inflater(encoding)
    tracemalloc.start()
    assert len(inflater.inflate(bomb, 1000)) == 1001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("first", [b"", b"\x1f", b"\x1fx", b"\x00"])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_of_what_comes_behind_the_end_nothing_is_kept(encoding: str, first: bytes) -> None:
    packed = gzip.compress(TEXT) if encoding == "gzip" else zlib.compress(TEXT)
    inflater = Inflater(encoding)
    assert inflater.inflate(packed + first, 100_000) == TEXT
    padding = bytes(10_000)
    tracemalloc.start()
    for _ in range(200):
        assert inflater.inflate(padding, 100_000) == b""
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1000
    assert peak < 50_000
    inflater.finish()


def test_a_file_behind_the_padding_is_padding_too() -> None:
    inflater = Inflater("gzip")
    packed = gzip.compress(TEXT)
    assert inflater.inflate(packed + b"\x00", 100_000) == TEXT
    assert inflater.inflate(packed, 100_000) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "aws-chunked"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(FetchFailed, match="was asked for gzip, deflate"):
        Inflater(encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_is_not_packed_as_it_says_is_refused(encoding: str) -> None:
    with pytest.raises(FetchFailed, match=f"says that it is {encoding} and is not"):
        Inflater(encoding).inflate(b"\xff\xd8\xff\xe0 a JPEG after all" * 10, 1000)


@pytest.mark.parametrize(("encoding", "packed"), PACKED[2:5] + PACKED[7:])
def test_a_packed_answer_that_breaks_off_is_refused(encoding: str, packed: bytes) -> None:
    inflater = Inflater(encoding)
    inflater.inflate(packed[: len(packed) // 2], 100_000)
    with pytest.raises(FetchFailed, match="broke off"):
        inflater.finish()


def test_an_empty_answer_is_empty_whatever_it_says() -> None:
    inflater = Inflater("gzip")
    assert inflater.inflate(b"", 1000) == b""
    inflater.finish()
