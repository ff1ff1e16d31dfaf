"""Archives for tests, friendly and hostile."""

import gzip
import io
import struct
import zipfile
from collections.abc import Mapping

PNG = b"\x89PNG\r\n\x1a\n"  # enough to be taken for a picture until it is decoded


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def encrypted(archive: bytes) -> bytes:
    """The same, with the mark of encryption at its members."""
    data = bytearray(archive)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + flags] |= 1
    return bytes(data)


def with_size(archive: bytes, size: int) -> bytes:
    """The same, its list saying that the first member has another size."""
    data = bytearray(archive)
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def record(
    kind: str, target: str, body: bytes, *, number: int = 0, concurrent_to: int | None = None, length: str | None = None
) -> bytes:
    """A WARC record as crawlers write them."""
    lines = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {target}",
        f"WARC-Record-ID: <urn:uuid:{number}>",
        "WARC-Date: 2026-11-20T10:00:00Z",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    if concurrent_to is not None:
        lines.append(f"WARC-Concurrent-To: <urn:uuid:{concurrent_to}>")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK", version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join([f"{version} {status}", *headers]).encode() + b"\r\n\r\n" + body


def request(referrer: str) -> bytes:
    return f"GET / HTTP/1.1\r\nHost: a.example\r\nReferer: {referrer}\r\n\r\n".encode()


def packed(*records: bytes) -> bytes:
    """Each a gzip member of its own."""
    return b"".join(map(gzip.compress, records))
