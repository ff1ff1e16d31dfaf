"""The team's socket: in a closed folder, for one group, and never a port."""

import os
import socket
import stat
from pathlib import Path

import pytest

from isthisme.errors import Busy, DaemonUnreachable, UsageError
from isthisme.team.client import read_token
from isthisme.team.meeting import connect, listen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    made.chmod(0o750)
    return made


def test_the_socket_is_open_to_its_group_alone(folder: Path) -> None:
    with listen(folder / "team.sock") as listener:
        assert listener.family is socket.AF_UNIX
        found = (folder / "team.sock").stat()
        assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, folder.stat().st_gid)
        assert [entry.name for entry in folder.iterdir()] == ["team.sock"]
        with connect(folder / "team.sock"):
            listener.accept()[0].close()


@pytest.mark.parametrize("mode", [0o770, 0o755, 0o777, 0o751])
def test_a_folder_that_is_open_to_others_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(UsageError, match="chmod 0750"):
        listen(folder / "team.sock")
    assert list(folder.iterdir()) == []


def test_a_second_daemon_does_not_take_the_place_of_the_first(folder: Path) -> None:
    with listen(folder / "team.sock") as first:
        with pytest.raises(Busy):
            listen(folder / "team.sock")
        first.accept()[0].close()  # its look whether somebody answers
        with connect(folder / "team.sock"):
            first.accept()[0].close()


def test_what_a_daemon_that_was_killed_left_is_replaced(folder: Path) -> None:
    listen(folder / "team.sock").close()
    assert (folder / "team.sock").exists()
    with listen(folder / "team.sock"), connect(folder / "team.sock"):
        pass


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_token_is_not_sent_where_others_may_put_a_socket(folder: Path, mode: int) -> None:
    with listen(folder / "team.sock") as listener:
        folder.chmod(mode)
        with pytest.raises(UsageError, match="your token is not sent there"):
            connect(folder / "team.sock")
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    folder.chmod(0o700)


def test_where_nobody_answers_it_is_said(folder: Path) -> None:
    with pytest.raises(DaemonUnreachable, match="isthisme team serve"):
        connect(folder / "team.sock")
    with pytest.raises(UsageError, match="too long"):
        connect(folder / ("x" * 120))


def test_a_token_is_read_from_a_file_of_the_users_alone(tmp_path: Path) -> None:
    place = tmp_path / "token"
    place.write_text("abc\n")
    place.chmod(0o600)
    assert read_token(str(place)) == "abc"
    place.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        read_token(str(place))
    place.chmod(0o600)
    (tmp_path / "link").symlink_to(place)
    os.link(place, tmp_path / "second")
    for other in ("link", "second", "missing"):
        with pytest.raises(UsageError):
            read_token(str(tmp_path / other))
    (tmp_path / "second").unlink()
    for content in (b"", b"\n", b"a" * 300, b"\xff", b"a b\x00"):
        place.write_bytes(content)
        with pytest.raises(UsageError):
            read_token(str(place))
