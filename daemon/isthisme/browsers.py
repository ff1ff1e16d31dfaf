"""Making the companion known to the user's browsers: the launcher in the home folder and each browser's manifest.

A browser starts what its manifest names: the launcher, a small shell script that starts the native host with the Python
and the home folder of this installation. Nothing is installed for other users, and nothing outside these files changes.
"""

import json
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import isthisme_host
from isthisme.errors import UsageError
from isthisme.known_browsers import KNOWN_BROWSERS, KnownBrowser, Surroundings
from isthisme_host.connect import MeetingError, prepare_home
from isthisme_host.greeting import Identity, read_identity

LAUNCHER_NAME = "native-host"
_SUPPORTED_PLATFORMS = ("linux", "darwin")


@dataclass(frozen=True, slots=True)
class BrowserState:
    """One browser, as far as the companion is concerned."""

    browser: str  # as people call it
    manifest: Path | None  # where its manifest is, or would be; None where none helps
    is_found: bool
    is_registered: bool  # the manifest and the launcher are there and right
    note: str | None = None  # what stands in the way, in plain words

    @property
    def can_be_registered(self) -> bool:
        return self.manifest is not None


def list_browsers(home: Path, surroundings: Surroundings | None = None) -> list[BrowserState]:
    """Every browser that is known, and once more for each sandbox that one is installed in."""
    surroundings = _checked(surroundings)
    return [state for browser in KNOWN_BROWSERS for state in _states(browser, home, surroundings)]


def install(home: Path, surroundings: Surroundings | None = None) -> list[BrowserState]:
    """Writes the launcher, and a manifest for every browser found; then lists them. Repeating it changes nothing.

    A manifest of our name is replaced whatever it says: the last installation counts. A browser whose folder cannot be
    written keeps nobody else from being registered; its note says why.
    """
    surroundings = _checked(surroundings)
    _write_launcher(home)
    troubles: dict[str, str] = {}
    for browser in KNOWN_BROWSERS:
        if browser.is_found(surroundings):
            try:
                for folder in browser.folders(surroundings):
                    _write_manifest(folder, home, is_firefox=browser.is_firefox)
            except OSError as error:
                troubles[browser.name] = f"{error.filename or folder} cannot be written: {error.strerror}"
    states = list_browsers(home, surroundings)
    return [replace(state, note=troubles.get(state.browser, state.note)) for state in states]


def install_into(profile_folder: Path, home: Path) -> None:
    """Makes the companion known to a Chromium that runs with this profile folder (--user-data-dir)."""
    _write_launcher(home)
    _write_manifest(profile_folder / "NativeMessagingHosts", home, is_firefox=False)


def uninstall(home: Path, surroundings: Surroundings | None = None) -> list[BrowserState]:
    """Removes the launcher and every manifest that names it; those of other installations stay. Lists what is left."""
    surroundings = _checked(surroundings)
    for browser in KNOWN_BROWSERS:
        for folder in browser.folders(surroundings):
            manifest = folder / _manifest_name()
            if _launcher_named_in(manifest) == str(home / LAUNCHER_NAME):
                manifest.unlink(missing_ok=True)
    (home / LAUNCHER_NAME).unlink(missing_ok=True)
    return list_browsers(home, surroundings)


def launcher_text(home: Path, python: str = sys.executable) -> str:
    """The shell script that a browser starts: the host, with this installation's Python and home folder."""
    root = str(Path(isthisme_host.__file__).parents[1])
    program = f"import sys; sys.path.append({root!r}); from isthisme_host.__main__ import main; main()"
    return (
        "#!/bin/sh\n"
        "# Starts the companion for a browser. Written by: isthisme browsers install\n"
        f"export ISTHISME_HOME={shlex.quote(str(home))} ISTHISME_PYTHON={shlex.quote(python)}\n"
        f'exec {shlex.quote(python)} -I -S -c {shlex.quote(program)} "$@"\n'
    )


def manifest_text(home: Path, identity: Identity, *, is_firefox: bool) -> str:
    """The browser's manifest, as JSON. One wrong origin would make Chromium ignore all of it."""
    callers = (
        {"allowed_extensions": list(identity.firefox_addon_ids)}
        if is_firefox
        else {"allowed_origins": list(identity.chromium_origins)}
    )
    manifest = {
        "name": identity.host_name,
        "description": "Is This Me? finds pages that reuse your own photos, on this computer alone.",
        "path": str(home / LAUNCHER_NAME),
        "type": "stdio",
        **callers,
    }
    return json.dumps(manifest, indent=2) + "\n"


def _checked(surroundings: Surroundings | None) -> Surroundings:
    surroundings = surroundings or Surroundings()
    if surroundings.platform not in _SUPPORTED_PLATFORMS:
        raise UsageError(
            f"browsers on {surroundings.platform} cannot be registered with yet; Linux and macOS can, "
            "and 'isthisme check FILE' works without a browser"
        )
    return surroundings


def _states(browser: KnownBrowser, home: Path, surroundings: Surroundings) -> Iterator[BrowserState]:
    manifests = [folder / _manifest_name() for folder in browser.folders(surroundings)]
    expected = manifest_text(home, read_identity(), is_firefox=browser.is_firefox)
    is_registered = all(_text(manifest) == expected for manifest in manifests) and (
        _text(home / LAUNCHER_NAME) == launcher_text(home)
    )
    other = next((named for manifest in manifests if (named := _launcher_named_in(manifest))), None)
    note = None
    if other is not None and other != str(home / LAUNCHER_NAME):
        note = f"it starts another installation of the companion, {other}"
    yield BrowserState(browser.name, manifests[0], browser.is_found(surroundings), is_registered, note)
    if surroundings.platform == "linux":
        for sandbox in browser.sandboxes(surroundings):
            note = (
                f"this {browser.name} is installed as a {sandbox}, whose sandbox lets it start no program outside; "
                f"use a {browser.name} from your system's packages or from its maker"
            )
            yield BrowserState(f"{browser.name} ({sandbox})", None, is_found=True, is_registered=False, note=note)


def _manifest_name() -> str:
    return f"{read_identity().host_name}.json"


def _write_launcher(home: Path) -> None:
    try:
        prepare_home(home)
    except MeetingError as error:
        raise UsageError(str(error)) from error
    _replace(home / LAUNCHER_NAME, launcher_text(home), mode=0o700)


def _write_manifest(folder: Path, home: Path, *, is_firefox: bool) -> None:
    text = manifest_text(home, read_identity(), is_firefox=is_firefox)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(folder / _manifest_name(), text, mode=0o600)


def _launcher_named_in(manifest: Path) -> str | None:
    try:
        named = json.loads(_text(manifest) or "null")
    except ValueError:
        return None
    return str(named.get("path")) if isinstance(named, dict) else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None


def _replace(path: Path, text: str, *, mode: int) -> None:
    """Writes a small file whole or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as file:
            file.write(text.encode(errors="surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
