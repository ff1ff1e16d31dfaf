"""Sealed files: they read as they were written, in any order, and nothing in them can be changed unseen."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthisme.encryption.sealing import CHUNK_BYTES, MAGIC, SealedWriter, is_sealed, reading, sealed_bytes, subkey
from isthisme.errors import SealedFileDamaged

KEY, OTHER = bytes(32), bytes([1]) * 32
HEAD, SEALED_CHUNK = len(MAGIC) + 32, CHUNK_BYTES + 16
sizes = st.one_of(
    st.integers(0, 40),
    st.builds(lambda whole, off: max(0, whole * CHUNK_BYTES + off), st.integers(0, 3), st.integers(-2, 2)),
)


def plain_of(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


def opened(sealed: bytes, key: bytes = KEY) -> bytes:
    with reading(io.BytesIO(sealed), key, "letter.txt") as stream:
        return stream.read()


@given(sizes)
@settings(max_examples=40)
def test_what_is_sealed_reads_as_it_was(size: int) -> None:
    sealed = sealed_bytes(plain_of(size), KEY)
    assert is_sealed(io.BytesIO(sealed))
    assert opened(sealed) == plain_of(size)


@given(st.lists(st.integers(0, CHUNK_BYTES + 3), max_size=6))
@settings(max_examples=25)
def test_it_may_be_written_in_any_portions(portions: list[int]) -> None:
    out = io.BytesIO()
    writer = SealedWriter(out, KEY)
    data = plain_of(sum(portions))
    at = 0
    for portion in portions:
        writer.write(data[at : at + portion])
        at += portion
        assert writer.tell() == at
    writer.finish()
    assert opened(out.getvalue()) == data


@given(sizes, st.lists(st.tuples(st.integers(0, 4 * CHUNK_BYTES), st.integers(0, CHUNK_BYTES + 9)), max_size=5))
@settings(max_examples=25)
def test_it_may_be_read_in_any_order(size: int, parts: list[tuple[int, int]]) -> None:
    data = plain_of(size)
    with reading(io.BytesIO(sealed_bytes(data, KEY)), KEY, "a") as stream:
        for start, length in parts:
            stream.seek(start)
            assert stream.read(length) == data[start : start + length]


@given(sizes, st.data())
@settings(max_examples=60)
def test_a_changed_byte_is_noticed_wherever_it_lies(size: int, data: st.DataObject) -> None:
    sealed = bytearray(sealed_bytes(plain_of(size), KEY))
    place = data.draw(st.one_of(st.integers(0, len(sealed) - 1), st.integers(0, min(HEAD + 20, len(sealed) - 1))))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealedFileDamaged, match=r"letter\.txt is not as it was encrypted"):
        opened(bytes(sealed))


def test_chunks_cannot_be_left_out_moved_doubled_or_cut_off() -> None:
    sealed = sealed_bytes(plain_of(3 * CHUNK_BYTES + 5), KEY)
    head, *chunks = (sealed[:HEAD], *(sealed[at : at + SEALED_CHUNK] for at in range(HEAD, len(sealed), SEALED_CHUNK)))
    assert len(chunks) == 4
    for order in ([0, 1, 3], [1, 0, 2, 3], [0, 1, 2, 2, 3], [0, 1, 2], [3], []):
        with pytest.raises(SealedFileDamaged):
            opened(head + b"".join(chunks[number] for number in order))
    for length in (0, HEAD - 1, HEAD, HEAD + 5, len(sealed) - 1):
        with pytest.raises(SealedFileDamaged):
            opened(sealed[:length])


def test_chunks_of_another_file_do_not_fit() -> None:
    one, other = (sealed_bytes(plain_of(100), KEY) for _ in range(2))
    assert one != other  # the same bytes never look the same twice
    with pytest.raises(SealedFileDamaged):
        opened(one[:HEAD] + other[HEAD:])


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SealedFileDamaged):
        opened(sealed_bytes(b"mine", KEY), OTHER)


def test_keys_for_different_purposes_have_nothing_in_common() -> None:
    made = {subkey(KEY, purpose, salt) for purpose in (b"files", b"catalog") for salt in (b"", b"a")}
    assert len(made) == 4


def test_chunks_are_as_their_description_says() -> None:
    """By the library's own cipher, so that another program could read them."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data = plain_of(CHUNK_BYTES + 3)
    sealed = sealed_bytes(data, KEY)
    cipher = AESGCM(subkey(KEY, b"file", sealed[len(MAGIC) : HEAD]))
    first = cipher.decrypt(bytes(12), sealed[HEAD : HEAD + SEALED_CHUNK], MAGIC)
    last = cipher.decrypt(bytes(10) + b"\1\1", sealed[HEAD + SEALED_CHUNK :], MAGIC)
    assert first + last == data
