"""Milvus' own embedded form as a server on loopback: in this process, or in one of its own that can be killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from isthisme.index.milvus_address import MilvusAddress
from isthisme.index.milvus_server import MilvusServer, Patience
from tests.ports import steady_port

# A busy machine is no reason to fail a test.
PATIENT = Patience(question=60.0, change=60.0, attempt=20.0, after_failure=0.0)
LOADED = ("milvus_lite.adapter.grpc.server",)  # by what engines are forked from: it takes seconds
_context = get_context("forkserver")
_context.set_forkserver_preload(list(LOADED))


@contextmanager
def running(folder: Path) -> Iterator[MilvusServer]:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    listener, database, port = start_server_in_thread(str(folder))
    server = MilvusServer(MilvusAddress("127.0.0.1", port, is_encrypted=False), patience=PATIENT)
    try:
        yield server
    finally:
        server.close()
        listener.stop(grace=0).wait()
        database.close()


class Engine:
    """One that dies and comes back, at the same port, with what lies in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: ForkServerProcess | None = None
        self.port = steady_port()
        self.start()

    def start(self, *, largest_file: int | None = None) -> None:
        """With `largest_file` no file of its grows beyond so many bytes, as where the disk is full."""
        ours, theirs = _context.Pipe()
        given = (str(self._folder), self.port, largest_file, theirs)
        self._process = _context.Process(target=_serve, args=given, daemon=True)
        self._process.start()
        theirs.close()
        ours.recv()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def server(self, patience: Patience = PATIENT) -> MilvusServer:
        return MilvusServer(MilvusAddress("127.0.0.1", self.port, is_encrypted=False), patience=patience)


def _serve(folder: str, port: int, largest_file: int | None, told: Connection) -> None:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    if largest_file is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    listener, _, _ = start_server_in_thread(folder, port=port)
    told.send(None)  # it answers
    listener.wait_for_termination()
