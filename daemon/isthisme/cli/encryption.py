"""`isthisme encryption`: whether what is kept is encrypted, and what opens it."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from isthisme.cli.output import complaints, console, counted

if TYPE_CHECKING:
    from isthisme.config import Paths
    from isthisme.encryption.recovery_key import RecoveryKey

_key_file = click.option(
    "--key-file", type=click.Path(path_type=Path), help="A new file for the key, rather than the system's keyring."
)


@click.group()
def encryption() -> None:
    """Encrypts the index, what was seen, and saved evidence, with a key in this system's keyring.

    It keeps whoever gets hold of the disk from reading them. It keeps nothing from programs that run as you.
    """


@encryption.command()
@_key_file
@click.option("--yes", is_flag=True, help="Ask nothing. The recovery key is shown all the same.")
def on(*, key_file: Path | None, yes: bool) -> None:
    """Encrypts all that is kept, or goes on where that was interrupted. The companion is stopped for it."""
    from isthisme.catalog.connecting import check_installed
    from isthisme.encryption import RECORD_NAME
    from isthisme.encryption.key_places import InFile, system_keyring
    from isthisme.encryption.recovery_key import RecoveryKey
    from isthisme.encryption_switch import encrypt, prepare
    from isthisme.errors import UsageError

    with _alone() as paths:
        if not (paths.home / RECORD_NAME).exists():
            # Whether it can be done at all, before anything is asked.
            check_installed()
            if key_file is None:
                system_keyring()
            else:
                InFile(key_file).check_new()
            recovery = RecoveryKey.new()
            _show(recovery, asks=not yes)
            prepare(paths, recovery, key_file)
        elif key_file is not None:
            raise UsageError(
                "the key of this home lies somewhere already; 'isthisme encryption unlock --key-file FILE' moves it"
            )
        encrypt(paths)
    console.print("All that is kept is encrypted now. Copies that left this folder before, such as backups, are not.")


@encryption.command()
def off() -> None:
    """Writes everything plainly again, then erases the key."""
    from isthisme.encryption_switch import decrypt

    with _alone() as paths:
        _require_record(paths)
        decrypt(paths)
    console.print("Nothing is encrypted any more, and the key is erased.")


@encryption.command()
def status() -> None:
    """Says whether it is on, and where the key lies. Exit code 1 where something is wrong with it."""
    from isthisme.config import Paths, find_home
    from isthisme.doctor import Level, examine_encryption

    is_wrong = False
    for finding in examine_encryption(Paths(find_home())):
        is_wrong |= finding.level is not Level.FINE
        console.print(finding.words, markup=False, highlight=False)
        if finding.way_out is not None:
            console.print(f"    → {finding.way_out}", markup=False, highlight=False)
    if is_wrong:
        raise click.exceptions.Exit(1)


@encryption.command("recovery-key")
@click.option("--yes", is_flag=True, help="Ask nothing.")
def recovery_key(*, yes: bool) -> None:
    """Shows a new recovery key. The one before opens nothing any more."""
    from isthisme.encryption.encrypted import open_encrypted, wrap_anew
    from isthisme.encryption.recovery_key import RecoveryKey

    with _alone() as paths:
        _require_record(paths)
        vault = open_encrypted(paths.home)
        recovery = RecoveryKey.new()
        _show(recovery, asks=not yes)
        wrap_anew(vault, recovery)
    console.print("The recovery key before this one opens nothing any more.")


@encryption.command()
@_key_file
def unlock(*, key_file: Path | None) -> None:
    """Puts the key back into the keyring, or into a new file, by means of the recovery key, which is asked for."""
    from isthisme.encryption.encrypted import put_back
    from isthisme.encryption.recovery_key import RecoveryKey

    with _alone() as paths:
        _require_record(paths)
        typed = click.prompt("The recovery key") if sys.stdin.isatty() else sys.stdin.readline()
        where = put_back(paths.home, RecoveryKey.read(typed), key_file)
    console.print(f"The key is back in {where}.", markup=False, highlight=False)


@encryption.command()
@click.argument("files", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="A folder outside the home.")
def export(*, files: tuple[Path, ...], target: Path) -> None:
    """Writes encrypted evidence, letters or lists as plain files, to hand them on. FILE may be a folder of them."""
    from isthisme.errors import UsageError
    from isthisme.new_files import in_words, write_new
    from isthisme.wiring import open_home

    written = 0
    with open_home() as home:
        if home.vault.seals(target / "file"):
            raise UsageError(f"{target} lies in the encrypted folder itself; name one outside it with --to")
        for named in files:
            for path in sorted(named.rglob("*")) if named.is_dir() else [named]:
                if not path.is_file():
                    continue
                below = path.relative_to(named.parent)
                with in_words(target):
                    (target / below).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with home.vault.open(path) as stream:
                    plain = stream.read()
                home.catalog.journal.note("exported", {"sha256": hashlib.sha256(plain).hexdigest()})
                console.print(str(write_new(target / below, plain, may_number=True)), markup=False, highlight=False)
                written += 1
    complaints.print(f"{counted(written, 'file')} written, and not encrypted there.")


@contextmanager
def _alone() -> "Iterator[Paths]":
    """The home folder, with no program of ours at work in it. Raises Busy where one does not stop."""
    from isthisme.cli.running_daemon import has_stopped
    from isthisme.config import Paths, find_home
    from isthisme.errors import Busy
    from isthisme.repair import alone

    paths = Paths(find_home())
    if not has_stopped(paths.home):
        raise Busy("the companion does not stop; close your browsers and try again")
    with alone(paths.home):
        yield paths


def _require_record(paths: "Paths") -> None:
    from isthisme.encryption import RECORD_NAME
    from isthisme.errors import UsageError

    if not (paths.home / RECORD_NAME).exists():
        raise UsageError("nothing is encrypted here; 'isthisme encryption on' changes that")


def _show(recovery: "RecoveryKey", *, asks: bool) -> None:
    console.print("Your recovery key. Write it down, on paper, and keep it where the computer is not:\n")
    console.print(f"    {recovery}\n", markup=False, highlight=False)
    console.print(
        "It opens what is kept when this system's keyring is lost: with a new system, a forgotten password, a broken "
        "disk of which you have a backup. Without keyring and recovery key all of it is lost; nobody can help then."
    )
    while asks:
        typed = click.prompt("Type its last group, to show that you wrote it down")
        if typed.strip().upper() == recovery.groups[-1]:
            return
        complaints.print("That is another one; look again.")
