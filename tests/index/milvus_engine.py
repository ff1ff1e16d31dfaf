"""Milvus' own embedded form as a server on loopback, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from isthisme.index.milvus_address import MilvusAddress
from isthisme.index.milvus_server import MilvusServer


@contextmanager
def running(folder: Path) -> Iterator[MilvusServer]:
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    listener, database, port = start_server_in_thread(str(folder))
    server = MilvusServer(MilvusAddress("127.0.0.1", port, is_encrypted=False))
    try:
        yield server
    finally:
        server.close()
        listener.stop(grace=0).wait()
        database.close()
