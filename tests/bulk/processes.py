"""Dask's scheduler and workers as processes of their own on loopback, which can be killed and come back.

The scheduler is the program that agencies start. Workers are forked from a process that has loaded what they need:
starting each from nothing would take most of a test's time.
"""

import asyncio
import os
import subprocess
import sys
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from distributed import Client, Worker

from isthisme.bulk.cluster import Cluster
from isthisme.bulk.sandboxes import Sandboxes
from tests.index import milvus_engine
from tests.ports import steady_port
from tests.product import ROOT

forkserver = get_context("forkserver")
# One process is forked from, by all tests that do that: it loads what engines need, too.
forkserver.set_forkserver_preload(
    [*milvus_engine.LOADED, "pymilvus", "isthisme.bulk.archive_run", "isthisme.bulk.served_search"]
)
_WORKERS = 2


class KillableCluster:
    """A scheduler and two workers. Whoever is killed is there again at once, under the same address."""

    def __init__(self, sandboxes: Sandboxes, folder: Path) -> None:
        self._port = steady_port()
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._folder = folder
        self._scheduler = self._started_scheduler()
        self._workers = [self._started_worker() for _ in range(_WORKERS)]
        self._left: list[ForkServerProcess] = []  # of schedulers that are gone; they end by themselves
        self.cluster = Cluster(lambda: Client(self.address, timeout=5, set_as_default=False), sandboxes)

    def kill_scheduler(self) -> None:
        self._scheduler.kill()
        self._scheduler.wait()
        self._scheduler = self._started_scheduler()
        self._left += self._workers
        self._workers = [self._started_worker() for _ in range(_WORKERS)]

    def kill_worker(self, chance: Random) -> None:
        victim = chance.choice(self._workers)
        victim.kill()
        victim.join()
        self.replace_dead_workers()

    def replace_dead_workers(self) -> None:
        for number, worker in enumerate(self._workers):
            if not worker.is_alive():
                self._workers[number] = self._started_worker()

    def close(self) -> None:
        self.cluster.close()
        self._scheduler.kill()
        self._scheduler.wait()
        for worker in (*self._left, *self._workers):
            worker.kill()
            worker.join()

    def _started_scheduler(self) -> subprocess.Popen[bytes]:
        where = ("--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard", "--no-show")
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with (self._folder / "scheduler.log").open("ab") as log:
            command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *where]
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def _started_worker(self) -> ForkServerProcess:
        made = forkserver.Process(target=_work, args=(self.address, str(self._folder)), daemon=True)
        made.start()
        return made


def _work(scheduler: str, folder: str) -> None:
    async def work() -> None:
        # Ends with its scheduler, which it cannot reach before that has begun to listen.
        async with Worker(
            scheduler, nthreads=1, host="127.0.0.1", local_directory=folder, dashboard=False, memory_limit=0
        ) as worker:
            await worker.finished()

    log = os.open(f"{folder}/workers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    asyncio.run(work())
