"""A team whose owners' vectors lie on an engine's server: what is sent, what is asked, what goes with a withdrawal."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from click.testing import CliRunner, Result

from isthisme.bulk.shelf import ShelvedPhoto, generation_for, photo_id
from isthisme.catalog import Catalog
from isthisme.cli import program
from isthisme.config import Paths, Settings
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import Busy, IndexServerUnusable, IndexUnavailable
from isthisme.index.milvus_photos import MilvusPhotos
from isthisme.index.milvus_server import MilvusServer, Patience
from isthisme.index_choice import HomeIndex
from isthisme.index_files import IndexFiles
from isthisme.indexing.indexer import Indexer
from isthisme.team.consent import ConsentMissing, consented, consents, grant, granted, nobody_sends, withdraw
from isthisme.team.shelved_photos import ShelvedPhotos
from isthisme.team.withdrawing import delete_vectors
from isthisme.vector_push import VectorPush
from tests.index import milvus_engine
from tests.index.test_milvus_server import StandIn, nobody, served
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
        ended = isthisme(home, *words)
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


class Deleting(MilvusPhotos):
    """Says when it is told to delete."""

    def __init__(self, server: MilvusServer) -> None:
        super().__init__(server)
        self.has_begun = threading.Event()

    def drop_other_generations(self, owner: str, kept: Sequence[int]) -> None:
        self.has_begun.set()
        super().drop_other_generations(owner, kept)


class Sending(MilvusPhotos):
    """Whose owner withdraws, in another program, while the first batch is on its way."""

    def __init__(self, server: MilvusServer, withdrawal: threading.Thread, deleting: Deleting) -> None:
        super().__init__(server)
        self._withdrawal = withdrawal
        self._deleting = deleting

    def upsert(self, *given: Any, **named: Any) -> None:
        self._withdrawal.start()
        assert not self._deleting.has_begun.wait(2.0), "what is on its way would come after it was deleted"
        super().upsert(*given, **named)


def isthisme(home: Path, *words: str) -> Result:
    return CliRunner().invoke(program, words, env={"ISTHISME_HOME": str(home)})


def test_a_batch_that_is_on_its_way_while_its_owner_withdraws_is_deleted_too(
    server: MilvusServer, tmp_path: Path
) -> None:
    address = str(server.address)
    with sender(tmp_path, server, "fred", range(44, 50)) as (home, index):
        assert index.server is not None
        grant(home, address, "fred", "en")
        photos = Deleting(server)

        def take_back() -> None:
            with closing(Catalog(home / "catalog.db")) as catalog:
                withdraw(home, address, "fred", lambda: delete_vectors(home, photos, catalog, "fred"))

        other = threading.Thread(target=take_back)
        with closing(Catalog(home / "catalog.db")) as catalog:
            sending = Sending(server, other, photos)
            push = VectorPush(catalog, sending, "fred", index.server.consented, rows_at_once=3)
            with pytest.raises(ConsentMissing):
                push.settle()
        other.join()
        assert photos.has_begun.is_set()
        assert photos.generations("fred") == {}
        assert not consents(home)[0].is_being_withdrawn
        grant(home, address, "fred", "en")
        index.tell_server()  # nothing of it was noted as sent
        (number,) = photos.generations("fred")
        assert len(photos.ids("fred", number, 10_000)) == 6


def test_where_a_sender_does_not_come_to_an_end_a_withdrawal_says_so(tmp_path: Path) -> None:
    address = "milvus+https://vectors.example:19530"
    grant(tmp_path, address, "fred", "en")
    with (
        consented(tmp_path, address, "fred"),
        pytest.raises(Busy, match="still sending"),
        nobody_sends(tmp_path, seconds=0.1),
    ):
        pass
    with nobody_sends(tmp_path):
        pass


def test_a_withdrawal_from_a_server_that_is_gone_fails_soon(tmp_path: Path) -> None:
    patience = Patience(question=0.3, change=3_600.0, attempt=0.2, after_failure=0.0)
    with (
        closing(Catalog(tmp_path / "catalog.db")) as catalog,
        closing(nobody(patience)) as gone,
        pytest.raises(IndexUnavailable, match="does not answer"),
    ):
        delete_vectors(tmp_path, MilvusPhotos(gone), catalog, "fred")  # waits for no change, which would take an hour


def test_a_withdrawal_whose_deletion_fails_says_what_holds_and_how_to_finish(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with served(StandIn("v2.6.0", refusal=grpc.StatusCode.UNAUTHENTICATED)) as refusing:
        grant(home, str(refusing.address), "fred", "en")
        ended = isthisme(home, "team", "withdraw", "--server", str(refusing.address), "--owner", "fred")
    assert isinstance(ended.exception, IndexServerUnusable)
    words = str(ended.exception)
    assert words.startswith("withdrawn: nothing more is sent.")
    assert "does not let us in" in words
    assert "once more has them deleted" in words
    assert consents(home)[0].is_being_withdrawn


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
