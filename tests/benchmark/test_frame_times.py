import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

from isthisme.benchmark.frame_times import Notes


def framed(message: dict[str, object]) -> bytes:
    body = json.dumps(message).encode()
    return struct.pack("=I", len(body)) + body


def test_frames_pass_unchanged_and_verdicts_are_noted_with_their_time(tmp_path: Path) -> None:
    """The host here gives every frame back, so that both ways are gone."""
    log, host = tmp_path / "log", tmp_path / "host"
    host.write_text("#!/bin/sh\nexec cat\n")
    host.chmod(0o700)
    frames = framed({"type": "hello", "id": 1}) + framed({"type": "verdict", "id": 2, "key": "0"})
    before = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "isthisme.benchmark.frame_times", str(log), str(host), "caller"],
        input=frames,
        capture_output=True,
        check=True,
        env={**os.environ},
    )
    assert done.stdout == frames
    notes = Notes(log).unread()
    assert [note["frame"] for note in notes] == 2 * [{"type": "verdict", "id": 2, "key": "0"}]
    assert all(before <= note["time"] <= time.monotonic() for note in notes)


def test_each_note_is_read_once_and_a_half_written_one_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "log"
    notes = Notes(log)
    assert notes.unread() == []
    log.write_text('{"time": 1.0, "frame": {}}\n{"time": 2.0, "fr')
    assert [note["time"] for note in notes.unread()] == [1.0]
    assert notes.unread() == []
    with log.open("a") as stream:
        stream.write('ame": {}}\n{"time": 3.0, "frame": {}}\n')
    assert [note["time"] for note in notes.unread()] == [2.0, 3.0]
