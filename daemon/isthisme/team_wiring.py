"""Opens a team's folder, for its administrator and for its daemon."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from isthisme.config import EMBEDDED, Paths, Settings, find_home, read_settings
from isthisme.index_choice import chosen_photos
from isthisme.scale_extra import scale_extra
from isthisme.server.threads import Threads
from isthisme.team.administering import Administering
from isthisme.team.asking import Asker
from isthisme.team.daemon import TeamDaemon
from isthisme.team.door import Door
from isthisme.team.handlers import TeamHandlers
from isthisme.team.homes import TeamHome, open_catalog
from isthisme.team.looking import Looking
from isthisme.team.messages import MOST_OWNERS
from isthisme.team.photos import PhotosOf, photos_in_home
from isthisme.team.reviewing import Reviewing
from isthisme.workers import Priority, WorkerEngine, WorkerPool


def make_team() -> Paths:
    """Makes the home folder a team's. Raises UsageError where it is somebody's own."""
    paths = Paths(find_home())
    with closing(open_catalog(paths)) as catalog:
        TeamHome.make(paths.home, catalog)
    return paths


@contextmanager
def open_team() -> Iterator[Door]:
    """For who has the folder itself. Raises UsageError where it is no team's."""
    paths = Paths(find_home())
    with (
        closing(open_catalog(paths)) as catalog,
        closing(TeamHome(paths.home, catalog)) as home,
    ):
        yield Door(home)


def serve_team(listener: socket.socket, shelf: str | None, is_in_place: Callable[[], bool]) -> None:
    """Answers on the socket until it is told to stop, or is in its place no longer."""
    paths = Paths(find_home())
    settings = read_settings(paths.settings)
    workers = settings.worker_count
    with (
        closing(open_catalog(paths)) as catalog,
        closing(WorkerPool(settings.model, workers)) as pool,
        closing(Threads(workers)) as threads,
    ):
        engine = WorkerEngine(pool, Priority.ASKED)
        with closing(TeamHome(paths.home, catalog, engine.model)) as home:
            home.sweep()
            door = Door(home)
            handlers = TeamHandlers(
                door,
                Looking(door, Asker(engine, engine, photos_of(settings, shelf, engine.model)), most_owners=MOST_OWNERS),
                Reviewing(door),
                Administering(door),
                threads,
            )
            asyncio.run(TeamDaemon(handlers, listener, is_in_place).run())


def photos_of(settings: Settings, shelf: str | None, model: Callable[[], str | None]) -> PhotosOf:
    """Where the owners' photos are searched. Raises UsageError."""
    if shelf is None and settings.index == EMBEDDED:
        return photos_in_home
    with scale_extra():
        from isthisme.team.shelved_photos import ShelvedPhotos
    return ShelvedPhotos(shelf, None if settings.index == EMBEDDED else chosen_photos(settings), model)
