"""Every command says what it does, and starts at once."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from isthisme.cli import program

COMMANDS = (
    (),
    ("setup",),
    ("folders",),
    ("folders", "add"),
    ("folders", "remove"),
    ("folders", "exclude"),
    ("folders", "include"),
    ("folders", "list"),
    ("index",),
    ("rebuild",),
    ("check",),
    ("scan",),
    ("recheck",),
    ("status",),
    ("daemon",),
    ("browsers",),
    ("browsers", "install"),
    ("browsers", "uninstall"),
    ("browsers", "list"),
    ("autostart",),
    ("autostart", "on"),
    ("autostart", "off"),
    ("autostart", "status"),
    ("stop",),
    ("uninstall",),
    ("sightings",),
    ("sightings", "list"),
    ("sightings", "keep"),
    ("sightings", "not-me"),
    ("evidence",),
    ("evidence", "save"),
    ("evidence", "list"),
    ("evidence", "verify"),
    ("evidence", "possession"),
    ("evidence", "possession", "prove"),
    ("decisions",),
    ("decisions", "list"),
    ("decisions", "undo"),
    ("places",),
    ("places", "add"),
    ("places", "remove"),
    ("places", "list"),
    ("forget",),
    ("doctor",),
    ("demo",),
    ("team",),
    ("team", "consent"),
    ("team", "consents"),
    ("team", "withdraw"),
    ("team", "new"),
    ("team", "owners"),
    ("team", "owners", "list"),
    ("team", "owners", "add"),
    ("team", "owners", "remove"),
    ("team", "invite"),
    ("team", "revoke"),
    ("team", "members"),
    ("team", "log"),
    ("team", "serve"),
    ("team", "status"),
    ("team", "ask"),
    ("team", "sightings"),
    ("team", "open"),
    ("team", "drafts"),
    ("team", "draft"),
    ("team", "read"),
    ("team", "revise"),
    ("team", "approve"),
    ("team", "export"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(program, [*command, "--help"], prog_name="isthisme")
    assert done.exit_code == 0
    assert f"Usage: {' '.join(('isthisme', *command))}" in done.output
    assert len(done.output.splitlines()) > 3


def test_the_help_lists_every_command_once_under_what_it_is_for() -> None:
    done = CliRunner().invoke(program, ["--help"], prog_name="isthisme")
    listed = [line.split()[0] for line in done.output.splitlines() if line.startswith("  ") and line[2].isalpha()]
    visible = [name for name, command in program.commands.items() if not command.hidden]
    assert [name for name in listed if name in visible] == visible
    assert "Begin:" in done.output


def test_a_misspelt_command_is_told_what_was_perhaps_meant() -> None:
    done = CliRunner().invoke(program, ["foldres"], prog_name="isthisme")
    assert done.exit_code == 2
    assert "folders" in done.output


def test_commands_start_without_loading_the_engine() -> None:
    """`--help` and the daemon that loses the race must be quick: what is heavy is loaded when it is needed."""
    script = (
        "import sys, isthisme.cli\n"
        "heavy = {'cv2', 'onnxruntime', 'aiohttp', 'scipy', 'imagehash', 'sqlite_utils'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
