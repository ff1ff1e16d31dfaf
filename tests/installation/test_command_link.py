"""A terminal finds the command of a clone, and nobody's else is touched."""

from pathlib import Path

import pytest

from isthisme.installation.command_link import link_command, unlink_command
from isthisme.installation.surroundings import Surroundings


@pytest.fixture
def user(tmp_path: Path) -> Surroundings:
    """Somebody with a clone; `~/.local/bin` is on the PATH."""
    scripts = tmp_path / "clone" / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "isthisme").write_text("#!/bin/sh\n")
    (scripts / "isthisme").chmod(0o755)
    (tmp_path / "user").mkdir()
    return Surroundings(
        user_home=tmp_path / "user",
        platform="linux",
        environment={"PATH": str(tmp_path / "user/.local/bin")},
        scripts=scripts,
    )


def clone_of(user: Surroundings) -> Path:
    return user.scripts.parents[1]


def test_it_is_found_by_its_name_and_leaves_nothing(user: Surroundings) -> None:
    for _ in range(2):
        state = link_command(user, clone_of(user))
        assert state is not None
        assert state.is_found
    assert (user.user_home / ".local/bin/isthisme").readlink() == state.program == user.scripts / "isthisme"
    unlink_command(user, clone_of(user))
    assert list(user.user_home.iterdir()) == []


def test_a_program_of_somebody_else_with_that_name_stays(user: Surroundings) -> None:
    other = user.user_home / ".local/bin/isthisme"
    other.parent.mkdir(parents=True)
    other.write_text("theirs")
    state = link_command(user, clone_of(user))
    assert state is not None
    assert not state.is_found
    unlink_command(user, clone_of(user))
    assert other.read_text() == "theirs"


def test_the_link_follows_a_clone_that_was_moved(user: Surroundings, tmp_path: Path) -> None:
    link = user.user_home / ".local/bin/isthisme"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "where it was" / "isthisme")
    state = link_command(user, clone_of(user))
    assert state is not None
    assert state.is_found
    assert link.readlink() == state.program


def test_on_windows_there_is_nothing_to_link(user: Surroundings) -> None:
    windows = Surroundings(user.user_home, "win32", user.environment, scripts=user.scripts)
    assert link_command(windows, clone_of(user)) is None
    assert list(user.user_home.iterdir()) == []
