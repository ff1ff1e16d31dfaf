"""Evidence bundles that somebody hands in, zipped."""

import hashlib
import json
from pathlib import Path

from isthisme.evidence.reading import BundleUnreadable
from isthisme.evidence.verify import Verified, verify
from tests.fuzz.attack_zip_archives import WORDS, with_far_offset, zipped
from tests.fuzz.target import Target, promise

_STATES = frozenset({"intact", "altered", "missing", "added", "note"})


def target(scratch: Path) -> Target:
    path = scratch / "bundle.zip"

    def attack(data: bytes) -> int:
        """What of it is as it was, file by file, in words of one line; else BundleUnreadable."""
        path.write_bytes(data)
        try:
            found = verify(path)
        except BundleUnreadable as error:
            promise(len(str(error)) < 1_000, "an error repeats the bundle")
            return 1
        promise(isinstance(found, Verified) and found.lines, "nothing was said of it")
        for line in found.lines:
            promise(line.state in _STATES and line.file and line.words, "a line that says nothing")
            promise(line.file.isprintable() and len(line.file) < 2_000, "a name that misleads a terminal")
        return 1

    return Target(
        name="bundles",
        attack=attack,
        seeds=_seeds(),
        covers=("isthisme.evidence.verify", "isthisme.evidence.reading", "isthisme.evidence.warc_digests"),
        runs_in_ci=600,
        words=(
            *WORDS,
            b"manifest.json",
            b"SHA256SUMS",
            b"SHA256SUMS.tsr",
            b'"path":',
            b'"bytes":',
            b"sha256",
            b"WARC/1.1",
        ),
        largest=6_000,
    )


def _seeds() -> tuple[bytes, ...]:
    record = (
        b"WARC/1.1\r\nContent-Length: 5\r\nWARC-Block-Digest: sha256:" + hashlib.sha256(b"hello").hexdigest().encode()
    )
    files = {"report.html": b"<p>report</p>" * 9, "finding-1/page.warc": record + b"\r\n\r\nhello\r\n\r\n"}
    good = _bundle(files)
    deep = b'{"format":"isthisme evidence 1","files":' + b"[" * 30_000
    sums = "".join(f"{'0' * 64}  {name}\n" for name in ("a", "../b", "\x1b[2J", "a")).encode()
    others = [{"SHA256SUMS": sums}, {"manifest.json": deep}, {"SHA256SUMS": b"\xff" * 90, "x": b""}, {"a": b"b"}]
    return (
        good,
        *with_far_offset(good),
        *(zipped(each) for each in others),
        good[:-8],
        _bundle(files | {"e\u0301": b""}),
    )


def _bundle(files: dict[str, bytes]) -> bytes:
    listed = [{"path": n, "bytes": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in files.items()]
    manifest = json.dumps({"format": "isthisme evidence 1", "files": listed}).encode()
    whole = files | {"manifest.json": manifest}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in whole.items())
    return zipped(whole | {"SHA256SUMS": sums.encode()})
