"""A token for one owner learns nothing about another: no answer, no count, no number, and not whether there is one."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from isthisme.catalog.generations import IndexMark
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import NotFound, Overloaded, TransientError
from isthisme.scanning.found import FoundPicture, read_from_file
from isthisme.team.audit import Caller
from isthisme.team.homes import OwnerHome, TeamHome
from isthisme.team.members import Right
from isthisme.team.photos import OwnersPhotos
from isthisme.team.refusals import NotAllowed, TokenRefused
from tests.pictures import drawn, encoded
from tests.team.offices import DAY, SELF, Team, keep_sighting, team
from tests.test_matcher import Album

ENGINE = Engine(Models(None, None))
ALBUMS = {"anna": Album(ENGINE, [encoded(drawn(1))]), "zoe": Album(ENGINE, [encoded(drawn(2)), encoded(drawn(3))])}


def from_albums(home: OwnerHome) -> OwnersPhotos:
    album = ALBUMS[home.owner]
    return OwnersPhotos(album.index, album, lambda: IndexMark(5, 1, 0))


@contextmanager
def two_owners(folder: Path) -> Iterator[Team]:
    with team(folder, "anna", "zoe") as made:
        made.photos_of = from_albums
        keep_sighting(made.home, "zoe", "https://zoe.example/another")
        yield made


def on_page(data: bytes, page: str) -> FoundPicture:
    return FoundPicture(data, page, page, read_from_file(page))


def every_request(made: Team, caller: Caller, owner: str) -> list[Callable[[], object]]:
    """All that may be asked about an owner."""
    digest = "0" * 64
    return [
        lambda: made.looking.ask(caller, encoded(drawn(2)), [owner], None, deep=False),
        lambda: made.looking.ask(caller, encoded(drawn(2)), ["anna", owner], None, deep=False),
        lambda: made.looking.sightings(caller, owner, limit=5, before=None),
        lambda: made.looking.open(caller, owner, 1),
        lambda: made.reviewing.drafts(caller, owner),
        lambda: made.reviewing.draft(caller, owner, "request", "en", [1], {}),
        lambda: made.reviewing.read(caller, owner, 1),
        lambda: made.reviewing.revise(caller, owner, 1, "s", "t"),
        lambda: made.reviewing.approve(caller, owner, 1, digest),
        lambda: made.reviewing.export(caller, owner, 1),
        lambda: made.administering.invite(caller, "mole", [owner], [Right.ASK], 5),
        lambda: made.administering.invite(caller, "mole", None, [Right.ASK], 5),
    ]


def test_another_owner_and_one_who_is_not_there_are_refused_alike_and_the_log_has_each(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        caller = made.caller("rita", ["anna"])
        drafter = made.caller("saul", ["zoe"])
        made.reviewing.draft(drafter, "zoe", "request", "en", [1], {})
        said: dict[str, list[tuple[type, str, str]]] = {}
        for owner in ("zoe", "nobody"):
            before = len(made.log())
            said[owner] = []
            for tried in every_request(made, caller, owner):
                with pytest.raises(NotAllowed) as refused:
                    tried()
                said[owner].append((type(refused.value), refused.value.code, str(refused.value)))
            entries = made.log()[before:]
            assert [event for event, _ in entries] == ["refused"] * 12
            assert all(detail["member"] == "rita" for _, detail in entries)
            assert [detail.get("owner") for _, detail in entries[:10]] == [owner] * 10
        assert said["zoe"] == said["nobody"]
        assert len(set(said["zoe"])) == 1


def test_refusing_takes_the_same_work_whether_or_not_there_is_such_an_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is looked up at all: what is not done takes no time that could differ."""
    with two_owners(tmp_path / "team") as made:
        caller = made.caller("rita", ["anna"])
        looked_up: list[str] = []

        def spying(name: str) -> Callable[..., Any]:
            original = getattr(TeamHome, name)

            def spy(self: TeamHome, *given: Any) -> Any:
                looked_up.append(f"{name} {given}")
                return original(self, *given)

            return spy

        for name in ("has", "opened", "owners"):
            monkeypatch.setattr(TeamHome, name, spying(name))
        statements: dict[str, list[str]] = {}
        for owner in ("zoe", "nope"):  # of one length
            asked: list[str] = []
            made.home.catalog._connection._database.conn.set_trace_callback(asked.append)
            for tried in every_request(made, caller, owner):
                with pytest.raises(NotAllowed):
                    tried()
            made.home.catalog._connection._database.conn.set_trace_callback(None)
            statements[owner] = [each.split("values")[0] for each in asked]
        assert looked_up == []
        assert statements["zoe"] == statements["nope"]
        assert statements["zoe"]


def test_answers_are_of_the_tokens_owners_alone(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        rita, saul, lead = (
            made.caller("rita", ["anna"]),
            made.caller("saul", ["zoe"]),
            made.caller("lead", None),
        )
        of_zoe = encoded(drawn(2), quality=70)
        asked = {
            caller.name: {
                each.owner: (each.note.verdict, each.note.index_generation)
                for each in made.looking.ask(caller, of_zoe, [], None, deep=False)
            }
            for caller in (rita, saul, lead)
        }
        assert asked["rita"] == {"anna": ("no_copy", 5)}
        assert asked["saul"] == {"zoe": ("copy", 5)}
        assert asked["lead"] == {"anna": ("no_copy", 5), "zoe": ("copy", 5)}


def test_no_number_or_count_tells_of_others(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        rita, saul = made.caller("rita", ["anna"]), made.caller("saul", ["zoe"])
        for _ in range(5):
            made.reviewing.draft(saul, "zoe", "request", "en", [1], {})
            made.looking.ask(saul, encoded(drawn(2)), ["zoe"], on_page(encoded(drawn(2)), "https://b/"), deep=False)
        picture = encoded(drawn(1), quality=70)
        (answer,) = made.looking.ask(rita, picture, [], on_page(picture, "https://a.example/"), deep=False)
        assert (answer.note.verdict, answer.sighting_id) == ("copy", 2)  # after the one that anna had
        assert made.reviewing.draft(rita, "anna", "request", "en", [1], {})[0].number == 1
        (state,) = made.looking.states(rita)
        assert (state.owner, state.sightings) == ("anna", 2)
        shown = [each["page_address"] for each in made.looking.sightings(rita, "anna", limit=9, before=None)]
        assert shown == ["https://a.example/", "https://anna.example/stolen"]
        with pytest.raises(NotFound):
            made.looking.open(rita, "anna", 3)
        fields, jpeg = made.looking.open(rita, "anna", 1)
        assert (fields["page_address"], jpeg) == ("https://anna.example/stolen", b"jpeg")


def test_an_administrator_of_one_owner_sees_and_gives_nothing_beyond(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        admin = made.caller("admin", ["anna"], Right.ADMINISTER, Right.ASK)
        both = made.caller("both", ["anna", "zoe"])
        saul = made.caller("saul", ["zoe"])
        made.looking.sightings(saul, "zoe", limit=1, before=None)
        made.looking.ask(both, encoded(drawn(9)), [], None, deep=False)
        assert {each.member for each in made.administering.members(admin)} == {"admin"}
        log = json.dumps([entry.detail for entry in made.administering.log(admin, after=0, most=1_000)])
        assert "anna" in log
        assert not any(name in log for name in ("zoe", "saul", "both"))
        for rights, owners in (([Right.SEE], ["anna"]), ([Right.ASK], ["anna", "zoe"]), ([Right.ASK], None)):
            with pytest.raises(NotAllowed):
                made.administering.invite(admin, "mole", owners, rights, 5)
        _, given = made.administering.invite(admin, "helper", ["anna"], [Right.ASK], 5)
        assert given.invited_by == "admin"
        assert made.administering.revoke(admin, "saul", None) == []
        assert made.administering.revoke(admin, "both", None) == []
        assert len(made.administering.revoke(admin, "helper", None)) == 1
        for tried in (made.administering.members, lambda who: made.administering.revoke(who, "admin", None)):
            with pytest.raises(NotAllowed):
                tried(made.caller("asker", ["anna"], Right.ASK))


def test_tokens_that_do_not_hold_are_refused_in_the_same_words_and_the_log_says_why(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        revoked, expired = made.token("rita", ["anna"]), made.token("saul", ["anna"], days=1)
        made.administering.revoke(SELF, "rita", None)
        made.clock.at += DAY
        words = set()
        for token in (revoked, expired, "nonsense"):
            with pytest.raises(TokenRefused) as refused:
                made.door.admit(token, 1_000)
            words.add(str(refused.value))
        assert len(words) == 1
        told = [(detail["why"], detail["of"], detail["account"]) for event, detail in made.log() if event == "refused"]
        assert told == [("revoked", "rita", 1_000), ("expired", "saul", 1_000), ("no such token", "", 1_000)]
        assert revoked not in json.dumps(made.log())


def test_an_owner_who_was_removed_leaves_no_right_and_nothing_behind_for_the_next_of_that_name(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        rita, lead = made.caller("rita", ["anna"]), made.caller("lead", ["anna", "zoe"])
        token = made.token("tom", ["anna"])
        made.reviewing.draft(rita, "anna", "request", "en", [1], {})
        made.administering.remove_owner(SELF, "anna")
        assert not (tmp_path / "team" / "owners" / "anna").exists()
        for tried in every_request(made, lead, "anna")[:10]:
            with pytest.raises(NotAllowed):
                tried()
        made.administering.add_owner(SELF, "anna")
        with pytest.raises(TokenRefused):
            made.door.admit(token, 1_000)
        fresh = made.caller("rita", ["anna"])
        assert made.looking.sightings(fresh, "anna", limit=9, before=None) == []
        assert made.reviewing.drafts(fresh, "anna") == []
        assert ("owner_removed", "anna") in [(event, detail.get("owner")) for event, detail in made.log()]


def test_a_removal_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        made.home.forget("anna")  # and killed before its folder went
        assert (tmp_path / "team" / "owners" / "anna" / "catalog.db").exists()
        made.administering.add_owner(SELF, "anna")
        with made.home.opened("anna") as home:
            assert home.catalog.sightings.count() == 0


def test_too_many_owners_at_once_are_refused(tmp_path: Path) -> None:
    with two_owners(tmp_path / "team") as made:
        made.most_owners = 1
        with pytest.raises(Overloaded):
            made.looking.ask(made.caller("lead", None), encoded(drawn(1)), [], None, deep=False)


def test_photos_of_which_only_vectors_are_here_are_no_no_copy(tmp_path: Path) -> None:
    class Nothing:
        def previews(self, _photo_ids: object) -> dict[int, Any]:
            return {}

        def photo_with_content(self, _sha256: bytes) -> None:
            return None

    with two_owners(tmp_path / "team") as made:
        made.photos_of = lambda home: OwnersPhotos(ALBUMS[home.owner].index, Nothing(), lambda: IndexMark(5, 1, 0))
        lead = made.caller("lead", None)
        for page in (None, on_page(encoded(drawn(2), quality=70), "https://x.example/")):
            found = made.looking.ask(lead, encoded(drawn(2), quality=70), [], page, deep=False)
            told = {each.owner: (each.note.verdict, each.note.reason and each.note.reason.code) for each in found}
            assert told == {"anna": ("no_copy", None), "zoe": ("undecided", "only_vectors")}
            assert [each.sighting_id for each in found] == [None, None]


def test_an_index_that_does_not_answer_leaves_its_owner_undecided(tmp_path: Path) -> None:
    def of(home: OwnerHome) -> OwnersPhotos:
        if home.owner == "anna":
            raise TransientError("the engine does not answer")
        return from_albums(home)

    with two_owners(tmp_path / "team") as made:
        made.photos_of = of
        found = made.looking.ask(made.caller("lead", None), encoded(drawn(2)), [], None, deep=False)
        assert [(each.owner, each.note.verdict) for each in found] == [("anna", "undecided"), ("zoe", "copy")]
