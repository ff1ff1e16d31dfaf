"""Another user at the meeting place: as a client, and in the daemon's place. And macOS' word on who that is."""

import os
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from isthisme_host.connect import StrangerError, connect, daemon_lock, listen
from isthisme_host.meeting_posix import check_peer, peer_uid
from tests.companion import running_daemon
from tests.local_attackers.strangers import NOBODY, SOMEBODY, as_root, program_of, run_as


@as_root
@pytest.mark.parametrize("user", [NOBODY, SOMEBODY])
def test_the_daemon_hangs_up_on_another_user_whatever_the_folders_allow(common: Path, user: int) -> None:
    """The stranger got another name of the socket, so that only the daemon's own question keeps them out."""
    home = common / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    words = (
        "client = socket.socket(socket.AF_UNIX); client.settimeout(30)\n"
        "try: client.connect('door'); client.sendall(b'\\x02\\0\\0\\0{}'); print(client.recv(1))\n"
        "except PermissionError: print('closed')\n"
        "except ConnectionError: print(b'')"
    )
    with running_daemon(home):
        os.link(home / "daemon.sock", common / "door")
        assert run_as(user, words, common) == "closed\n"
        (common / "door").chmod(0o666)
        assert run_as(user, words, common) == "b''\n"
    assert "runs as user id" in (home / "test-daemon.log").read_text()


@as_root
@pytest.mark.parametrize("user", [NOBODY, SOMEBODY])
def test_a_daemon_of_another_user_hears_nothing_from_the_host(common: Path, user: int) -> None:
    """It got its socket into the home folder, under the right name and with the right permissions."""
    home = common / "home"
    home.mkdir(mode=0o700)
    before = f"os.chdir({str(home)!r}); server = socket.socket(1); server.bind('daemon.sock')"
    words = (
        "server.listen(); print('ready', flush=True); heard, _ = server.accept(); print(heard.recv(100), flush=True)"
    )
    with subprocess.Popen(program_of(user, words, before=before), stdout=subprocess.PIPE, text=True) as squatter:
        assert squatter.stdout
        assert squatter.stdout.readline() == "ready\n"
        with pytest.raises(StrangerError, match=f"runs as user id {user}"):
            connect(home)
        assert squatter.stdout.readline() == "b''\n"


@as_root
def test_a_stranger_who_holds_the_lock_file_keeps_no_daemon_from_starting(common: Path) -> None:
    run_as(NOBODY, "", common)
    home = common / "home"
    home.mkdir(mode=0o700)
    words = "try: os.open('daemon.lock', os.O_RDWR)\nexcept PermissionError: print('closed')"
    with daemon_lock(home) as lock, listen(lock):
        assert run_as(NOBODY, words, home) == "closed\n"


class MacConnection(socket.socket):
    """Answers as macOS does when it is asked who is at the other end."""

    version, uid = 0, 0

    def getsockopt(self, level: int, name: int, size: int = 0) -> bytes:  # type: ignore[override]
        assert (level, name, size) == (0, 1, 76)  # SOL_LOCAL, LOCAL_PEERCRED, struct xucred
        return struct.pack("=IIhxx16I", self.version, self.uid, 1, 20, *[0] * 15)


def test_on_macos_the_other_ends_user_is_read_from_its_own_structure() -> None:
    with MacConnection() as connection:
        connection.uid = 501
        assert peer_uid(connection, "darwin") == 501
        connection.version = 1
        with pytest.raises(OSError, match="not known here"):
            peer_uid(connection, "darwin")


def test_the_other_end_of_ones_own_connection_is_no_stranger() -> None:
    one, other = socket.socketpair()
    with one, other:
        check_peer(one)
        assert peer_uid(other) == os.geteuid()
