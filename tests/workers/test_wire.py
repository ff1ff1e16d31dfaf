"""What passes between processes comes out as it went in, and nonsense is refused."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.domain import PhotoDescription, QueryDescription, Region
from isthisme.workers import wire


def test_arrays_keep_their_values_types_and_shapes() -> None:
    descriptors = np.arange(1024, dtype=np.int64).astype(np.int8).reshape(2, 512)
    regions = (Region("whole", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),) * 2
    hashes = np.array([1, 2**63], dtype=np.uint64)
    sent = QueryDescription("model", 3, 4, b"hash", hashes, regions, descriptors, None)
    frame = wire.encode(wire.QueryDescribed(sent))
    reply = wire.decode_reply(frame[wire.LENGTH.size :])
    assert isinstance(reply, wire.QueryDescribed)
    assert reply.value.regions == regions
    assert reply.value.descriptors is not None
    assert reply.value.descriptors.dtype == np.int8
    assert np.array_equal(reply.value.descriptors, descriptors)
    assert np.array_equal(reply.value.hashes, hashes)


def test_a_photo_without_a_model_goes_over_the_wire() -> None:
    sent = PhotoDescription(None, 3, 4, np.array([7], dtype=np.uint64), None, b"jpeg")
    reply = wire.decode_reply(wire.encode(wire.PhotoDescribed(sent))[wire.LENGTH.size :])
    assert isinstance(reply, wire.PhotoDescribed)
    assert (reply.value.model, reply.value.descriptor, reply.value.preview) == (None, None, b"jpeg")


@given(st.binary(max_size=200))
def test_nonsense_is_refused_with_an_error_that_the_pool_expects(body: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, ValueError)):
        wire.decode_reply(body)
