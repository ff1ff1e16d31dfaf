"""Tokens: random, scoped, ending; kept as hashes alone."""

import hmac
from contextlib import closing
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.errors import UsageError
from isthisme.team import members as members_module
from isthisme.team.members import Grant, Members, Right, Unknown
from tests.team.offices import DAY, Clock, team


def test_a_token_is_long_random_and_nowhere_on_the_disk(tmp_path: Path) -> None:
    with team(tmp_path / "team", "anna") as made:
        tokens = {made.token("rita", ["anna"]) for _ in range(20)}
        assert len(tokens) == 20
        assert min(map(len, tokens)) >= 43  # 256 bits in base 64
    kept = b"".join(path.read_bytes() for path in (tmp_path / "team").iterdir() if path.is_file())
    assert not any(token.encode() in kept for token in tokens)
    assert b"rita" in kept


def test_a_token_holds_for_its_owners_and_rights_until_its_end(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        clock = Clock()
        members = Members(catalog.records, clock)
        token, made = members.invite("rita", ["anna"], [Right.ASK], days=2)
        assert members.of_token(token) == made
        assert made.may(Right.ASK, "anna")
        assert not made.may(Right.SEE, "anna")
        assert not made.may(Right.ASK, "zoe")
        clock.at += 2 * DAY - 1
        assert isinstance(members.of_token(token), Grant)
        clock.at += 1
        assert members.of_token(token) == Unknown("expired", "rita", made.number)
        clock.at -= 10 * DAY  # a clock that was set back brings no token into force
        assert isinstance(members.of_token(token), Unknown)


def test_a_revoked_token_does_not_hold_and_the_others_do(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        members = Members(catalog.records, Clock())
        first, one = members.invite("rita", ["anna"], [Right.ASK], days=9)
        second, _ = members.invite("rita", ["anna"], [Right.ASK], days=9)
        third, _ = members.invite("saul", ["anna"], [Right.ASK], days=9)
        members.revoke("rita", number=one.number, by=None)
        assert isinstance(members.of_token(first), Unknown)
        assert isinstance(members.of_token(second), Grant)
        members.revoke("rita", number=None, by=None)
        assert isinstance(members.of_token(second), Unknown)
        assert isinstance(members.of_token(third), Grant)
        assert members.revoke("rita", number=None, by=None) == []


@pytest.mark.parametrize("token", ["", "x", "ü" * 43, "\ud800", "a" * 200])
def test_what_is_no_token_lets_nobody_in(tmp_path: Path, token: str) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        members = Members(catalog.records)
        members.invite("rita", ["anna"], [Right.ASK], days=9)
        assert members.of_token(token) == Unknown("no such token")


def test_every_token_is_compared_in_constant_time_whichever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        members = Members(catalog.records, Clock())
        tokens = [members.invite("rita", ["anna"], [Right.ASK], days=9)[0] for _ in range(5)]
        compared: list[tuple[str, str]] = []
        compare = hmac.compare_digest

        def counting(one: str, other: str) -> bool:
            compared.append((one, other))
            return compare(one, other)

        monkeypatch.setattr(members_module.hmac, "compare_digest", counting)
        for token in (*tokens, "unknown"):
            compared.clear()
            members.of_token(token)
            assert len(compared) == 5


@pytest.mark.parametrize(
    ("member", "owners", "rights", "days"),
    [
        ("Rita", ["anna"], [Right.ASK], 9),
        ("", ["anna"], [Right.ASK], 9),
        ("rita", [], [Right.ASK], 9),
        ("rita", ["../anna"], [Right.ASK], 9),
        ("rita", ["anna"], [], 9),
        ("rita", ["anna"], [Right.ASK], 0),
        ("rita", ["anna"], [Right.ASK], 367),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    tmp_path: Path, member: str, owners: list[str], rights: list[Right], days: int
) -> None:
    with closing(Catalog(tmp_path / "c.db")) as catalog:
        members = Members(catalog.records)
        with pytest.raises(UsageError):
            members.invite(member, owners, rights, days=days)
        assert members.all() == []


def test_what_a_token_covers_is_never_more_than_itself() -> None:
    grant = Grant("1", "rita", frozenset({"anna", "zoe"}), frozenset({Right.ASK, Right.ADMINISTER}), 0, 1, "")
    assert grant.covers([Right.ASK], ["anna"])
    assert not grant.covers([Right.SEE], ["anna"])
    assert not grant.covers([Right.ASK], ["anna", "carla"])
    assert not grant.covers([Right.ASK], None)
