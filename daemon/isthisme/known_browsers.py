"""The browsers we know: what their programs are called, and where they look for native-messaging manifests."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where browsers are looked for."""

    user_home: Path = field(default_factory=Path.home)
    platform: str = sys.platform
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    system_root: Path = Path("/")

    @property
    def linux_config(self) -> Path:
        chosen = Path(self.environment.get("XDG_CONFIG_HOME", ""))
        return chosen if chosen.is_absolute() else self.user_home / ".config"

    @property
    def mac_support(self) -> Path:
        return self.user_home / "Library" / "Application Support"


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """One browser. Folders are relative to the configuration folder, the first one of Firefox to the user's home."""

    name: str
    programs: tuple[str, ...]
    linux_folders: tuple[str, ...]  # its own, then others that it reads as well
    mac_folder: str
    mac_application: str
    snap: str | None = None
    flatpak: str | None = None
    is_firefox: bool = False

    def folders(self, surroundings: Surroundings) -> list[Path]:
        """The folders to write manifests to. Firefox has two homes; the newer one counts where it is there."""
        if surroundings.platform == "darwin":
            return [surroundings.mac_support / self.mac_folder / "NativeMessagingHosts"]
        if not self.is_firefox:
            return [surroundings.linux_config / folder / "NativeMessagingHosts" for folder in self.linux_folders]
        own, *newer = (Path(folder) for folder in self.linux_folders)
        present = [folder for folder in (surroundings.linux_config / name for name in newer) if folder.is_dir()]
        return [folder / "native-messaging-hosts" for folder in (surroundings.user_home / own, *present)]

    def is_found(self, surroundings: Surroundings) -> bool:
        if surroundings.platform == "darwin":
            roots = (surroundings.system_root, surroundings.user_home)
            return any((root / "Applications" / f"{self.mac_application}.app").is_dir() for root in roots)
        return any(self._programs_outside_sandboxes(surroundings)) or self._has_profile(surroundings)

    def sandboxes(self, surroundings: Surroundings) -> Iterator[str]:
        """Which kinds of sandbox this browser is installed in as well."""
        root, user_home = surroundings.system_root, surroundings.user_home
        if self.snap is not None and (root / "snap" / "bin" / self.snap).exists():
            yield "Snap"
        places = (root / "var" / "lib" / "flatpak" / "app", user_home / ".local" / "share" / "flatpak" / "app")
        if self.flatpak is not None and any((place / self.flatpak).is_dir() for place in places):
            yield "Flatpak"

    def _has_profile(self, surroundings: Surroundings) -> bool:
        """Whether it was used: then it is there, though perhaps not on PATH."""
        own, *newer = self.linux_folders
        if not self.is_firefox:
            return (surroundings.linux_config / own / "Local State").is_file()
        homes = [surroundings.user_home / own, *(surroundings.linux_config / name for name in newer)]
        return any((home / place).is_file() for home in homes for place in ("profiles.ini", "firefox/profiles.ini"))

    def _programs_outside_sandboxes(self, surroundings: Surroundings) -> Iterator[Path]:
        for program in self.programs:
            found = shutil.which(program, path=surroundings.environment.get("PATH", ""))
            if found and "/snap/" not in os.path.realpath(found) and not _starts_a_snap(Path(found)):
                yield Path(found)


KNOWN_BROWSERS = (
    KnownBrowser(
        "Chrome",
        ("google-chrome", "google-chrome-stable"),
        ("google-chrome",),
        "Google/Chrome",
        "Google Chrome",
        flatpak="com.google.Chrome",
    ),
    KnownBrowser(
        "Chromium",
        ("chromium", "chromium-browser"),
        ("chromium",),
        "Chromium",
        "Chromium",
        snap="chromium",
        flatpak="org.chromium.Chromium",
    ),
    KnownBrowser(
        "Edge",
        ("microsoft-edge", "microsoft-edge-stable"),
        ("microsoft-edge",),
        "Microsoft Edge",
        "Microsoft Edge",
        flatpak="com.microsoft.Edge",
    ),
    KnownBrowser(
        "Brave",
        ("brave-browser", "brave"),
        ("BraveSoftware/Brave-Browser",),
        "BraveSoftware/Brave-Browser",
        "Brave Browser",
        snap="brave",
        flatpak="com.brave.Browser",
    ),
    KnownBrowser(
        "Vivaldi", ("vivaldi", "vivaldi-stable"), ("vivaldi",), "Vivaldi", "Vivaldi", flatpak="com.vivaldi.Vivaldi"
    ),
    KnownBrowser(
        "Opera",
        ("opera",),
        ("opera", "google-chrome"),
        "com.operasoftware.Opera",
        "Opera",
        snap="opera",
        flatpak="com.opera.Opera",
    ),
    KnownBrowser(
        "Firefox",
        ("firefox", "firefox-esr"),
        (".mozilla", "mozilla"),
        "Mozilla",
        "Firefox",
        snap="firefox",
        flatpak="org.mozilla.firefox",
        is_firefox=True,
    ),
    KnownBrowser(
        "LibreWolf",
        ("librewolf",),
        (".librewolf",),
        "librewolf",
        "LibreWolf",
        flatpak="io.gitlab.librewolf-community",
        is_firefox=True,
    ),
)


def _starts_a_snap(program: Path) -> bool:
    """Whether it is one of Ubuntu's small scripts that stand in for a browser and start its Snap."""
    try:
        with program.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return start.startswith(b"#!") and b"/snap/bin/" in start
