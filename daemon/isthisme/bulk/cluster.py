"""Work on a cluster: a few units under way at a time, and what becomes of them when machines are lost.

A worker that is lost costs what it was at: the scheduler gives that to another. When the scheduler is lost, what was
under way is given to it anew once it is back; what was done is on the disk and not asked for again.
"""

import ipaddress
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, Security, wait
from distributed.client import FutureCancelledError, FuturesCancelledError

from isthisme.bulk.sandboxes import Sandboxes, SandboxesMissing
from isthisme.errors import ClusterLost, IsThisMeError, UsageError, WorkerCrashed

LOCAL = "local"
_PATIENCE_SECONDS = 600.0
_RESTART_SECONDS = 60.0  # within which a worker of this computer that died is there again
_CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 2.0  # between looks at who is there
_MOST_LOSSES = 10  # of workers at the same work, before that counts as broken
_AHEAD = 3  # units under way for each worker: one is read while another is described

_log = logging.getLogger(__name__)


class SchedulerLost(Exception):
    """What was under way is void; `Cluster.reconnect` brings a connection to give it to anew."""


class Cluster:
    """A connection to a scheduler, which is made again when it breaks."""

    def __init__(
        self, connect: Callable[[], Client], sandboxes: Sandboxes, *, patience_seconds: float = _PATIENCE_SECONDS
    ) -> None:
        """`connect` gives a client, or raises OSError or TimeoutError where there is no scheduler now."""
        self._connect = connect
        self._sandboxes = sandboxes
        self._patience_seconds = patience_seconds
        self._workers, self._counted_at = 0, -_LOOK_SECONDS
        self._client = self._connected()

    def close(self) -> None:
        self._client.close()

    @property
    def workers(self) -> int:
        """As many as there were a moment ago."""
        now = time.monotonic()
        if now - self._counted_at >= _LOOK_SECONDS:
            self._counted_at = now
            with suppress(OSError, TimeoutError):  # it is being waited for, or about to be
                self._workers = len(self._client.scheduler_info(n_workers=-1)["workers"])
        return self._workers

    @property
    def window(self) -> int:
        """How many units should be under way."""
        return _AHEAD * max(1, self.workers)

    def submit(self, function: Callable[..., Any], *given: object, priority: int = 0) -> Future[Any]:
        """What a worker is going to give; futures among what is given are what they stand for, where they lie."""
        return self._client.submit(function, *given, pure=False, priority=priority)

    def settled(self, under_way: Collection[Future[Any]]) -> set[Future[Any]]:
        """Waits until some are done, and gives those. Raises SchedulerLost, and ClusterLost where no worker is left."""
        alone_since: float | None = None
        while True:
            try:
                with self._client.as_current():
                    return set(wait(list(under_way), timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                alone_since = None if self.workers else alone_since or time.monotonic()
            except (FutureCancelledError, FuturesCancelledError, OSError) as error:
                raise SchedulerLost from error
            if self._client.status != "running":
                raise SchedulerLost
            if alone_since is not None and time.monotonic() - alone_since > self._patience_seconds:
                raise ClusterLost("the cluster has no workers; start some, and run the same command again")

    def reconnect(self) -> None:
        """Waits for the scheduler to come back. All futures are void. Raises ClusterLost."""
        with suppress(OSError, TimeoutError):  # the other end is gone
            self._client.close(timeout=_CONNECT_SECONDS)
        self._client = self._connected()

    def each[I, R](self, function: Callable[[I], R], items: Iterable[I]) -> Iterator[tuple[I, R | IsThisMeError]]:
        """What `function` makes of each item, on the workers, in the order of their completion.

        Items are taken as they are needed. What a worker was lost with is done again; so `function` must be such that
        twice is as good as once. Raises ClusterLost.
        """
        coming = iter(items)
        under_way: dict[Future[Any], I] = {}
        while True:
            while len(under_way) < self.window and (item := next(coming, _END)) is not _END:
                under_way[self.submit(function, item)] = item  # type: ignore[assignment] # it is not the end
            if not under_way:
                return
            try:
                done = {future: outcome(future) for future in self.settled(under_way)}
            except SchedulerLost:
                self.reconnect()
                under_way = {self.submit(function, item): item for item in under_way.values()}
                continue
            for future, result in done.items():
                yield under_way.pop(future), result

    def _connected(self) -> Client:
        until = time.monotonic() + self._patience_seconds
        while True:
            try:
                client = self._connect()
            except (OSError, TimeoutError) as error:
                if time.monotonic() > until:
                    raise ClusterLost(
                        f"no scheduler answers ({error}); start it, and run the same command again: it goes on"
                    ) from error
                _log.info("waiting for the scheduler: %s", error)
                time.sleep(1.0)
            else:
                client.register_plugin(self._sandboxes)
                return client


_END = object()


def outcome(future: Future[Any]) -> Any:
    """What a settled future gives, or the IsThisMeError that it failed with. Raises SchedulerLost for a void one.

    What fails otherwise is told as WorkerCrashed, so that one picture ends no run over millions.
    """
    if future.cancelled():
        raise SchedulerLost
    match future.exception():
        case None:
            return future.result()
        case SandboxesMissing():
            raise SchedulerLost
        case IsThisMeError() as error:
            return error
        case KilledWorker():
            return WorkerCrashed(f"{_MOST_LOSSES} workers were lost at it; it is left out")
        case error:
            return WorkerCrashed(f"failed without a reason that is known: {type(error).__name__}: {error}"[:300])


@contextmanager
def open_cluster(
    on: str, model: str, *, workers: int, trusts_network: bool = False, patience_seconds: float = _PATIENCE_SECONDS
) -> Iterator[Cluster]:
    """`local` starts as many workers here, each a process with a sandbox; else the address of a scheduler.

    Raises UsageError for an address that may not be used, ClusterLost where nobody answers there.
    """
    with dask.config.set(_SETTINGS):
        if on == LOCAL:
            with _local(workers) as local:
                cluster = Cluster(local.get_client, Sandboxes(model, 1), patience_seconds=_RESTART_SECONDS)
                yield from _closing(cluster)
        else:
            security = _security(on, trusts_network=trusts_network)

            def connect() -> Client:
                return Client(on, timeout=_CONNECT_SECONDS, security=security, set_as_default=False)

            yield from _closing(Cluster(connect, Sandboxes(model), patience_seconds=patience_seconds))


# Of a cluster that is started here; another one has those of whoever started it.
_SETTINGS = {
    "distributed.scheduler.allowed-failures": _MOST_LOSSES,
    # Photos that wait for their turn are not written to a disk.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    # Dask listens for browsers whether it has pages for them or not: it has none.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


def _closing(cluster: Cluster) -> Iterator[Cluster]:
    try:
        yield cluster
    finally:
        cluster.close()


def _local(workers: int) -> LocalCluster:
    """On loopback, and closed to the other users of this computer by certificates that live as long as it does."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=2,  # one reads while the other waits for the sandbox
        host="127.0.0.1",
        protocol="tls://",
        security=Security.temporary(),
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )


def _security(address: str, *, trusts_network: bool) -> Any:
    """Whoever reaches a scheduler runs programs on its workers: so plain TCP is for this computer alone."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
        raise UsageError(f"{address!r} is no scheduler; name one as tcp://HOST:8786 or tls://HOST:8786, or 'local'")
    if parts.scheme == "tls":
        security: Any = Security()
        if not (security.tls_ca_file and security.tls_client_cert):
            raise UsageError(
                "tls:// needs certificates: name them in Dask's own settings (distributed.comm.tls in "
                "~/.config/dask/*.yaml: ca-file, client.cert, client.key)"
            )
        return security
    if not (trusts_network or _is_loopback(parts.hostname)):
        raise UsageError(
            f"{address} is another computer, without encryption: everybody on the way could read your photos, and who "
            "reaches the scheduler can run programs on all workers. Use tls://, or a tunnel (ssh -L), or, on a network "
            "that is closed to everybody else, --trust-network"
        )
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
