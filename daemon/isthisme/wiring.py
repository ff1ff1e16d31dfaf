"""Builds everything, and closes it in reverse."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass

from isthisme.acquire.fetch import Fetcher
from isthisme.acquire.system_proxy import this_system
from isthisme.catalog import Catalog
from isthisme.catalog.facts import Progress
from isthisme.config import Paths, Settings, find_home, read_settings
from isthisme.encryption import PLAIN, Vault, open_vault
from isthisme.errors import IndexFileUnusable, UsageError
from isthisme.index_choice import HomeIndex
from isthisme.index_files import IndexFiles
from isthisme.indexing.indexer import Indexer
from isthisme.indexing.lock import indexing_lock
from isthisme.indexing.machine import Machine
from isthisme.indexing.priority import give_way, give_way_as_session, idle_disk
from isthisme.indexing.restraint import Restraint
from isthisme.matcher import Matcher
from isthisme.scanning.judging import Judge
from isthisme.server.checking import Checker
from isthisme.server.daemon import Daemon
from isthisme.server.evidence_handlers import EvidenceHandlers
from isthisme.server.evidence_saving import Evidence
from isthisme.server.folder_window import FolderWindow
from isthisme.server.handlers import Handlers
from isthisme.server.index_keeper import IndexKeeper
from isthisme.server.index_upkeep import IndexUpkeep
from isthisme.server.known_descriptions import RememberingDescriber
from isthisme.server.recheck_schedule import RecheckSchedule
from isthisme.server.rechecking import Rechecker
from isthisme.server.row_handlers import RowHandlers
from isthisme.server.stopping import when_told_to_stop
from isthisme.server.threads import Threads
from isthisme.server.tidying import tidy
from isthisme.workers import Priority, WorkerEngine, WorkerPool
from isthisme_host.connect import DaemonLock, listen

_log = logging.getLogger(__name__)

_DAEMON_NICENESS = 5  # what the user does goes before what the daemon does for them


@dataclass(frozen=True, slots=True)
class Home:
    """The home folder, its settings, how its files are kept, and its open catalog."""

    paths: Paths
    settings: Settings
    catalog: Catalog
    index_files: IndexFiles
    index: HomeIndex
    vault: Vault = PLAIN


@contextmanager
def open_home() -> Iterator[Home]:
    paths = Paths(find_home())
    settings = read_settings(paths.settings)
    vault = open_vault(paths.home)
    key = vault.catalog_key(paths.catalog)
    with closing(Catalog(paths.catalog, verdict_days=settings.verdict_days, key=key)) as catalog:
        index_files = IndexFiles(catalog, paths.index, vault)
        with closing(HomeIndex(paths, settings, catalog, index_files)) as index:
            yield Home(paths, settings, catalog, index_files, index, vault)


@contextmanager
def indexing(
    home: Home, report: Callable[[Progress], None], stop: threading.Event, *, gently: bool
) -> Iterator[Indexer]:
    """An indexer of this process's own. Raises Busy when another process is indexing."""
    with indexing_lock(home.paths.indexing_lock):
        if gently:
            give_way()
        with closing(WorkerPool(home.settings.model, home.settings.worker_count)) as pool:
            yield _indexer(home, pool, stop, report=report, restraint=_restraint(home, pool) if gently else None)
    try:
        home.index_files.settle()
    except IndexFileUnusable as error:  # the index is as complete without them
        _log.warning("%s", error)
    untold = home.index.untold()
    if untold is not None:
        _log.warning("the index's server lacks what is new: %s", untold)


@dataclass(frozen=True, slots=True)
class Checking:
    """What answers questions about single pictures, without a daemon."""

    matcher: Matcher
    under_way: int  # questions worth asking at once


@contextmanager
def checking(home: Home) -> Iterator[Checking]:
    workers = home.settings.worker_count
    with closing(WorkerPool(home.settings.model, workers)) as pool:
        engine = WorkerEngine(pool, Priority.ASKED)
        live_index = home.index.current(engine.model)
        yield Checking(Matcher(engine, home.catalog.photos, live_index), workers + 1)


@dataclass(frozen=True, slots=True)
class Scanning:
    """What looks through many pictures, without a daemon."""

    judge: Judge
    page_reader: WorkerEngine
    under_way: int  # pictures worth judging at once


@contextmanager
def scanning(home: Home, *, deep: bool) -> Iterator[Scanning]:
    """Raises UsageError where no photo is indexed yet."""
    workers = home.settings.worker_count
    with closing(WorkerPool(home.settings.model, workers)) as pool:
        engine = WorkerEngine(pool, Priority.ASKED)
        live_index = home.index.current(engine.model)
        if not live_index.mark().newest_description:
            raise UsageError("no photos of yours are indexed yet; 'isthisme setup' or 'isthisme index' does that")
        matcher = Matcher(engine, home.catalog.photos, live_index)
        judge = Judge(home.catalog, matcher, engine, live_index.mark, deep=deep)
        yield Scanning(judge, engine, workers + 1)


@contextmanager
def evidence_of(home: Home) -> Iterator[Evidence]:
    """Saves and checks evidence in this process, without a daemon. Workers start when something is to be drawn."""
    with closing(WorkerPool(home.settings.model, 1)) as pool:
        yield Evidence(home.catalog, home.paths, home.settings, WorkerEngine(pool, Priority.ASKED), home.vault)


@asynccontextmanager
async def rechecking(home: Home) -> AsyncIterator[Rechecker]:
    """What looks whether pictures are still there, without a daemon."""
    workers = home.settings.worker_count
    with closing(WorkerPool(home.settings.model, workers)) as pool, closing(Threads(workers)) as threads:
        async with aclosing(Fetcher(max_bytes=home.settings.max_download_megabytes << 20)) as fetcher:
            engine = WorkerEngine(pool, Priority.ASKED)
            live_index = home.index.current(engine.model)
            matcher = Matcher(engine, home.catalog.photos, live_index)
            yield Rechecker(home.catalog, fetcher, matcher, engine, threads, this_system())


def run_daemon(lock: DaemonLock) -> bool:
    """Serves the home folder of a held lock until it is told to stop; True when a newer program is to take over."""
    give_way_as_session(_DAEMON_NICENESS)
    told_to_stop = threading.Event()
    with open_home() as home:
        _log.info("the daemon starts in %s", home.paths.home)
        has_successor = asyncio.run(_serve(home, lock, told_to_stop))
    _log.info("the daemon has stopped")
    return has_successor and not told_to_stop.is_set()  # it may be told while it makes way, which takes a moment


async def _serve(home: Home, lock: DaemonLock, told_to_stop: threading.Event) -> bool:
    workers = home.settings.worker_count
    stopped = asyncio.Event()

    def stop() -> None:
        told_to_stop.set()
        stopped.set()

    when_told_to_stop(stop)  # before anybody can find this daemon: who finds it may end it
    with (
        closing(listen(lock)) as listener,
        closing(Threads(workers)) as threads,
        # Ends before the threads that wait for it, or each of them would see its picture through while the next daemon
        # waits to begin; and after the indexer, which would take a job that is not done for a photo's fault.
        closing(WorkerPool(home.settings.model, workers, niceness=_DAEMON_NICENESS)) as pool,
        closing(_keeper(home, pool)) as keeper,
        closing(IndexUpkeep(home.catalog, home.index_files, home.index.tell_server)) as upkeep,
    ):
        async with aclosing(Fetcher(max_bytes=home.settings.max_download_megabytes << 20)) as fetcher:
            passive, asked = (WorkerEngine(pool, priority) for priority in (Priority.PASSIVE, Priority.ASKED))
            live_index = home.index.current(asked.model)
            asked_matcher = Matcher(asked, home.catalog.photos, live_index)
            proxy = this_system()
            checker = Checker(
                home.catalog,
                live_index,
                fetcher,
                passive=Matcher(RememberingDescriber(passive), home.catalog.photos, live_index),
                private=Matcher(passive, home.catalog.photos, live_index),
                asked=asked_matcher,
                shrinker=asked,
                threads=threads,
            )
            rows = RowHandlers(home.catalog, keeper, home.paths.home, proxy, home.vault)
            saving = Evidence(home.catalog, home.paths, home.settings, asked, home.vault)
            evidence = EvidenceHandlers(saving, threads, FolderWindow())
            rechecker = Rechecker(home.catalog, fetcher, asked_matcher, asked, threads, proxy)
            with idle_disk():
                keeper.start()
                upkeep.start()
            background = [
                asyncio.create_task(RecheckSchedule(home.catalog, rechecker, threads).run()),
                asyncio.create_task(tidy(fetcher.drop_useless)),
            ]
            try:
                handlers = Handlers(checker, rows, evidence, threads, rechecker)
                return await Daemon(handlers, listener, lambda: lock.is_in_place, stopped).run()
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)


def _keeper(home: Home, pool: WorkerPool) -> IndexKeeper:
    restraint = _restraint(home, pool)

    def make_indexer(stop: threading.Event, rest: Callable[[float], bool]) -> Indexer:
        return _indexer(home, pool, stop, restraint=restraint, rest=rest)

    return IndexKeeper(home.catalog, make_indexer, home.paths.indexing_lock, watches=home.settings.watch_folders)


def _restraint(home: Home, pool: WorkerPool) -> Restraint:
    return Restraint(home.settings, Machine(lambda: pool.process_ids), home.catalog.facts)


def _indexer(
    home: Home,
    pool: WorkerPool,
    stop: threading.Event,
    *,
    report: Callable[[Progress], None] = lambda _progress: None,
    restraint: Restraint | None = None,
    rest: Callable[[float], bool] | None = None,
) -> Indexer:
    describer = WorkerEngine(pool, Priority.INDEXING)
    return Indexer(
        home.catalog,
        describer,
        model=describer.model(),
        under_way=2 * pool.count + 2,  # enough that no worker waits for a file to be read
        report=report,
        stop=stop,
        restraint=restraint,
        rest=rest,
    )
