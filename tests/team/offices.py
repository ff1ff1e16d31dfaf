"""A team on one disk: owners with photos, members with tokens."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.catalog.sightings import SeenPicture
from isthisme.config import Paths
from isthisme.domain import PhotoDescription
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.team.administering import Administering
from isthisme.team.asking import Asker
from isthisme.team.audit import Caller
from isthisme.team.door import Door
from isthisme.team.homes import TeamHome
from isthisme.team.looking import Looking
from isthisme.team.members import Right
from isthisme.team.photos import PhotosOf, photos_in_home
from isthisme.team.reviewing import Reviewing

SELF = Caller(None, 0)  # who has the folder itself
ANSWER = '{"verdict":"copy","score":1,"reason":null,"matches":[],"width":1,"height":1,"index_generation":1}'
DAY = 86_400.0


@dataclass(slots=True)
class Clock:
    """A wall clock that is set by hand."""

    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass(slots=True)
class Team:
    home: TeamHome
    clock: Clock = field(default_factory=Clock)
    photos_of: PhotosOf = photos_in_home
    most_owners: int = 100

    @property
    def door(self) -> Door:
        return Door(self.home, self.clock)

    @property
    def looking(self) -> Looking:
        engine = Engine(Models(None, None))
        return Looking(self.door, Asker(engine, engine, self.photos_of), most_owners=self.most_owners)

    @property
    def reviewing(self) -> Reviewing:
        return Reviewing(self.door)

    @property
    def administering(self) -> Administering:
        return Administering(self.door)

    def token(self, member: str, owners: list[str] | None, *rights: Right, days: int = 90) -> str:
        return self.administering.invite(SELF, member, owners, rights or tuple(Right), days)[0]

    def caller(self, member: str, owners: list[str] | None, *rights: Right) -> Caller:
        return self.door.admit(self.token(member, owners, *rights), 1_000)

    def log(self) -> list[tuple[str, dict[str, object]]]:
        return [(entry.event.removeprefix("team_"), entry.detail) for entry in self.door.audit.entries()]


class InThisProcess:
    """Describes photos as a worker without a model does."""

    def __init__(self) -> None:
        self._engine = Engine(Models(None, None))

    def begin_describing(self, data: bytes) -> "Future[PhotoDescription]":
        described: Future[PhotoDescription] = Future()
        described.set_result(self._engine.describe_photo(data))
        return described


@contextmanager
def team(folder: Path, *owners: str) -> Iterator[Team]:
    """With owners who have one sighting each."""
    folder.mkdir(mode=0o700, exist_ok=True)
    catalog = Catalog(Paths(folder).catalog)
    TeamHome.make(folder, catalog)
    home = TeamHome(folder, catalog)
    made = Team(home)
    try:
        for owner in owners:
            made.administering.add_owner(SELF, owner)
            keep_sighting(home, owner, f"https://{owner}.example/stolen")
        yield made
    finally:
        home.close()
        catalog.close()


def keep_sighting(home: TeamHome, owner: str, page: str) -> int:
    with home.opened(owner) as opened:
        seen = SeenPicture(page, "A title", "p", page.encode(), b"jpeg", 1, 1, ANSWER)
        return opened.catalog.sightings.keep(seen)


def nothing_of(text: object, *words: str) -> bool:
    return not any(word in str(text) for word in words)
