"""Looks for what is wrong with the installation, and says it in plain words with the way out."""

import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum

from isthisme.catalog import Catalog
from isthisme.catalog.connecting import check_installed
from isthisme.config import Paths, Settings
from isthisme.domain import Moment
from isthisme.encryption import RECORD_NAME
from isthisme.encryption_switch import plain_files
from isthisme.errors import (
    CatalogDamaged,
    IndexServerUnusable,
    IndexUnavailable,
    InputError,
    IsThisMeError,
    ModelUnusable,
)
from isthisme.index_choice import IndexServer
from isthisme.index_files import IndexFiles
from isthisme.installation.autostart import AutostartState
from isthisme.installation.browsers import BrowserState
from isthisme.server.problems import LITTLE_SPACE_BYTES
from isthisme.workers import Confinement, Priority, WorkerEngine, WorkerPool
from isthisme_host.ownership import MODES_TELL, is_open_to_others

_REPAIR = "run 'isthisme doctor --repair': it saves what can be read, and keeps the damaged one"


class Level(StrEnum):
    FINE = "fine"
    NOTE = "note"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    words: str
    way_out: str | None = None


def examine(
    paths: Paths,
    settings: Settings,
    catalog: Catalog,
    index_files: IndexFiles,
    index_server: IndexServer | None,
    browsers: list[BrowserState],
    autostart: AutostartState,
    *,
    ask_daemon: Callable[[], dict[str, object] | None],
) -> Iterator[Finding]:
    """Every finding, the fine ones too, in the order in which things depend on each other."""
    yield from _system(sys.platform)
    yield from _home(paths)
    yield from examine_encryption(paths)
    yield _catalog(catalog)
    yield from _journal(catalog)
    model = yield from _model(settings)
    yield from _index(catalog, model)
    yield from _index_files(index_files)
    yield from _index_server(index_server, catalog)
    yield from _folders(catalog)
    yield from _browsers(browsers)
    yield _autostart(autostart)
    yield _daemon(ask_daemon)
    yield from _extension(catalog)


def examine_encryption(paths: Paths) -> Iterator[Finding]:
    """What can be said of it without the catalog."""
    about = "encryption"
    if not (paths.home / RECORD_NAME).exists():
        yield Finding(Level.FINE, about, "off: whoever gets hold of this disk can read what is kept")
        return
    from isthisme.encryption.encrypted import open_encrypted, place_of
    from isthisme.encryption.record import State, read_record

    try:
        record = read_record(paths.home / RECORD_NAME)
        vault = open_encrypted(paths.home)
        check_installed()
    except IsThisMeError as error:
        yield Finding(Level.TROUBLE, about, str(error))
        return
    if record.state is not State.ON:
        way_out = f"run 'isthisme encryption {'on' if record.state is State.TURNING_ON else 'off'}', which goes on"
        yield Finding(
            Level.TROUBLE, about, f"{record.state} was interrupted: some files are encrypted, some not", way_out
        )
        return
    yield Finding(Level.FINE, about, f"on; the key lies in {place_of(record)}")
    plain = plain_files(paths, vault)
    if plain:
        words = f"{len(plain):,} files are not encrypted, for instance {plain[0]}"
        yield Finding(Level.NOTE, about, words, "run 'isthisme encryption on' again")


def examine_locked(paths: Paths) -> Iterator[Finding]:
    """What can be said where the home's key cannot be had."""
    yield from _home(paths)
    yield from examine_encryption(paths)


def examine_damaged(paths: Paths, damage: CatalogDamaged) -> Iterator[Finding]:
    """What can be said without the catalog."""
    yield from _home(paths)
    yield Finding(Level.TROUBLE, "catalog", f"the catalog is damaged: {damage.__cause__ or damage}", _REPAIR)


def _system(platform: str) -> Iterator[Finding]:
    if platform == "win32":
        words = "this program was tried on no real Windows yet, only in tests that make one up"
        way_out = "expect faults, and tell us of them; docs/installing.md says what is missing there"
        yield Finding(Level.NOTE, "Windows", words, way_out)


def _home(paths: Paths) -> Iterator[Finding]:
    about = "home folder"
    if is_open_to_others(paths.home.stat()):
        yield Finding(
            Level.TROUBLE, about, f"{paths.home} is open to other users", f"close it: chmod 700 '{paths.home}'"
        )
    free = shutil.disk_usage(paths.home).free
    if free < LITTLE_SPACE_BYTES:
        words = f"only {free >> 20} MiB are free where {paths.home} lies"
        yield Finding(Level.TROUBLE, about, words, "free some space, or move it with ISTHISME_HOME")
    else:
        whose = "for you alone" if MODES_TELL else "as private as its access list has it"
        yield Finding(Level.FINE, about, f"{paths.home}, {whose}, {free >> 30} GiB free")


def _catalog(catalog: Catalog) -> Finding:
    damage = catalog.damage()
    if damage is not None:
        words = f"the catalog is damaged: {damage}"
        return Finding(Level.TROUBLE, "catalog", words, _REPAIR)
    return Finding(Level.FINE, "catalog", "opens, and is sound")


def _journal(catalog: Catalog) -> Iterator[Finding]:
    broken = catalog.journal.broken_at()
    if broken is not None:
        words = f"entry {broken} is not as it was written, or one before it is missing"
        way_out = "somebody changed the catalog's file; what 'isthisme journal' says of that time proves nothing"
        yield Finding(Level.NOTE, "journal", words, way_out)


def _model(settings: Settings) -> Generator[Finding, None, str | None]:
    """Finds the model's name on the way: a generator's return value."""
    pool = WorkerPool(settings.model, 1)
    try:
        worker = WorkerEngine(pool, Priority.ASKED)
        model, held = worker.model(), worker.confinement()
    except ModelUnusable as error:
        yield Finding(Level.TROUBLE, "descriptor model", str(error), "correct the model line in settings.toml")
        return None
    except IsThisMeError as error:
        yield Finding(
            Level.TROUBLE, "worker processes", str(error), "install anew: remove .venv and run scripts/run again"
        )
        return None
    finally:
        pool.close()
    yield _workers(held)
    if model is None:
        words = "none: only whole pictures and their mirror images are recognised, not crops or collages"
        yield Finding(Level.NOTE, "descriptor model", words, "remove the model line from settings.toml")
    else:
        yield Finding(Level.FINE, "descriptor model", model)
    return model


def _workers(held: Confinement) -> Finding:
    """What keeps a picture that takes its decoder over from doing anything with it."""
    about = "worker processes"
    limited = f"limits on {', '.join(held.limits) or 'nothing'}"
    if held.is_whole:
        words = (
            f"cut off from files (Landlock {held.landlock}) and from network and programs (seccomp {held.seccomp}); "
            f"{limited}"
        )
        return Finding(Level.FINE, about, words)
    if held.macos_sandbox:
        words = f"cut off from files, network and programs by macOS's sandbox (not tried on many machines); {limited}"
        return Finding(Level.FINE, about, words)
    if held.seccomp is None and held.landlock is None:
        words = f"a picture that takes one over could read what you can read, and use the network; {limited}"
        return Finding(
            Level.NOTE,
            about,
            words,
            "use Linux 5.13 or newer with Landlock, and install libseccomp; Windows has nothing here yet",
        )
    if held.seccomp is None:
        words = f"a picture that takes one over could use the network, but open no file; {limited}"
        return Finding(Level.NOTE, about, words, "install libseccomp (on Debian and Ubuntu: libseccomp2)")
    words = f"cut off from files, network and programs by seccomp alone; {limited}"
    return Finding(Level.NOTE, about, words, "a second wall, Landlock, comes with Linux 5.13 and newer")


def _index(catalog: Catalog, model: str | None) -> Iterator[Finding]:
    current = catalog.generations.current()
    if current is None or not catalog.generations.size(current):
        yield Finding(Level.NOTE, "index", "holds no photos yet", "run 'isthisme index'")
        return
    if current.model != model:
        words = f"was made by {current.model or 'no model'}, and {model or 'no model'} is in use now"
        yield Finding(Level.TROUBLE, "index", words, "run 'isthisme rebuild'")
        return
    if catalog.generations.building() is not None and catalog.facts.progress() is None:
        yield Finding(Level.NOTE, "index", "a rebuild was interrupted", "run 'isthisme index' to finish it")
    yield Finding(Level.FINE, "index", f"{catalog.generations.size(current):,} photos, generation {current.number}")


def _index_files(files: IndexFiles) -> Iterator[Finding]:
    damage = files.damage()
    if damage is not None:
        way_out = "run 'isthisme doctor --repair': they are written anew from the catalog"
        yield Finding(Level.TROUBLE, "index files", damage, way_out)


def _index_server(server: IndexServer | None, catalog: Catalog) -> Iterator[Finding]:
    if server is None:
        return
    try:
        yield Finding(Level.FINE, "index server", server.state(catalog))
    except IndexUnavailable as error:
        way_out = "look whether it runs and whether this computer reaches it; pictures are undecided until then"
        yield Finding(Level.TROUBLE, "index server", str(error), way_out)
    except (IndexServerUnusable, InputError) as error:
        way_out = "mend that, or remove the index line from settings.toml"
        yield Finding(Level.TROUBLE, "index server", str(error), way_out)


def _folders(catalog: Catalog) -> Iterator[Finding]:
    folders = catalog.folders.all()
    if not folders:
        yield Finding(Level.TROUBLE, "folders", "no photo folder yet", "add one: isthisme folders add FOLDER")
    for folder in folders:
        if not folder.is_present:
            words = f"{folder.path} is not there now; its photos are still known"
            yield Finding(Level.NOTE, "folders", words, "plug the drive in, or: isthisme folders remove")
        else:
            yield Finding(Level.FINE, "folders", f"{folder.path}, {folder.photos:,} photos")
    troubles = catalog.photos.troubles()
    if troubles:
        path, why = troubles[0]
        words = f"{len(troubles):,} files could not be read, for instance {path}: {why}"
        yield Finding(Level.NOTE, "folders", words, "'isthisme index' names them; open and save them anew, or leave it")


def _browsers(browsers: list[BrowserState]) -> Iterator[Finding]:
    found = [browser for browser in browsers if browser.is_found]
    if not found:
        yield Finding(Level.TROUBLE, "browsers", "no browser that we know was found", "install Chromium or Firefox")
    for browser in found:
        if browser.is_registered:
            yield Finding(Level.FINE, "browsers", f"{browser.browser} can start the companion")
        elif browser.can_be_registered:
            words = f"{browser.browser} does not know the companion"
            yield Finding(Level.TROUBLE, "browsers", words, "run 'isthisme browsers install'")
        if browser.note:
            yield Finding(Level.NOTE, "browsers", f"{browser.browser}: {browser.note}")


def _autostart(state: AutostartState) -> Finding:
    about = "start at login"
    if not state.is_on:
        return Finding(Level.FINE, about, "off: your browser starts the companion")
    if state.trouble is not None:
        return Finding(Level.TROUBLE, about, state.trouble, "run 'isthisme autostart on', or 'isthisme autostart off'")
    return Finding(Level.FINE, about, f"on: {state.way}")


def _daemon(ask_daemon: Callable[[], dict[str, object] | None]) -> Finding:
    answer = ask_daemon()
    if answer is None:
        return Finding(Level.NOTE, "companion", "does not run now", "the browser starts it; or run 'isthisme daemon'")
    if answer.get("type") == "error":
        return Finding(Level.TROUBLE, "companion", str(answer.get("message")), "stop it; the browser starts it anew")
    return Finding(Level.FINE, "companion", "runs and answers")


def _extension(catalog: Catalog) -> Iterator[Finding]:
    greetings = catalog.facts.greetings()
    if not greetings:
        words = "no browser's extension has spoken to the companion yet"
        yield Finding(Level.NOTE, "extension", words, "'isthisme setup' says how the extension is added")
    for browser, at in greetings.items():
        yield Finding(Level.FINE, "extension", f"{browser}'s last connected on {Moment.here(at).there:%Y-%m-%d %H:%M}")
