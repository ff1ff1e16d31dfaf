"""A program that shuts a worker's door behind itself, and then does what somebody would who took the worker over.

Run as `python -I intruder.py FOLDER PORT SOCKET`; prints for each attack what came of it with the door open and with
the door shut: "done", "refused", or the name of the signal that ended it.
"""

import ctypes
import json
import mmap
import os
import platform
import select
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from isthisme.workers import limits, process
from isthisme.workers.confinement import close_door

FOLDER, PORT, SOCKET = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
SECRET = FOLDER / "catalog.db"
LIBC = ctypes.CDLL(None, use_errno=True)
ON_ARM = platform.machine() == "aarch64"
ATTACK_SECONDS = 20.0


def asked(call: str, *arguments: object) -> None:
    """A function of the C library; its failure is an OSError."""
    if getattr(LIBC, call)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), call)


def numbered(on_intel: int, on_arm: int, *arguments: int) -> None:
    asked("syscall", on_arm if ON_ARM else on_intel, *map(ctypes.c_long, arguments))


def connects(family: int, address: object) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as made:
        made.connect(address)


def makes_memory_executable() -> None:
    with mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE) as memory:
        at = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        asked("mprotect", ctypes.c_void_p(at), ctypes.c_size_t(4096), 7)


def forks() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def ignores_the_end_of_its_time() -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)


ATTACKS: dict[str, Callable[[int], object]] = {  # each with the process number of somebody else
    "read the catalog": lambda _: SECRET.read_bytes(),
    "write the catalog": lambda _: SECRET.open("r+b").write(b"x"),
    "write a new file": lambda _: (FOLDER / "new").write_bytes(b"x"),
    "list the home folder": lambda _: list(Path.home().iterdir()),
    "list the home folder from inside": lambda _: list(Path("/proc/self/cwd").iterdir()),
    "rename the catalog": lambda _: SECRET.rename(SECRET),
    "ask whether a file is there": lambda _: SECRET.stat(),
    "make a link": lambda _: (FOLDER / f"link{os.getpid()}").symlink_to(SECRET),
    "change who may read": lambda _: SECRET.chmod(0o600),
    "connect to this computer": lambda _: connects(socket.AF_INET, ("127.0.0.1", PORT)),
    "connect to a socket": lambda _: connects(socket.AF_UNIX, SOCKET),
    "make a socket": lambda _: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "make a pair of sockets": lambda _: [each.close() for each in socket.socketpair()],
    "start a process": lambda _: forks(),
    "become another program": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606
    "signal somebody": lambda other: os.kill(other, signal.SIGUSR1),
    "ask whether somebody lives": lambda other: os.kill(other, 0),
    "read somebody's memory": lambda other: Path(f"/proc/{other}/mem").open("rb").close(),
    "read somebody's environment": lambda other: Path(f"/proc/{other}/environ").read_bytes(),
    "trace somebody": lambda other: asked("ptrace", 16, other, None, None),
    "hold on to somebody": lambda other: os.close(os.pidfd_open(other)),
    "make memory executable": lambda _: makes_memory_executable(),
    "map executable memory": lambda _: mmap.mmap(-1, 4096, prot=7).close(),
    "ignore the end of its time": lambda _: ignores_the_end_of_its_time(),
    "ask for more time": lambda _: limits.resource.setrlimit(limits.resource.RLIMIT_CPU, (-1, -1)),
    "widen: io_uring": lambda _: numbered(425, 425, 0, 0),
    "widen: bpf": lambda _: numbered(321, 280, 0, 0, 0),
    "widen: userfaultfd": lambda _: numbered(323, 282, 1),
    "widen: keyctl": lambda _: numbered(250, 219, 0, -3, 0),
    "widen: mount": lambda _: asked("mount", None, b"/", None, 32, None),
    "widen: a namespace": lambda _: os.unshare(os.CLONE_NEWUSER),
}


def outcome(attack: Callable[[int], object], *, shut: bool) -> str:
    """What became of an attack, in a process of its own."""
    other = os.fork()
    if other == 0:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        while True:
            signal.pause()
    attacker = os.fork()
    if attacker == 0:
        if shut:
            close_door({0, 1, 2})
        try:
            attack(other)
        except (OSError, ValueError):  # what a limit refuses is a ValueError
            os._exit(1)
        except BaseException:  # noqa: BLE001 nothing but this process may go on from here
            os._exit(2)
        os._exit(0)
    ended = os.pidfd_open(attacker)
    if not select.select([ended], [], [], ATTACK_SECONDS)[0]:
        os.kill(attacker, signal.SIGKILL)
    os.close(ended)
    status = os.waitstatus_to_exitcode(os.waitpid(attacker, 0)[1])
    os.kill(other, signal.SIGKILL)
    os.waitpid(other, 0)
    names = {0: "done", 1: "refused"}
    return signal.Signals(-status).name if status < 0 else names.get(status, "failed otherwise")


def main() -> None:
    assert process is not None  # a worker's own modules are loaded, as in a worker
    found = {name: [outcome(each, shut=False), outcome(each, shut=True)] for name, each in ATTACKS.items()}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
