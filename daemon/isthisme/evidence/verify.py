"""What of a bundle is still as it was written: every file against its lists, and what can be checked by itself."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from isthisme.evidence.bundle_file import FORMAT, LARGEST_MANIFEST, MANIFEST, ROOT, SUMS, TIMESTAMP
from isthisme.evidence.reading import (
    MOST_FILES,
    BundleUnreadable,
    Files,
    FileUnreadable,
    OpenFile,
    open_plain,
    opened,
    read,
)
from isthisme.evidence.warc_digests import WarcDamaged, count_records

type State = Literal["intact", "altered", "missing", "added", "note"]
type CheckTimestamp = Callable[[bytes, bytes], "Line"]  # the timestamp and what it is of, to a line

_LARGEST_SUMS = 4 << 20  # bytes
_LARGEST_TIMESTAMP = 1 << 20
_SUM = re.compile(r"([0-9a-fA-F]{64}) [ *]([^\r\n]+)")
_LISTS = frozenset({MANIFEST, SUMS, TIMESTAMP, ROOT})  # what no list can name
_SHOWN = 200  # characters of a name


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. `note` is neither good nor bad."""

    file: str
    state: State
    words: str  # plain English


@dataclass(frozen=True, slots=True)
class Verified:
    lines: tuple[Line, ...]
    sha256: bytes | None  # of the zip as a whole; None of a folder

    @property
    def is_intact(self) -> bool:
        return all(line.state in ("intact", "note") for line in self.lines)


class _ListedFile(msgspec.Struct, frozen=True):
    path: str
    bytes_: int = msgspec.field(name="bytes")
    sha256: str = ""


class _Manifest(msgspec.Struct, frozen=True):
    format: str
    files: list[_ListedFile]


def verify(path: Path, check_timestamp: CheckTimestamp | None = None, open_file: OpenFile = open_plain) -> Verified:
    """Looks at every file of a bundle, zipped or unpacked. Writes nothing. Raises BundleUnreadable."""
    with opened(path, open_file) as files:
        lines = _verified(files, check_timestamp)
    if path.is_dir():
        return Verified(tuple(lines), None)
    with open_file(path) as stream:
        return Verified(tuple(lines), hashlib.file_digest(stream, "sha256").digest())


def _verified(files: Files, check_timestamp: CheckTimestamp | None) -> list[Line]:
    names = set(files.names())
    if not names & {MANIFEST, SUMS}:
        raise BundleUnreadable(f"there is neither {MANIFEST} nor {SUMS} in it: it is no evidence bundle")
    lines: list[Line] = []
    sums, raw_sums = _sums(files, names, lines)
    listed = _manifest(files, names, sums, lines)
    expected = sums | {name: entry.sha256.lower() for name, entry in listed.items()}
    lines += [
        _checked(files, names, name, listed.get(name), sums, is_listed=bool(listed))
        for name in sorted(expected.keys() - {MANIFEST})
    ]
    lines += [
        Line(_shown(name), "added", "it is in no list: it was put there later")
        for name in sorted(names - expected.keys() - _LISTS)
    ]
    intact = {line.file for line in lines if line.state == "intact"}
    lines += [_checked_warc(files, name) for name in sorted(intact & names) if name.endswith(".warc")]
    if TIMESTAMP in names:
        lines.append(_timestamp(files, raw_sums, check_timestamp))
    return lines


def _sums(files: Files, names: set[str], lines: list[Line]) -> tuple[dict[str, str], bytes]:
    """What SHA256SUMS says, by name; nothing where it is not there or cannot be read."""
    if SUMS not in names:
        lines.append(Line(SUMS, "missing", "the list for sha256sum is not there"))
        return {}, b""
    try:
        raw = read(files, SUMS, _LARGEST_SUMS)
    except FileUnreadable as error:
        lines.append(Line(SUMS, "altered", str(error)))
        return {}, b""
    found: dict[str, str] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        match = _SUM.fullmatch(line)
        if match is None or match[2] in found or len(found) >= MOST_FILES:
            lines.append(Line(SUMS, "altered", f"it has a line that is none of such a list: {_shown(line)!r}"))
            return found, raw
        found[match[2]] = match[1].lower()
    return found, raw


def _manifest(files: Files, names: set[str], sums: dict[str, str], lines: list[Line]) -> dict[str, _ListedFile]:
    if MANIFEST not in names:
        lines.append(Line(MANIFEST, "missing", "the list of the files is not there"))
        return {}
    try:
        raw = read(files, MANIFEST, LARGEST_MANIFEST)
        manifest = msgspec.json.decode(raw, type=_Manifest)
    except (FileUnreadable, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        lines.append(Line(MANIFEST, "altered", f"it cannot be read: {_shown(str(error))}"))
        return {}
    if len(manifest.files) > MOST_FILES:
        lines.append(Line(MANIFEST, "altered", f"it names {len(manifest.files):,} files; no bundle has so many"))
        return {}
    listed = {each.path: each for each in manifest.files}
    stated = sums.get(MANIFEST)
    if manifest.format != FORMAT:
        lines.append(
            Line(MANIFEST, "altered", f"it is of a form that this program does not know: {_shown(manifest.format)!r}")
        )
    elif len(listed) != len(manifest.files):
        lines.append(Line(MANIFEST, "altered", "it names a file twice"))
    elif stated is not None and hashlib.sha256(raw).hexdigest() != stated:
        lines.append(Line(MANIFEST, "altered", f"it is not the file that {SUMS} names"))
    elif sums and stated is None:
        lines.append(Line(MANIFEST, "altered", f"{SUMS} does not name it"))
    else:
        lines.append(Line(MANIFEST, "intact", "the list of the files"))
    return listed


def _checked(
    files: Files, names: set[str], name: str, listed: _ListedFile | None, sums: dict[str, str], *, is_listed: bool
) -> Line:
    shown = _shown(name)
    if name not in names:
        return Line(shown, "missing", "it is in the lists, and not there")
    if is_listed and listed is None:
        return Line(shown, "altered", f"{SUMS} names it, and {MANIFEST} does not: one of them was changed")
    if sums and name not in sums:
        return Line(shown, "altered", f"{MANIFEST} names it, and {SUMS} does not: one of them was changed")
    if listed and sums and sums[name] != listed.sha256.lower():
        return Line(shown, "altered", f"{MANIFEST} and {SUMS} say different things of it: one of them was changed")
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in files.chunks(name):
            digest.update(chunk)
            size += len(chunk)
    except FileUnreadable as error:
        return Line(shown, "altered", f"it cannot be read: {error}")
    if listed and size != listed.bytes_:
        return Line(shown, "altered", f"it has {size:,} bytes, and had {listed.bytes_:,}")
    if digest.hexdigest() != (sums.get(name) or (listed.sha256.lower() if listed else "")):
        return Line(shown, "altered", "its bytes are not those that were saved")
    return Line(shown, "intact", f"{size:,} bytes")


def _checked_warc(files: Files, name: str) -> Line:
    try:
        return Line(name, "intact", f"its {count_records(files.chunks(name)):,} records agree with their own digests")
    except (WarcDamaged, FileUnreadable) as error:
        return Line(name, "altered", str(error))


def _timestamp(files: Files, sums: bytes, check: CheckTimestamp | None) -> Line:
    try:
        answer = read(files, TIMESTAMP, _LARGEST_TIMESTAMP)
    except FileUnreadable as error:
        return Line(TIMESTAMP, "altered", f"it cannot be read: {error}")
    if check is None:
        return Line(TIMESTAMP, "note", f"a timestamp of {SUMS}; VERIFY.txt says how to check it with openssl")
    return check(answer, sums)


def _shown(text: str) -> str:
    """A stranger's text in one line, with nothing in it that a terminal or a reader could be misled by."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "".join(each if each.isprintable() else f"[U+{ord(each):04X}]" for each in cut)
