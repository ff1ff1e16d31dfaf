"""A team whose owners' vectors lie on an engine's server: what is sent, what is asked, what goes with a withdrawal."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from isthisme.bulk.shelf import ShelvedPhoto, generation_for, photo_id
from isthisme.catalog import Catalog
from isthisme.cli import program
from isthisme.config import Paths, Settings
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.index.milvus_photos import MilvusPhotos
from isthisme.index.milvus_server import MilvusServer
from isthisme.index_choice import HomeIndex
from isthisme.index_files import IndexFiles
from isthisme.indexing.indexer import Indexer
from isthisme.team.consent import ConsentMissing, grant, granted
from isthisme.team.shelved_photos import ShelvedPhotos
from tests.index import milvus_engine
from tests.pictures import drawn, encoded, write_photos
from tests.team.offices import Clock, InThisProcess, Team, team

ENGINE = Engine(Models(None, None))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    with milvus_engine.running(tmp_path_factory.mktemp("engine")) as running:
        yield running


@contextmanager
def sender(folder: Path, server: MilvusServer, owner: str, seeds: range) -> Iterator[tuple[Path, HomeIndex]]:
    """An owner's own home, with photos, whose settings name the server."""
    home = folder / owner
    home.mkdir(mode=0o700)
    write_photos(folder / f"{owner}-photos", seeds)
    chosen = Settings(model="none", index=str(server.address), index_owner=owner)
    (home / "settings.toml").write_text(f'index = "{chosen.index}"\nindex_owner = "{owner}"\n')
    with closing(Catalog(home / "catalog.db")) as catalog:
        catalog.folders.add(folder / f"{owner}-photos")
        Indexer(catalog, InThisProcess(), model=None, under_way=2).refresh()
        paths = Paths(home)
        with closing(HomeIndex(paths, chosen, catalog, IndexFiles(catalog, paths.index))) as index:
            yield home, index


def shelve(shelf: Path, owner: str, *seeds: int) -> list[ShelvedPhoto]:
    made = []
    for seed in seeds:
        data = encoded(drawn(seed))
        described = ENGINE.describe_photo(data)
        digest = seed.to_bytes(32)
        made.append(
            ShelvedPhoto(
                photo_id(owner, digest),
                digest,
                f"{seed}.jpg",
                described.width,
                described.height,
                None,
                int(described.hashes[0]),
                None,
                described.preview,
            )
        )
    generation_for(str(shelf), owner, None).write("unit", made, [])
    return made


def bring(photos: MilvusPhotos, owner: str, rows: list[ShelvedPhoto]) -> None:
    ids, hashes = np.array([row.photo_id for row in rows]), np.array([row.hash for row in rows], np.uint64)
    photos.upsert(owner, 1, ids, hashes, None, [f"unit#{row}" for row in range(len(rows))])


def asked(made: Team, seed: int) -> dict[str, tuple[str, str | None]]:
    lead = made.caller("lead", None)
    found = made.looking.ask(lead, encoded(drawn(seed), quality=70), [], None, deep=False)
    return {each.owner: (each.note.verdict, each.note.reason and each.note.reason.code) for each in found}


def test_without_consent_nothing_is_sent_and_a_withdrawal_leaves_nothing(server: MilvusServer, tmp_path: Path) -> None:
    photos, address = MilvusPhotos(server), str(server.address)
    with sender(tmp_path, server, "dora", range(40, 43)) as (home, index):
        with pytest.raises(ConsentMissing, match="isthisme team consent"):
            index.tell_server()
        assert photos.generations("dora") == {}
        grant(home, address, "eve", "en")  # of somebody else
        with pytest.raises(ConsentMissing):
            index.tell_server()
        assert photos.generations("dora") == {}
        grant(home, address, "dora", "en")
        index.tell_server()
        (number,) = photos.generations("dora")
        assert len(photos.ids("dora", number, 10_000)) == 3
        with sender(tmp_path, server, "eve", range(43, 44)) as (eves, other):
            grant(eves, address, "eve", "en")
            other.tell_server()
        words = ("team", "withdraw", "--server", address, "--owner", "dora")
        ended = CliRunner().invoke(program, words, env={"ISTHISME_HOME": str(home)})
        assert ended.exit_code == 0, ended.output
        assert photos.generations("dora") == {}
        assert len(photos.generations("eve")) == 1
        assert not granted(home, address, "dora")
        with pytest.raises(ConsentMissing):
            index.tell_server()
        assert photos.generations("dora") == {}
        grant(home, address, "dora", "zh")  # a change of mind: all of it is sent anew
        index.tell_server()
        (number,) = photos.generations("dora")
        assert len(photos.ids("dora", number, 10_000)) == 3


def test_owners_on_the_shelf_and_those_who_send_vectors_are_asked_on_the_server(
    server: MilvusServer, tmp_path: Path
) -> None:
    photos, shelf = MilvusPhotos(server), tmp_path / "shelf"
    with team(tmp_path / "team", "anna", "zoe", "carla") as made:
        bring(photos, "anna", shelve(shelf, "anna", 1, 2))
        with sender(tmp_path, server, "zoe", range(3, 5)) as (home, index):
            grant(home, str(server.address), "zoe", "en")
            index.tell_server()
        made.photos_of = ShelvedPhotos(str(shelf), photos, lambda: None)
        vectors_only, nothing = ("undecided", "only_vectors"), ("undecided", "no_photos")
        assert asked(made, 1) == {"anna": ("copy", None), "zoe": ("no_copy", None), "carla": nothing}
        assert asked(made, 3) == {"anna": ("no_copy", None), "zoe": vectors_only, "carla": nothing}
        rita = made.caller("rita", ["anna"])
        (found,) = made.looking.ask(rita, encoded(drawn(3)), [], None, deep=False)
        assert (found.owner, found.note.verdict) == ("anna", "no_copy")
        assert [(each.owner, each.photos) for each in made.looking.states(rita)] == [("anna", 2)]


def test_a_server_that_lacks_photos_of_the_shelf_is_no_no_copy(server: MilvusServer, tmp_path: Path) -> None:
    photos, shelf, clock = MilvusPhotos(server), tmp_path / "shelf", Clock()
    with team(tmp_path / "team", "fay") as made:
        rows = shelve(shelf, "fay", 11, 12)
        bring(photos, "fay", rows[:1])
        made.photos_of = ShelvedPhotos(str(shelf), photos, lambda: None, clock)
        assert asked(made, 12) == {"fay": ("undecided", "index_unavailable")}
        bring(photos, "fay", rows)
        assert asked(made, 12) == {"fay": ("copy", None)}


def test_without_a_server_the_shelf_is_searched_in_memory_and_what_comes_is_noticed(tmp_path: Path) -> None:
    shelf, clock = tmp_path / "shelf", Clock()
    with team(tmp_path / "team", "gil") as made:
        shelve(shelf, "gil", 21)
        made.photos_of = ShelvedPhotos(str(shelf), None, lambda: None, clock)
        assert asked(made, 21) == {"gil": ("copy", None)}
        assert asked(made, 22) == {"gil": ("no_copy", None)}
        shelve(shelf, "gil", 22)  # the same part gains a row
        clock.at += 601
        assert asked(made, 22) == {"gil": ("copy", None)}
        made.photos_of = ShelvedPhotos(str(tmp_path / "empty"), None, lambda: None)
        assert asked(made, 22) == {"gil": ("undecided", "no_photos")}
