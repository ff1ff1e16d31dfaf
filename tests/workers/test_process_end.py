"""A worker ends with its daemon, and says nothing of it."""

import subprocess
import sys

from isthisme.workers import wire


def test_a_worker_whose_daemon_was_killed_ends_without_a_word() -> None:
    """Its question was read, and nobody is there to take the answer."""
    worker = subprocess.Popen(
        [sys.executable, "-I", "-m", "isthisme.workers.process", "none", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    assert worker.stderr is not None
    with worker, worker.stdout, worker.stderr:
        worker.stdout.read(wire.LENGTH.size)  # it is ready
        worker.stdout.close()
        worker.stdin.write(bytes(wire.encode(wire.NameModel())))
        worker.stdin.close()
        assert worker.stderr.read() == b""
        assert worker.wait(60) == 0
