"""Making the companion known to the user's browsers: the launcher in the home folder and each browser's manifest.

A browser starts what its manifest names: the launcher. On Linux and macOS it finds the manifest in a folder of its own;
on Windows the registry names the file, which lies in the home folder, one for each kin of browsers. Nothing is
installed for other users.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from isthisme.errors import UsageError
from isthisme.installation.known_browsers import KNOWN_BROWSERS, Kin, KnownBrowser
from isthisme.installation.launcher import (
    is_launcher_right,
    launcher_of,
    remove_launcher,
    trouble_with,
    write_launcher,
)
from isthisme.installation.portals import Portal, portal_of
from isthisme.installation.surroundings import Surroundings
from isthisme.installation.whole_files import read_bytes, read_text, remove_file, replace_file
from isthisme_host.greeting import Identity, read_identity

_SUPPORTED_PLATFORMS = ("linux", "darwin", "win32")


@dataclass(frozen=True, slots=True)
class BrowserState:
    """One browser, as far as the companion is concerned."""

    browser: str  # as people call it
    manifest: Path | None  # where its manifest is, or would be; None where none helps
    is_found: bool
    is_registered: bool  # the manifest and the launcher are there and right
    note: str | None = None  # what stands in the way, or what comes next, in plain words

    @property
    def can_be_registered(self) -> bool:
        return self.manifest is not None


def list_browsers(home: Path, surroundings: Surroundings | None = None) -> list[BrowserState]:
    """Every browser that is known, and once more for each sandbox that one is installed in."""
    surroundings = _checked(surroundings)
    return [state for browser in _browsers_of(surroundings) for state in _states(browser, home, surroundings)]


def install(home: Path, surroundings: Surroundings | None = None) -> list[BrowserState]:
    """Writes the launcher, and a manifest for every browser found; then lists them. Repeating it changes nothing.

    A manifest of our name is replaced whatever it says: the last installation counts. A browser whose folder cannot be
    written keeps nobody else from being registered; its note says why.
    """
    surroundings = _checked(surroundings)
    write_launcher(home, surroundings)
    troubles: dict[str, str] = {}
    for browser in _browsers_of(surroundings):
        if browser.is_found(surroundings) or _portal_for(browser, surroundings):
            try:
                _register(browser, home, surroundings)
            except OSError as error:
                troubles[browser.name] = f"{error.filename or 'its entry'} cannot be written: {error.strerror or error}"
    states = list_browsers(home, surroundings)
    return [replace(state, note=troubles.get(state.browser, state.note)) for state in states]


def install_into(profile_folder: Path, home: Path) -> None:
    """Makes the companion known to a Chromium that runs with this profile folder (--user-data-dir)."""
    surroundings = Surroundings()
    write_launcher(home, surroundings)
    text = manifest_text(launcher_of(home, surroundings.platform), read_identity(), Kin.CHROMIUM)
    _write(profile_folder / "NativeMessagingHosts" / f"{read_identity().host_name}.json", text)


def uninstall(home: Path, surroundings: Surroundings | None = None) -> list[BrowserState]:
    """Removes the launcher and every manifest that names it; those of other installations stay. Lists what is left."""
    surroundings = _checked(surroundings)
    for browser in _browsers_of(surroundings):
        key = _registry_key(browser, surroundings)
        if key is not None and surroundings.registry.read(key) == str(_manifests(browser, home, surroundings)[0]):
            surroundings.registry.remove(key)
        for manifest in _manifests(browser, home, surroundings):
            if _launcher_named_in(manifest) == str(launcher_of(home, surroundings.platform)):
                remove_file(manifest, below=home if key else surroundings.user_home)
    remove_launcher(home, surroundings)
    return list_browsers(home, surroundings)


def manifest_text(launcher: PurePath, identity: Identity, kin: Kin) -> str:
    """The browser's manifest, as JSON. One wrong origin would make Chromium ignore all of it."""
    callers = (
        {"allowed_extensions": list(identity.firefox_addon_ids)}
        if kin is Kin.FIREFOX
        else {"allowed_origins": list(identity.chromium_origins)}
    )
    manifest = {
        "name": identity.host_name,
        "description": "Is This Me? finds pages that reuse your own photos, on this computer alone.",
        "path": str(launcher),
        "type": "stdio",
        **callers,
    }
    return json.dumps(manifest, indent=2) + "\n"


def _checked(surroundings: Surroundings | None) -> Surroundings:
    surroundings = surroundings or Surroundings()
    if surroundings.platform not in _SUPPORTED_PLATFORMS:
        raise UsageError(
            f"browsers on {surroundings.platform} cannot be registered with; Linux, macOS and Windows can, "
            "and 'isthisme check FILE' works without a browser"
        )
    return surroundings


def _browsers_of(surroundings: Surroundings) -> list[KnownBrowser]:
    return [browser for browser in KNOWN_BROWSERS if browser.is_made_for(surroundings.platform)]


def _register(browser: KnownBrowser, home: Path, surroundings: Surroundings) -> None:
    text = manifest_text(launcher_of(home, surroundings.platform), read_identity(), browser.kin)
    manifests = _manifests(browser, home, surroundings)
    for manifest in manifests:
        _write(manifest, text)
    key = _registry_key(browser, surroundings)
    if key is not None:
        surroundings.registry.write(key, str(manifests[0]))


def _manifests(browser: KnownBrowser, home: Path, surroundings: Surroundings) -> list[Path]:
    name = read_identity().host_name
    if surroundings.platform == "win32":
        return [home / f"{name}.{browser.kin}.json"]
    return [folder / f"{name}.json" for folder in browser.folders(surroundings)]


def _registry_key(browser: KnownBrowser, surroundings: Surroundings) -> str | None:
    if surroundings.platform != "win32":
        return None
    return rf"{browser.windows_key}\NativeMessagingHosts\{read_identity().host_name}"


def _states(browser: KnownBrowser, home: Path, surroundings: Surroundings) -> Iterator[BrowserState]:
    manifests = _manifests(browser, home, surroundings)
    is_registered = _is_registered(browser, home, surroundings)
    note = _trouble(browser, home, surroundings)
    yield BrowserState(browser.name, manifests[0], browser.is_found(surroundings), is_registered, note)
    portal = _portal_for(browser, surroundings)
    for sandbox in browser.sandboxes(surroundings):
        name = f"{browser.name} ({sandbox})"
        if portal is None:
            words = _sandboxed(browser, sandbox)
            yield BrowserState(name, None, is_found=True, is_registered=False, note=words)
        else:
            words = f"this {browser.name} is a {sandbox}; {portal.value}"
            yield BrowserState(name, manifests[0], is_found=True, is_registered=is_registered, note=note or words)


def _sandboxed(browser: KnownBrowser, sandbox: str) -> str:
    stands = f"this {browser.name} is installed as a {sandbox}, whose sandbox lets it start no program outside"
    other = f"use a {browser.name} from your system's packages or from its maker"
    if not browser.asks_the_desktop:
        return f"{stands}; {other}"
    return f"{stands}, and this desktop does not do it for it; install xdg-native-messaging-proxy, or {other}"


def _portal_for(browser: KnownBrowser, surroundings: Surroundings) -> Portal | None:
    """Only asked for a browser in a sandbox that would use it."""
    if not browser.asks_the_desktop or not any(browser.sandboxes(surroundings)):
        return None
    return portal_of(surroundings)


def _is_registered(browser: KnownBrowser, home: Path, surroundings: Surroundings) -> bool:
    manifests = _manifests(browser, home, surroundings)
    key = _registry_key(browser, surroundings)
    expected = manifest_text(launcher_of(home, surroundings.platform), read_identity(), browser.kin)
    return (
        all(read_text(manifest) == expected for manifest in manifests)
        and (key is None or surroundings.registry.read(key) == str(manifests[0]))
        and is_launcher_right(home, surroundings)
    )


def _trouble(browser: KnownBrowser, home: Path, surroundings: Surroundings) -> str | None:
    """What is wrong with what it would start now."""
    own = launcher_of(home, surroundings.platform)
    key = _registry_key(browser, surroundings)
    manifests = _manifests(browser, home, surroundings)
    if key is not None:
        named = surroundings.registry.read(key)
        manifests = [] if named is None else [Path(named)]
    for manifest in manifests:
        launcher = _launcher_named_in(manifest)
        if launcher is None:
            continue
        trouble = trouble_with(Path(launcher))
        if launcher != str(own):
            words = f"it starts another installation of the companion, {launcher}"
            return words if trouble is None else f"{words}; {trouble}"
        if trouble is not None:
            return trouble
    return None


def _launcher_named_in(manifest: Path) -> str | None:
    try:
        named = json.loads(read_bytes(manifest) or "null")
    except ValueError:
        return None
    return str(named.get("path")) if isinstance(named, dict) else None


def _write(manifest: Path, text: str) -> None:
    replace_file(manifest, text.encode(errors="surrogateescape"), mode=0o600)
