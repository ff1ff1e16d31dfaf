"""One file, whole or not at all."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from isthisme.domain import Moment
from isthisme.errors import DiskFull, UsageError
from isthisme.evidence.bundle_file import BundledFile, Sink, iso_time, save
from isthisme.evidence.timestamps import Timestamp
from isthisme.evidence.verify import verify

NOW = Moment(1_795_000_000.25, -(3 * 3600 + 1800))
STAMPED = Timestamp(b"a timestamp", datetime.now(UTC), "An authority", "1.2", 3, "a root")
FILES = [
    BundledFile("report.html", "text/html", "the report", lambda out: out.write(b"<p>report</p>" * 100)),
    BundledFile(
        "finding-1/picture.jpg", "image/jpeg", "the picture", lambda out: out.write(b"\xff\xd8\xff" + bytes(5000))
    ),
]


class FullDisk(io.FileIO):
    """Takes so many bytes and no more, as a disk does that fills half-way."""

    left = 3_000

    def write(self, data: object) -> int:
        size = len(memoryview(data))  # type: ignore[arg-type]
        if size > self.left:
            raise OSError(28, "No space left on device")
        self.left -= size
        return super().write(data)  # type: ignore[arg-type]


def test_what_is_saved_is_the_owners_alone_and_says_what_it_holds(tmp_path: Path) -> None:
    saved = save(tmp_path / "evidence" / "a.zip", FILES, {"findings": []}, NOW)
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(saved.path.parent.stat().st_mode) == 0o700
    assert saved.byte_size == saved.path.stat().st_size
    with zipfile.ZipFile(saved.path) as archive:
        assert archive.namelist() == ["report.html", "finding-1/picture.jpg", "manifest.json", "SHA256SUMS"]
        assert saved.files == tuple(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["made_at"] == "2026-11-18T07:36:40.250-03:30"
    assert [each["path"] for each in manifest["files"]] == ["report.html", "finding-1/picture.jpg"]
    assert verify(saved.path).is_intact
    assert verify(saved.path).sha256 == saved.sha256


def test_the_same_files_make_the_same_bundle(tmp_path: Path) -> None:
    assert save(tmp_path / "a.zip", FILES, {}, NOW).sha256 == save(tmp_path / "b.zip", FILES, {}, NOW).sha256


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"mine")
    assert save(tmp_path / "a.zip", FILES, {}, NOW).path.name == "a-2.zip"
    assert (tmp_path / "a.zip").read_bytes() == b"mine"


def test_a_timestamp_lies_beside_what_it_is_of(tmp_path: Path) -> None:
    stamped: list[bytes] = []

    def stamp(sums: bytes) -> Timestamp:
        stamped.append(sums)
        return STAMPED

    saved = save(tmp_path / "a.zip", FILES, {}, NOW, stamp=stamp)
    with zipfile.ZipFile(saved.path) as archive:
        assert archive.read("SHA256SUMS.tsr") == b"a timestamp"
        assert [archive.read("SHA256SUMS")] == stamped
        assert archive.read("SHA256SUMS.root.pem") == b"a root"
    assert [line.state for line in verify(saved.path).lines if line.file == "SHA256SUMS.tsr"] == ["note"]


def test_a_disk_that_fills_half_way_leaves_nothing(tmp_path: Path) -> None:
    def on_a_full_disk(handle: int) -> BinaryIO:
        return FullDisk(handle, "wb", closefd=False)  # type: ignore[return-value]

    with pytest.raises(DiskFull, match="nothing of it was left behind"):
        save(tmp_path / "a.zip", FILES, {}, NOW, open_file=on_a_full_disk)
    assert list(tmp_path.iterdir()) == []


def test_the_systems_own_limit_is_said_in_words(tmp_path: Path) -> None:
    """A real write that the system refuses, in a process of its own."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from isthisme.errors import DiskFull\n"
        "from tests.evidence.test_bundle_file import FILES, NOW, save\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try:\n    save(Path(sys.argv[1]) / 'a.zip', FILES, {}, NOW)\n"
        "except DiskFull as error:\n    sys.exit(0 if 'the disk is full' in str(error) else 3)\n"
        "sys.exit(4)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="file cannot be written to"):
        save(tmp_path / "file" / "a.zip", FILES, {}, NOW)


def test_what_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    def gone(_out: Sink) -> None:
        raise UsageError("it was deleted meanwhile")

    with pytest.raises(UsageError, match="meanwhile"):
        save(tmp_path / "a.zip", [*FILES, BundledFile("b", "text/plain", "", gone)], {}, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_no_half_bundle_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.evidence.test_bundle_file import FILES, NOW, BundledFile, save\n"
        "def wait(out):\n    print('under way', flush=True)\n    time.sleep(60)\n"
        "save(Path(sys.argv[1]) / 'a.zip', [*FILES, BundledFile('b', 'text/plain', '', wait)], {}, NOW)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"under way\n"
    (unfinished,) = tmp_path.iterdir()
    save(tmp_path / "other.zip", FILES, {}, NOW)
    assert unfinished.exists()  # somebody is still at it
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [unfinished.name, "other.zip"]
    save(tmp_path / "c.zip", FILES, {}, NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.zip", "other.zip"]


def test_what_would_be_too_large_for_others_is_refused(tmp_path: Path) -> None:
    huge = BundledFile("a.bin", "text/plain", "", lambda out: out.write(bytes((1 << 30) + 1)))  # never looked at
    with pytest.raises(UsageError, match="save fewer"):
        save(tmp_path / "a.zip", [huge], {}, NOW)
    with pytest.raises(UsageError, match="save fewer"):
        save(tmp_path / "a.zip", FILES, {"address": "x" * (65 << 20)}, NOW)
    assert list(tmp_path.iterdir()) == []


def test_times_carry_their_offset() -> None:
    assert iso_time(Moment(0.0, 0)) == "1970-01-01T00:00:00.000+00:00"
    now = time.time()
    assert iso_time(Moment(now, 8 * 3600)).endswith("+08:00")
