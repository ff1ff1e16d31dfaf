"""The same promises for values that Hypothesis composes, which shrinks what fails to its smallest form."""

import json
import string
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import attack_addresses, attack_frames, attack_pages
from tests.fuzz.catalogue import load

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_types = st.sampled_from(sorted(attack_frames.TYPES)) | st.text(max_size=12)
_messages = st.fixed_dictionaries(
    {"type": _types, "id": st.integers() | _json}, optional={"page": _json, "photo_id": _json}
)
_numbers = st.integers(0, 2**33).flatmap(lambda each: st.sampled_from((f"{each}", f"0{each:o}", f"{each:#x}")))
_labels = st.text(string.ascii_letters + string.digits + "-_.。％②ßａ\u200d\u0301", max_size=12)
_hosts = st.lists(_numbers | _labels, max_size=5).map(".".join) | st.ip_addresses(v=6).map(lambda each: f"[{each}]")
_addresses = st.builds(
    lambda scheme, user, host, port, rest: f"{scheme}://{user}{host}{port}{rest}",
    st.sampled_from(("http", "https", "HTTP", "ftp", "data", "")),
    st.sampled_from(("", "", "", "a@", "a:b@")),
    _hosts,
    st.sampled_from(("", ":", ":80", ":443", ":8080", ":22", ":99999", ":0x50")),
    st.text(max_size=12).map(lambda each: f"/{each}") | st.sampled_from(("", "?a", "#b", "\\\\c", "/../d")),
)
_fixed = settings(max_examples=80, derandomize=True)


@_fixed
@given(st.lists(_messages.map(lambda each: json.dumps(each).encode()), max_size=4), st.integers(0, 255))
def test_frames_of_composed_messages(bodies: list[bytes], cut: int) -> None:
    attack_frames.attack(bytes((cut,)) + b"".join(attack_frames.framed(body) for body in bodies))


@_fixed
@given(_addresses)
def test_composed_addresses(address: str) -> None:
    attack_addresses.attack(address.encode("utf-8", "surrogatepass"))


@_fixed
@given(
    st.lists(
        st.sampled_from(("<a href=", "<img src=", "<p style='url(", '"', "'", ">", " ", ",", "//")) | st.text(),
        max_size=30,
    )
)
def test_composed_pages(parts: list[str]) -> None:
    attack_pages.attack(b"\0" + "".join(parts).encode("utf-8", "replace"))


@settings(max_examples=30, derandomize=True)
@given(st.integers(0, 6), st.integers(0, 39), st.booleans(), st.integers(0, 255), st.integers(0, 2**32 - 1))
def test_composed_correspondences(size: int, count: int, is_mirrored: bool, oddness: int, chance: int) -> None:
    load("geometry", Path()).attack(bytes((size, count, is_mirrored, oddness)) + chance.to_bytes(4))
