"""Zip archives of photos, scanned and indexed: lists that lie, archives in archives, names that lead elsewhere."""

import gzip
import io
import os
import struct
import zipfile
from pathlib import Path

from isthisme.errors import UnreadableImage
from isthisme.indexing.exclusions import DEFAULT_PATTERNS, Exclusions
from isthisme.indexing.photo_archives import Archive, ArchiveReader, ArchiveScan
from isthisme.scanning.unpacking import TooMuchUnpacked
from isthisme.scanning.zip_archive import ZipScan
from tests.fuzz.attack_web_archives import SmallAllowance, _record
from tests.fuzz.target import Target, promise

_MOST_READ = 4_096


def target(scratch: Path) -> Target:
    path = scratch / "photos.zip"

    def attack(data: bytes) -> int:
        """Scanned: pictures or what could not be read, in words; more than was agreed is TooMuchUnpacked.

        Indexed: files with names that stay in the archive, each read up to a limit, or UnreadableImage or an OSError.
        """
        try:
            for _ in ZipScan(SmallAllowance()).pictures(io.BytesIO(data), "file:///a.zip"):
                pass
        except TooMuchUnpacked:
            pass
        path.write_bytes(data)
        _index(os.fsencode(path))
        return 1

    return Target(
        name="zip_archives",
        attack=attack,
        seeds=seeds(),
        covers=("isthisme.scanning.zip_archive", "isthisme.indexing.photo_archives"),
        runs_in_ci=600,
        words=WORDS,
        largest=6_000,
    )


def _index(path: bytes) -> None:
    for file in ArchiveScan(1, path, Exclusions(DEFAULT_PATTERNS)).files():
        inside = file.path[len(path) + 1 :]
        promise(b".." not in inside.split(b"/") and b"\0" not in inside, "a name leads out of the archive")
    try:
        archive = Archive(path)
    except UnreadableImage as error:
        promise(len(str(error)) < 500, "an error repeats the archive")
        return
    members = [each for each, _ in archive.paths()][:20]
    archive.close()
    reader = ArchiveReader()
    for member in members:
        try:
            found, _ = reader.read(path, member, _MOST_READ)
        except UnreadableImage:
            continue
        promise(len(found) <= _MOST_READ, "more was read than asked for")
    reader.close()


def seeds() -> tuple[bytes, ...]:
    png = b"\x89PNG\r\n\x1a\n" + bytes(40)
    plain = zipped({"a.png": png, "b/c.jpg": b"\xff\xd8\xff" + bytes(30)})
    inner = zipped({"d.png": png, "e.zip": zipped({"f.zip": zipped({"g.png": png})})})
    recorded = zipped({"archive/data.warc.gz": gzip.compress(_record(b"resource", png), mtime=0)})
    bad_names = zipped({"../a.png": png, "/etc/b.png": png, "c\0.png": png, "\N{SNOWMAN}.png": png, "d\\e.png": png})
    bomb = zipped({"a.png": b"\0" * 4_000_000})
    overlapping = bytearray(plain)
    at = overlapping.rfind(b"PK\1\2")
    overlapping[at + 42 : at + 46] = struct.pack("<I", 0)
    far = with_far_offset(plain)
    return (plain, inner, recorded, bad_names, bomb, bytes(overlapping), *far, zipped({}), plain[:-10])


def with_far_offset(archive: bytes) -> list[bytes]:
    """The archive with a first file that is said to lie at the end of what numbers can say (Zip64)."""
    found = []
    for offset in ((1 << 63) - 1, (1 << 64) - 1):
        made = bytearray(archive)
        at = made.find(b"PK\1\2")
        (name_length,) = struct.unpack_from("<H", made, at + 28)
        extra = struct.pack("<HHQ", 1, 8, offset)
        made[at + 42 : at + 46] = b"\xff" * 4
        made[at + 30 : at + 32] = struct.pack("<H", len(extra))
        made[at + 46 + name_length : at + 46 + name_length] = extra
        end = made.rfind(b"PK\5\6")
        made[end + 12 : end + 16] = struct.pack("<I", struct.unpack_from("<I", made, end + 12)[0] + len(extra))
        found.append(bytes(made))
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


WORDS = (
    *(
        b"PK\1\2",
        b"PK\3\4",
        b"PK\5\6",
        b"PK\6\6",
        b"PK\6\7",
        b"PK\7\x08",
        b".png",
        b".zip",
        b".warc",
        b"../",
        b"\0",
        b"\\",
    ),
    *(struct.pack("<HH", 1, 8), struct.pack("<HH", 0x7075, 9), b"\xff\xff\xff\xff", struct.pack("<Q", (1 << 64) - 1)),
)
