"""The certificates of a timestamp in the order that DER demands.

OpenSSL, and the authorities that use it, send them in the order of their chain, and our reader refuses that. No
signature covers the order.
"""

from collections.abc import Iterator

_CERTIFICATES = 0xA0  # [0] of SignedData
_LONG = 0x80


def with_sorted_certificates(answer: bytes) -> bytes:
    """The same timestamp response with its certificates sorted; as it came where it is none."""
    try:
        token = _children(answer, 0)[1]
        content = _children(answer, token[0])[1]
        signed_data = _children(answer, content[0])[0]
        for start, end in _children(answer, signed_data[0]):
            if answer[start] == _CERTIFICATES:
                parts = [answer[first:last] for first, last in _children(answer, start)]
                return answer[: end - sum(map(len, parts))] + b"".join(sorted(parts)) + answer[end:]
    except IndexError:
        pass
    return answer


def _children(data: bytes, at: int) -> list[tuple[int, int]]:
    """Where the parts of the element that begins there begin and end. Raises IndexError where it is cut off."""
    return list(_walk(data, *_content(data, at)))


def _walk(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    while at < end:
        after = _content(data, at)[1]
        yield at, after
        at = after


def _content(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of an element begins and ends."""
    length, start = data[at + 1], at + 2
    if length & _LONG:
        count = length & ~_LONG
        length, start = int.from_bytes(data[start : start + count]), start + count
    if start + length > len(data):
        raise IndexError
    return start, start + length
