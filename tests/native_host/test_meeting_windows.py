"""The meeting place of Windows, on a Windows that is made up: who may open the pipe, who is spoken to, what is left."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthisme_host import meeting_windows
from isthisme_host.pipes import PipeConnection, PipeListener
from isthisme_host.refusals import HomeRefusedError, NothingAnswersError, StrangerError
from tests.native_host.made_up_windows import FIRST_INSTANCE, MadeUpWindows

ANN = "S-1-5-21-1111-2222-3333-1001"
BOB = "S-1-5-21-1111-2222-3333-1002"
OVERLAPPED, REJECT_REMOTE_CLIENTS = 0x40000000, 0x8
SQOS_PRESENT, IDENTIFICATION, DELEGATION = 0x100000, 0x10000, 0x30000


@pytest.fixture
def windows() -> MadeUpWindows:
    return MadeUpWindows()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    meeting_windows.prepare_home(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def listener(windows: MadeUpWindows, home: Path) -> Iterator[PipeListener]:
    with meeting_windows.listen_in(home, windows.calls_of(ANN)) as made:
        yield made


def meet(listener: PipeListener, windows: MadeUpWindows, home: Path) -> tuple[PipeConnection, PipeConnection]:
    client = meeting_windows.connect(home, windows.calls_of(ANN))
    return listener.accept(), client


def pipe_name(home: Path) -> str:
    return rf"\\.\pipe\{(home / 'daemon.pipe').read_text()}"


def test_both_ends_hear_each_other(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    server, client = meet(listener, windows, home)
    client.sendall(b"hello")
    server.sendall(b"welcome")
    assert (server.recv(100), client.recv(4), client.recv(100)) == (b"hello", b"welc", b"ome")


def test_what_is_larger_than_the_pipe_arrives_whole(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    server, client = meet(listener, windows, home)
    data = bytes(range(256)) * 4096
    threading.Thread(target=client.sendall, args=[data], daemon=True).start()
    heard = b""
    while len(heard) < len(data):
        heard += server.recv(1 << 16)
    assert heard == data


def test_the_pipe_is_its_users_alone_and_of_this_computer(
    listener: PipeListener, windows: MadeUpWindows, home: Path
) -> None:
    meet(listener, windows, home)
    made = [asked for asked in windows.asked if asked[0] == "CreateNamedPipe"]
    assert made == [
        ("CreateNamedPipe", pipe_name(home), 3 | OVERLAPPED | FIRST_INSTANCE, REJECT_REMOTE_CLIENTS, descriptor, 0)
        if number == 0
        else ("CreateNamedPipe", pipe_name(home), 3 | OVERLAPPED, REJECT_REMOTE_CLIENTS, descriptor, 0)
        for number, descriptor in enumerate([f"O:{ANN}D:P(A;;FA;;;{ANN})"] * 2)
    ]


def test_the_server_may_learn_who_the_host_is_and_not_act_as_it(
    listener: PipeListener, windows: MadeUpWindows, home: Path
) -> None:
    meeting_windows.connect(home, windows.calls_of(ANN))
    ((_, _, flags),) = [asked for asked in windows.asked if asked[0] == "CreateFile"]
    assert flags & SQOS_PRESENT
    assert flags & DELEGATION == IDENTIFICATION


def test_no_two_daemons_use_one_name(windows: MadeUpWindows, home: Path) -> None:
    names = set()
    for _ in range(5):
        meeting_windows.listen_in(home, windows.calls_of(ANN)).close()
        names.add(pipe_name(home))
    assert len(names) == 5
    assert all(len(name) == len(r"\\.\pipe\isthisme-") + 32 for name in names)


def test_another_user_cannot_open_the_pipe(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    with pytest.raises(NothingAnswersError, match="Windows says 5"):
        meeting_windows.connect(home, windows.calls_of(BOB))


def test_the_daemon_hangs_up_on_another_user_whatever_the_access_list_allows(
    windows: MadeUpWindows, home: Path, listener: PipeListener
) -> None:
    for instance in windows.instances:
        instance.descriptor = f"O:{ANN}D:P(A;;FA;;;WD)"
    bobs = windows.calls_of(BOB)
    stranger = PipeConnection(bobs, bobs.open_pipe(pipe_name(home)))
    with pytest.raises(StrangerError, match=f"runs as {BOB} and this program as {ANN}"):
        listener.accept()
    assert stranger.recv(1) == b""
    for instance in windows.instances:
        instance.descriptor = f"O:{ANN}D:P(A;;FA;;;{ANN})"
    server, client = meet(listener, windows, home)
    client.sendall(b"x")
    assert server.recv(1) == b"x"


def test_a_pipe_that_another_user_made_in_a_dead_daemons_place_hears_nothing(
    windows: MadeUpWindows, home: Path
) -> None:
    meeting_windows.listen_in(home, windows.calls_of(ANN)).close()  # as when it is killed, its name stays
    bobs = windows.calls_of(BOB)
    squatted = bobs.make_pipe(pipe_name(home), BOB, is_first=True)
    windows.instances[0].descriptor = f"O:{BOB}D:P(A;;FA;;;WD)"
    with pytest.raises(NothingAnswersError, match=f"belongs to {BOB} and this program runs as {ANN}"):
        meeting_windows.connect(home, windows.calls_of(ANN))
    assert windows.handles[squatted].reads.data == b""
    with meeting_windows.listen_in(home, windows.calls_of(ANN)) as listener:  # the next daemon has another name
        server, client = meet(listener, windows, home)
        client.sendall(b"x")
        assert server.recv(1) == b"x"


def test_a_name_that_is_taken_is_not_shared(windows: MadeUpWindows) -> None:
    windows.calls_of(BOB).make_pipe(r"\\.\pipe\taken", BOB, is_first=True)
    windows.instances[0].descriptor = f"O:{BOB}D:P(A;;FA;;;WD)"
    with pytest.raises(OSError, match="Windows says 5"):
        PipeListener(windows.calls_of(ANN), r"\\.\pipe\taken", ANN)


@pytest.mark.parametrize(
    "name", [r"\\another-computer\pipe\x", r"..\pipe\isthisme-" + "0" * 32, "isthisme-" + "0" * 33, "isthisme-xyz", ""]
)
def test_a_name_that_is_none_of_ours_is_not_opened(windows: MadeUpWindows, home: Path, name: str) -> None:
    (home / "daemon.pipe").write_text(name)
    with pytest.raises(NothingAnswersError, match="names no pipe of ours"):
        meeting_windows.connect(home, windows.calls_of(ANN))
    assert windows.asked == []


def test_nothing_answers_where_no_daemon_was(windows: MadeUpWindows, home: Path, tmp_path: Path) -> None:
    for folder in (home, tmp_path / "elsewhere"):
        with pytest.raises(NothingAnswersError, match="start it with: isthisme daemon"):
            meeting_windows.connect(folder, windows.calls_of(ANN))


def test_nothing_answers_on_the_name_of_a_daemon_that_ended(windows: MadeUpWindows, home: Path) -> None:
    meeting_windows.listen_in(home, windows.calls_of(ANN)).close()
    with pytest.raises(NothingAnswersError, match="Windows says 2"):
        meeting_windows.connect(home, windows.calls_of(ANN))


def test_a_daemon_that_accepts_nobody_holds_nobody(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    meeting_windows.connect(home, windows.calls_of(ANN))
    with pytest.raises(NothingAnswersError):
        meeting_windows.connect(home, windows.calls_of(ANN))


def test_a_client_that_left_at_once_is_passed_over(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    meeting_windows.connect(home, windows.calls_of(ANN)).close()
    waiting: list[PipeConnection] = []
    thread = threading.Thread(target=lambda: waiting.append(listener.accept()))
    thread.start()
    with windows.changed:
        assert windows.changed.wait_for(lambda: any(not each.client_user for each in windows.instances), 30)
    client = meeting_windows.connect(home, windows.calls_of(ANN))
    thread.join(30)
    client.sendall(b"x")
    assert waiting[0].recv(1) == b"x"


def test_closing_ends_what_waits(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    server, _client = meet(listener, windows, home)
    ends: list[type[BaseException]] = []
    under_way = threading.Barrier(3)

    def wait(what: object) -> None:
        under_way.wait()
        try:
            what()  # type: ignore[operator]
        except OSError as error:
            ends.append(type(error))

    threads = [threading.Thread(target=wait, args=[what]) for what in (lambda: server.recv(1), listener.accept)]
    for thread in threads:
        thread.start()
    under_way.wait()
    server.close()
    listener.close()
    for thread in threads:
        thread.join(30)
    assert ends == [ConnectionAbortedError] * 2


def test_what_was_sent_is_read_after_the_end(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    server, client = meet(listener, windows, home)
    server.sendall(b"the last word")
    server.close()
    assert (client.recv(100), client.recv(100)) == (b"the last word", b"")
    with pytest.raises(BrokenPipeError):
        client.sendall(b"x")


def test_who_is_silent_is_not_waited_for_for_ever(listener: PipeListener, windows: MadeUpWindows, home: Path) -> None:
    _server, client = meet(listener, windows, home)
    client.settimeout(0.01)
    with pytest.raises(TimeoutError):
        client.recv(1)


def test_nothing_of_windows_is_left_open(windows: MadeUpWindows, home: Path) -> None:
    with meeting_windows.listen_in(home, windows.calls_of(ANN)) as listener:
        server, client = meet(listener, windows, home)
        client.sendall(b"x")
        server.recv(1)
        client.close()
        client.close()
        server.close()
    assert windows.handles == {}
    assert windows.instances == []
    assert windows.allocated == set()


def test_leaving_takes_the_name_away(windows: MadeUpWindows, home: Path) -> None:
    meeting_windows.listen_in(home, windows.calls_of(ANN)).close()
    assert [each.name for each in home.iterdir()] == ["daemon.pipe"]
    meeting_windows.leave(home)
    assert list(home.iterdir()) == []


def test_a_file_in_the_place_of_the_home_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(HomeRefusedError):
        meeting_windows.prepare_home(tmp_path / "home")
