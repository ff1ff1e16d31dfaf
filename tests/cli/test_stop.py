"""The companion is ended by a plain word, which says what starts it again."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from isthisme.cli import program
from isthisme_host.connect import daemon_lock
from tests.companion import running_daemon


def stop(home: Path) -> Result:
    # Whatever starts at login is that of this made-up user.
    user = {"HOME": str(home.parent), "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None}
    return CliRunner().invoke(program, ["stop"], env={**user, "ISTHISME_HOME": str(home)})


@pytest.mark.slow
def test_the_companion_ends_and_what_starts_it_again_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    with running_daemon(home) as process:
        done = stop(home)
        assert done.exit_code == 0, done.output
        assert process.wait(60) == 0
    assert "The companion has stopped." in done.output
    assert "A browser with the extension starts it again" in done.output
    assert "autostart off" not in done.output
    entry = tmp_path / ".config/autostart/isthisme.desktop"
    entry.parent.mkdir(parents=True)
    entry.write_text("[Desktop Entry]\n")
    again = stop(home)
    assert again.exit_code == 0
    assert "No companion runs." in again.output
    assert "autostart off" in again.output


def test_another_command_that_works_in_the_home_folder_is_not_ended(tmp_path: Path) -> None:
    with daemon_lock(tmp_path / "home"):  # of this very process
        done = stop(tmp_path / "home")
    assert done.exit_code == 0
    assert "No companion runs." in done.output
