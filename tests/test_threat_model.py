"""The threat model names the tests that carry its attacks out: each of them has to be there, and each row has one."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
THREAT_MODEL = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ATTACKERS = [
    "A page",
    "A picture or file",
    "Another user of this computer",
    "Another program of the user",
    "A stolen laptop",
    "A malicious update or dependency",
    "The network and the servers asked",
    "A member of a team",
]


def sections() -> dict[str, str]:
    marks = [*re.finditer(r"^##+ (.+)$", THREAT_MODEL, re.MULTILINE)]
    ends = [mark.start() for mark in marks[1:]] + [len(THREAT_MODEL)]
    return {mark[1]: THREAT_MODEL[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}


def rows(attacker: str) -> list[list[str]]:
    lines = [line for line in sections()[attacker].splitlines() if line.startswith("|")]
    assert len(lines) > 2, attacker
    assert [cell.strip() for cell in lines[0].strip("|").split("|")] == ["attack", "promise", "how it is kept", "tests"]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[2:]]


ROWS = [pytest.param(row, id=f"{attacker}: {row[0]}"[:120]) for attacker in ATTACKERS for row in rows(attacker)]


def test_every_attacker_has_a_table() -> None:
    names = list(sections())
    at = [names.index(attacker) for attacker in ATTACKERS]
    assert all(one < other for one, other in pairwise(at))


@pytest.mark.parametrize("row", ROWS)
def test_a_promise_names_tests_that_are_there(row: list[str]) -> None:
    assert len(row) == 4, row
    _, promise, _, tests = row
    if tests == "—":
        assert promise.startswith("no promise"), "a promise without a test"
        return
    assert not promise.startswith("no promise"), "a test of what is not promised"
    named = re.findall(r'`([^`]+)`(?: "([^"]+)")?', tests)
    assert named
    for place, title in named:
        file, _, function = place.partition("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        if file.endswith(".js"):
            assert title, f"{file}: name the test by its title"
            assert f'"{title}"' in source, title
        else:
            assert function, f"{file}: name the test"
            assert re.search(rf"^\s*(async )?def {re.escape(function)}\(", source, re.MULTILINE), place
