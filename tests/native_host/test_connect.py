"""The meeting point: which folder, whose, one daemon, and sockets that cannot be planted."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthisme_host import connect as meeting
from isthisme_host.connect import (
    AlreadyRunningError,
    HomeRefusedError,
    NothingAnswersError,
    StrangerError,
    connect,
    daemon_lock,
    home_folder,
    listen,
    prepare_home,
)
from isthisme_host.meeting_posix import check_peer

NOBODY = 65534
ROOT = str(Path(meeting.__file__).parents[1])
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")


@pytest.fixture
def private_tmp_path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def another_process_with_the_lock(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    program = (
        f"import sys, time; sys.path.insert(0, {ROOT!r}); from isthisme_host.connect import daemon_lock, listen\n"
        "lock = daemon_lock(sys.argv[1]); listener = listen(lock); print('ready', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"HOME": "/home/ann"}, "linux", "/home/ann/.local/share/isthisme"),
        ({"HOME": "/home/ann", "XDG_DATA_HOME": "/data"}, "linux", "/data/isthisme"),
        ({"HOME": "/home/ann", "XDG_DATA_HOME": ""}, "linux", "/home/ann/.local/share/isthisme"),
        ({"HOME": "/home/ann", "XDG_DATA_HOME": "relative"}, "linux", "/home/ann/.local/share/isthisme"),
        ({"HOME": "/home/ann", "ISTHISME_HOME": "/x y"}, "linux", "/x y"),
        ({"HOME": "/home/ann", "ISTHISME_HOME": "  "}, "linux", "/home/ann/.local/share/isthisme"),
        ({"HOME": "/home/ann", "ISTHISME_HOME": "/x/../y/"}, "linux", "/y"),
        ({"HOME": "/Users/ann"}, "darwin", "/Users/ann/Library/Application Support/isthisme"),
        ({"HOME": "/Users/ann", "XDG_DATA_HOME": "/data"}, "darwin", "/Users/ann/Library/Application Support/isthisme"),
        ({"HOME": "/Users/ann", "ISTHISME_HOME": "/x"}, "darwin", "/x"),
        ({"LOCALAPPDATA": "/Ann/AppData/Local", "XDG_DATA_HOME": "/data"}, "win32", "/Ann/AppData/Local/isthisme"),
        ({"LOCALAPPDATA": "/Ann/AppData/Local", "ISTHISME_HOME": "/x"}, "win32", "/x"),
    ],
)
def test_the_home_folder_is_where_the_system_wants_it(environment: dict[str, str], platform: str, folder: str) -> None:
    assert home_folder(environment, platform) == folder


def test_a_relative_home_folder_becomes_absolute() -> None:
    assert home_folder({"ISTHISME_HOME": "x"}, "linux") == str(Path.cwd() / "x")


def test_a_new_home_folder_is_closed_to_others(tmp_path: Path) -> None:
    prepare_home(tmp_path / "parent" / "home")
    assert stat.S_IMODE((tmp_path / "parent" / "home").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o720, 0o777])
def test_a_home_folder_open_to_others_is_refused_with_the_way_out(tmp_path: Path, mode: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    for use in (prepare_home, connect, daemon_lock):
        with pytest.raises(HomeRefusedError, match=rf"mode {mode:04o}.*chmod 700"):
            use(home)


def test_a_file_in_the_place_of_the_home_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(HomeRefusedError, match="is not a folder"):
        daemon_lock(tmp_path / "home")


def test_a_home_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeRefusedError, match="ISTHISME_HOME"):
        prepare_home(tmp_path / "file" / "home")


@as_root
def test_a_home_folder_of_another_user_is_refused(private_tmp_path: Path) -> None:
    os.chown(private_tmp_path, NOBODY, NOBODY)
    for use in (prepare_home, connect, daemon_lock):
        with pytest.raises(HomeRefusedError, match=f"belongs to user id {NOBODY} and this program runs as 0"):
            use(private_tmp_path)


@as_root
def test_another_user_cannot_use_this_users_home_folder(private_tmp_path: Path) -> None:
    with daemon_lock(private_tmp_path / "home") as lock, listen(lock):
        program = (
            f"import os, sys; sys.path.insert(0, {ROOT!r}); from isthisme_host.connect import *\n"
            f"os.chdir(sys.argv[1]); os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
            "try: connect('home')\n"
            "except (HomeRefusedError, NothingAnswersError) as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(private_tmp_path)], capture_output=True, text=True, check=True
        )
    assert "belongs to user id 0" in done.stdout or "Permission denied" in done.stdout


@as_root
def test_a_socket_of_another_user_is_not_spoken_to(private_tmp_path: Path) -> None:
    program = (
        "import os, socket, sys, time\n"
        "listener = socket.socket(socket.AF_UNIX); listener.bind(sys.argv[1])\n"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "listener.listen(); print('ready', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(private_tmp_path / "daemon.sock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stranger:
        assert stranger.stdout
        stranger.stdout.readline()
        with pytest.raises(StrangerError, match=f"runs as user id {NOBODY}"):
            connect(private_tmp_path)
        stranger.kill()


def test_the_peer_of_ones_own_connection_is_no_stranger(private_tmp_path: Path) -> None:
    with daemon_lock(private_tmp_path) as lock, listen(lock) as listener, connect(private_tmp_path) as client:
        accepted, _ = listener.accept()
        with accepted:
            check_peer(accepted)
            check_peer(client)
            accepted.sendall(b"x")
            assert client.recv(1) == b"x"


def test_the_socket_is_closed_to_others(private_tmp_path: Path) -> None:
    with daemon_lock(private_tmp_path) as lock, listen(lock):
        found = (private_tmp_path / "daemon.sock").lstat()
        assert stat.S_ISSOCK(found.st_mode)
        assert stat.S_IMODE(found.st_mode) == 0o600


@pytest.mark.parametrize("name", ["x" * 200, "with spaces", 'it\'s "quoted" $HOME `x`', "中文" * 30])
def test_any_home_folder_will_do(private_tmp_path: Path, name: str) -> None:
    before = Path.cwd()
    home = private_tmp_path / name
    with daemon_lock(home) as lock, listen(lock), connect(home) as client:
        check_peer(client)
    assert Path.cwd() == before
    assert sorted(path.name for path in home.iterdir()) == ["daemon.lock"]


def test_nothing_answers_where_there_is_no_home(tmp_path: Path) -> None:
    with pytest.raises(NothingAnswersError, match="start it with: isthisme daemon"):
        connect(tmp_path / "home")


def test_nothing_answers_on_the_socket_of_a_killed_daemon(
    another_process_with_the_lock: subprocess.Popen[str], tmp_path: Path
) -> None:
    connect(tmp_path / "home").close()
    another_process_with_the_lock.send_signal(signal.SIGKILL)
    another_process_with_the_lock.wait()
    assert (tmp_path / "home" / "daemon.sock").exists()
    with pytest.raises(NothingAnswersError):
        connect(tmp_path / "home")
    with daemon_lock(tmp_path / "home") as lock, listen(lock):
        connect(tmp_path / "home").close()


def test_a_daemon_that_accepts_nobody_holds_nobody(private_tmp_path: Path) -> None:
    with daemon_lock(private_tmp_path) as lock, listen(lock) as listener:
        listener.listen(0)
        waiting = [connect(private_tmp_path)]
        with pytest.raises(NothingAnswersError):
            waiting.extend(connect(private_tmp_path) for _ in range(10))
        for connection in waiting:
            connection.close()


def test_a_second_daemon_is_told_that_there_is_one(
    another_process_with_the_lock: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(AlreadyRunningError, match="use that one, or stop it first"):
        daemon_lock(tmp_path / "home")
    assert int((tmp_path / "home" / "daemon.lock").read_text()) == another_process_with_the_lock.pid
    connect(tmp_path / "home").close()


def test_a_closed_lock_is_free_and_leaves_no_socket(private_tmp_path: Path) -> None:
    lock = daemon_lock(private_tmp_path)
    listen(lock).close()
    lock.close()
    lock.close()
    assert not (private_tmp_path / "daemon.sock").exists()
    daemon_lock(private_tmp_path).close()


def test_a_lock_is_in_place_until_its_file_is_gone_or_another_one(private_tmp_path: Path) -> None:
    home = private_tmp_path / "home"
    lock = daemon_lock(home)
    assert lock.is_in_place
    home.rename(private_tmp_path / "moved")
    assert not lock.is_in_place
    (private_tmp_path / "moved").rename(home)
    assert lock.is_in_place
    (home / "daemon.lock").unlink()
    assert not lock.is_in_place
    (home / "daemon.lock").touch()
    assert not lock.is_in_place
    lock.close()
    assert not lock.is_in_place


def test_a_daemon_whose_lock_was_removed_leaves_the_next_ones_socket_alone(private_tmp_path: Path) -> None:
    home = private_tmp_path / "home"
    first = daemon_lock(home)
    listen(first).close()
    (home / "daemon.lock").unlink()
    with daemon_lock(home) as second, listen(second):
        first.close()
        connect(home).close()


def test_nobody_listens_without_the_lock(private_tmp_path: Path) -> None:
    lock = daemon_lock(private_tmp_path)
    lock.close()
    with pytest.raises(ValueError, match="held lock"):
        listen(lock)


@pytest.mark.parametrize("planted", ["file", "link to a file", "link to nowhere", "link to itself", "socket"])
@pytest.mark.parametrize("name", ["daemon.sock", "daemon.sock.new"])
def test_what_stands_in_the_sockets_place_is_replaced_and_not_followed(
    private_tmp_path: Path, planted: str, name: str
) -> None:
    home = private_tmp_path / "home"
    prepare_home(home)
    victim = private_tmp_path / "victim"
    victim.write_text("mine")
    place = home / name
    match planted:
        case "file":
            place.write_text("x")
        case "link to a file":
            place.symlink_to(victim)
        case "link to nowhere":
            place.symlink_to(private_tmp_path / "nowhere")
        case "link to itself":
            place.symlink_to(place)
        case "socket":
            with socket.socket(socket.AF_UNIX) as stale:
                stale.bind(str(place))
    with pytest.raises(NothingAnswersError):
        connect(home)
    with daemon_lock(home) as lock, listen(lock):
        connect(home).close()
    assert victim.read_text() == "mine"
    assert not (private_tmp_path / "nowhere").exists()


def test_a_folder_in_the_sockets_place_is_refused(private_tmp_path: Path) -> None:
    (private_tmp_path / "daemon.sock").mkdir()
    with daemon_lock(private_tmp_path) as lock, pytest.raises(HomeRefusedError, match="no socket can be made"):
        listen(lock)


def test_a_lock_that_is_a_link_is_refused(private_tmp_path: Path) -> None:
    (private_tmp_path / "daemon.lock").symlink_to("/dev/null")
    with pytest.raises(HomeRefusedError, match="remove it and try again"):
        daemon_lock(private_tmp_path)
