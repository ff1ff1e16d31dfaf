"""Verifying: what was changed is named, and what was made to harm does none."""

import contextlib
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from isthisme.evidence import reading
from isthisme.evidence.bundle_file import save
from isthisme.evidence.reading import BundleUnreadable
from isthisme.evidence.verify import Line, verify
from tests.evidence.test_bundle_file import FILES, NOW, STAMPED


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return save(tmp_path / "bundle.zip", FILES, {}, NOW).path


@pytest.fixture
def folder(bundle: Path) -> Path:
    unpacked = bundle.with_suffix("")
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(unpacked)
    return unpacked


def states(path: Path) -> dict[str, str]:
    return {line.file: line.state for line in verify(path).lines}


def rewritten(bundle: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The bundle with some files changed, or dropped."""
    target = bundle.with_name("changed.zip")
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if (data := change(name, old.read(name))) is not None:
                new.writestr(name, data)
    return target


def test_zip_and_folder_are_intact_as_they_were_made(bundle: Path, folder: Path) -> None:
    for path in (bundle, folder):
        assert verify(path).is_intact
        assert set(states(path)) == {"manifest.json", "report.html", "finding-1/picture.jpg"}
    (folder / ".DS_Store").write_bytes(b"litter of the system")
    assert verify(folder).is_intact


def test_each_kind_of_change_is_named(folder: Path) -> None:
    (folder / "report.html").write_bytes(b"<p>report</p>" * 99 + b"<p>Report</p>")
    (folder / "finding-1" / "picture.jpg").unlink()
    (folder / "new.txt").write_bytes(b"new")
    found = verify(folder)
    assert not found.is_intact
    assert {line.file: line.state for line in found.lines} == {
        "manifest.json": "intact",
        "report.html": "altered",
        "finding-1/picture.jpg": "missing",
        "new.txt": "added",
    }


def test_a_changed_list_is_named(folder: Path, bundle: Path) -> None:
    sums = (folder / "SHA256SUMS").read_text()
    (folder / "SHA256SUMS").write_text(sums.replace(sums[:8], "00000000", 1))
    assert states(folder)["report.html"] == "altered"
    changed = rewritten(
        bundle, lambda name, data: data.replace(b"the report", b"the Report") if "man" in name else data
    )
    assert states(changed)["manifest.json"] == "altered"


def test_who_changes_one_list_too_is_found_out_by_the_other(bundle: Path) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name == "report.html":
            return b"forged"
        if name == "manifest.json":
            manifest = json.loads(data)
            manifest["files"][0] |= {"bytes": 6, "sha256": __import__("hashlib").sha256(b"forged").hexdigest()}
            return json.dumps(manifest).encode()
        return data

    found = states(rewritten(bundle, change))
    assert (found["manifest.json"], found["report.html"]) == ("altered", "altered")


@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS"])
def test_without_one_of_the_lists_the_other_still_tells(bundle: Path, name: str) -> None:
    changed = rewritten(bundle, lambda each, data: None if each == name else data)
    found = verify(changed)
    assert not found.is_intact
    assert Line(name, "missing", found.lines[0].words) in found.lines
    assert {line.state for line in found.lines if line.file == "report.html"} == {"intact"}


@pytest.mark.parametrize("lies", [b"{}", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"format": "other", "files": []}'])
def test_a_manifest_that_is_none_is_said_to_be_altered(bundle: Path, lies: bytes) -> None:
    changed = rewritten(bundle, lambda name, data: lies if name == "manifest.json" else data)
    assert states(changed)["manifest.json"] == "altered"


@pytest.mark.parametrize(
    "line", [b"nonsense", b"0" * 64 + b"  report.html\n" + b"1" * 64 + b"  report.html", b"\xff" * 1000]
)
def test_sums_that_are_none_are_said_to_be_altered(bundle: Path, line: bytes) -> None:
    changed = rewritten(bundle, lambda name, data: line + b"\n" if name == "SHA256SUMS" else data)
    assert states(changed)["SHA256SUMS"] == "altered"


def test_a_timestamp_is_asked_of_the_list(tmp_path: Path) -> None:
    path = save(tmp_path / "a.zip", FILES, {}, NOW, stamp=lambda _: STAMPED).path
    asked: list[tuple[bytes, bytes]] = []

    def check(answer: bytes, sums: bytes) -> Line:
        asked.append((answer, sums))
        return Line("SHA256SUMS.tsr", "altered", "it is of something else")

    assert not verify(path, check).is_intact
    ((answer, sums),) = asked
    assert answer == b"a timestamp"
    assert b"report.html" in sums


def zip_of(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/../../evil", "C:\\evil", "..\\evil", "x" * 600, "a:evil"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = zip_of(tmp_path / "a.zip", ("manifest.json", b"{}"), ("placeholder", b""))
    place = b"placeholder"
    data = path.read_bytes()
    if len(name) == len(place):
        path.write_bytes(data.replace(place, name.encode()))
    else:
        path = zip_of(tmp_path / "b.zip", ("manifest.json", b"{}"), (name, b""))
    with pytest.raises(BundleUnreadable, match="leads out"):
        verify(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("manifest.json", b"{}"), ("manifest.json", b"[]"))
    with pytest.raises(BundleUnreadable, match="two files"):
        verify(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("manifest.json")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(BundleUnreadable, match="link"):
        verify(tmp_path / "a.zip")


@pytest.mark.parametrize("made", ["link", "pipe", "folder link"])
def test_what_is_no_file_in_a_folder_is_refused(folder: Path, made: str) -> None:
    if made == "pipe":
        os.mkfifo(folder / "pipe")
    else:
        (folder / "link").symlink_to("/etc" if made == "folder link" else "/etc/passwd")
    with pytest.raises(BundleUnreadable, match="link"):
        verify(folder)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("manifest.json", b"{}"), ("bomb", b""), ("another", b""))
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"PK\1\2", at + 1)) >= 0:
        struct.pack_into("<L", data, at + 24, 0xFFFF_FFF0)
    path.write_bytes(data)
    with pytest.raises(BundleUnreadable, match="would unpack to 12,884,901,840 bytes"):
        verify(path)


def test_sizes_that_lie_are_noticed(bundle: Path) -> None:
    """The directory says another size than the packed bytes have."""
    data = bytearray(bundle.read_bytes())
    at = data.index(b"PK\1\2")
    size = struct.unpack_from("<L", data, at + 24)[0]
    for lie in (size - 7, 0):
        struct.pack_into("<L", data, at + 24, lie)
        bundle.write_bytes(data)
        assert states(bundle)["report.html"] == "altered"


def test_too_many_files_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", *((f"f{number}", b"") for number in range(reading.MOST_FILES + 1)))
    with pytest.raises(BundleUnreadable, match="5,001 files"):
        verify(path)


def test_a_name_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("manifest.json", b"{}"), ("ä.txt", b""))
    path.write_bytes(path.read_bytes().replace("ä".encode(), b"\xff\xff"))
    with pytest.raises(BundleUnreadable, match=r"cannot be read|damaged"):
        verify(path)


def test_an_encrypted_file_cannot_be_read(bundle: Path) -> None:
    data = bytearray(bundle.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    bundle.write_bytes(data)
    line = next(line for line in verify(bundle).lines if line.file == "report.html")
    assert (line.state, line.words) == ("altered", "it cannot be read: it is encrypted")


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip", b"PK\5\6" + bytes(18), b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(BundleUnreadable, match=r"zip|lists|bundle"):
        verify(tmp_path / "a.zip")


def test_what_is_not_there_or_no_bundle_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleUnreadable, match="No such file"):
        verify(tmp_path / "none.zip")
    with pytest.raises(BundleUnreadable, match="no evidence bundle"):
        verify(zip_of(tmp_path / "a.zip", ("a", b"")))


def test_every_cut_of_a_bundle_is_an_answer_or_an_error_of_ours(bundle: Path) -> None:
    data = bundle.read_bytes()
    for end in range(0, len(data), 37):
        bundle.write_bytes(data[:end])
        with pytest.raises(BundleUnreadable):
            verify(bundle)


def test_every_flipped_byte_is_noticed(bundle: Path) -> None:
    """Save in what says nothing of the files: times and permissions of the zip itself."""
    data = bundle.read_bytes()
    unnoticed = 0
    for at in range(0, len(data), 11):
        bundle.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        with contextlib.suppress(BundleUnreadable):
            unnoticed += verify(bundle).is_intact
    assert unnoticed < len(data) / 11 / 4
