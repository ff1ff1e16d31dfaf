"""The browsers we know: what their programs are called, and where they look for native-messaging manifests."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from isthisme.installation.surroundings import Surroundings


class Kin(StrEnum):
    """Whose extensions, and whose manifests, a browser takes."""

    CHROMIUM = "chromium"
    FIREFOX = "firefox"


# Every build of Chromium reads Chrome's key, whatever it is called; of Firefox's kin each has kept Mozilla's.
_CHROME_KEY = r"Software\Google\Chrome"
_MOZILLA_KEY = r"Software\Mozilla"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBrowser:
    """One browser. What is empty says that it is not made for that system, or that we do not know where it looks."""

    name: str
    kin: Kin = Kin.CHROMIUM
    linux_programs: tuple[str, ...] = ()
    linux_folders: tuple[str, ...] = ()  # in the configuration folder, Firefox's first one in the user's home
    mac_application: str = ""
    mac_folder: str = ""  # in Application Support
    windows_program: str = ""  # in one of the folders for programs
    windows_key: str = ""  # below HKEY_CURRENT_USER
    snap: str = ""
    flatpak: str = ""
    asks_the_desktop: bool = False  # has the desktop start programs outside its sandbox, where the desktop does so

    def is_made_for(self, platform: str) -> bool:
        return bool({"darwin": self.mac_folder, "win32": self.windows_key}.get(platform, self.linux_folders))

    def folders(self, surroundings: Surroundings) -> list[Path]:
        """The folders to write manifests to; on Windows there are none. Firefox has two homes; the newer one counts
        where it is there."""
        if surroundings.platform == "win32":
            return []
        if surroundings.platform == "darwin":
            return [surroundings.mac_library / "Application Support" / self.mac_folder / "NativeMessagingHosts"]
        if self.kin is Kin.CHROMIUM:
            return [surroundings.linux_config / folder / "NativeMessagingHosts" for folder in self.linux_folders]
        own, *newer = (Path(folder) for folder in self.linux_folders)
        present = [folder for folder in (surroundings.linux_config / name for name in newer) if folder.is_dir()]
        return [folder / "native-messaging-hosts" for folder in (surroundings.user_home / own, *present)]

    def is_found(self, surroundings: Surroundings) -> bool:
        if surroundings.platform == "darwin":
            roots = (surroundings.system_root, surroundings.user_home)
            return any((root / "Applications" / f"{self.mac_application}.app").is_dir() for root in roots)
        if surroundings.platform == "win32":
            return any((root / self.windows_program).is_file() for root in surroundings.windows_program_folders)
        return any(self._programs_outside_sandboxes(surroundings)) or self._has_profile(surroundings)

    def sandboxes(self, surroundings: Surroundings) -> Iterator[str]:
        """Which kinds of sandbox this browser is installed in as well."""
        if surroundings.platform != "linux":
            return
        root = surroundings.system_root
        if self.snap and (root / "snap" / "bin" / self.snap).exists():
            yield "Snap"
        places = (root / "var" / "lib" / "flatpak" / "app", surroundings.linux_data / "flatpak" / "app")
        if self.flatpak and any((place / self.flatpak).is_dir() for place in places):
            yield "Flatpak"

    def _has_profile(self, surroundings: Surroundings) -> bool:
        """Whether it was used: then it is there, though perhaps not on PATH."""
        own, *newer = self.linux_folders
        if self.kin is Kin.CHROMIUM:
            return (surroundings.linux_config / own / "Local State").is_file()
        homes = [surroundings.user_home / own, *(surroundings.linux_config / name for name in newer)]
        return any((home / place).is_file() for home in homes for place in ("profiles.ini", "firefox/profiles.ini"))

    def _programs_outside_sandboxes(self, surroundings: Surroundings) -> Iterator[Path]:
        for program in self.linux_programs:
            found = shutil.which(program, path=surroundings.environment.get("PATH", ""))
            if found and "/snap/" not in os.path.realpath(found) and not _starts_a_snap(Path(found)):
                yield Path(found)


KNOWN_BROWSERS = (
    KnownBrowser(
        name="Chrome",
        linux_programs=("google-chrome", "google-chrome-stable"),
        linux_folders=("google-chrome",),
        mac_application="Google Chrome",
        mac_folder="Google/Chrome",
        windows_program="Google/Chrome/Application/chrome.exe",
        windows_key=_CHROME_KEY,
        flatpak="com.google.Chrome",
    ),
    KnownBrowser(
        name="Chrome Beta",
        linux_programs=("google-chrome-beta",),
        linux_folders=("google-chrome-beta",),
        mac_application="Google Chrome Beta",
        mac_folder="Google/Chrome Beta",
        windows_program="Google/Chrome Beta/Application/chrome.exe",
        windows_key=_CHROME_KEY,
    ),
    KnownBrowser(
        name="Chrome Dev",
        linux_programs=("google-chrome-unstable",),
        linux_folders=("google-chrome-unstable",),
        mac_application="Google Chrome Dev",
        mac_folder="Google/Chrome Dev",
        windows_program="Google/Chrome Dev/Application/chrome.exe",
        windows_key=_CHROME_KEY,
        flatpak="com.google.ChromeDev",
    ),
    KnownBrowser(
        name="Chromium",
        linux_programs=("chromium", "chromium-browser"),
        linux_folders=("chromium",),
        mac_application="Chromium",
        mac_folder="Chromium",
        windows_program="Chromium/Application/chrome.exe",
        windows_key=r"Software\Chromium",
        snap="chromium",
        flatpak="org.chromium.Chromium",
    ),
    KnownBrowser(
        name="Edge",
        linux_programs=("microsoft-edge", "microsoft-edge-stable"),
        linux_folders=("microsoft-edge",),
        mac_application="Microsoft Edge",
        mac_folder="Microsoft Edge",
        windows_program="Microsoft/Edge/Application/msedge.exe",
        windows_key=r"Software\Microsoft\Edge",
        flatpak="com.microsoft.Edge",
    ),
    KnownBrowser(
        name="Edge Beta",
        linux_programs=("microsoft-edge-beta",),
        linux_folders=("microsoft-edge-beta",),
        mac_application="Microsoft Edge Beta",
        mac_folder="Microsoft Edge Beta",
        windows_program="Microsoft/Edge Beta/Application/msedge.exe",
        windows_key=r"Software\Microsoft\Edge",
    ),
    KnownBrowser(
        name="Edge Dev",
        linux_programs=("microsoft-edge-dev",),
        linux_folders=("microsoft-edge-dev",),
        mac_application="Microsoft Edge Dev",
        mac_folder="Microsoft Edge Dev",
        windows_program="Microsoft/Edge Dev/Application/msedge.exe",
        windows_key=r"Software\Microsoft\Edge",
    ),
    KnownBrowser(
        name="Brave",
        linux_programs=("brave-browser", "brave"),
        linux_folders=("BraveSoftware/Brave-Browser",),
        mac_application="Brave Browser",
        mac_folder="BraveSoftware/Brave-Browser",
        windows_program="BraveSoftware/Brave-Browser/Application/brave.exe",
        windows_key=_CHROME_KEY,
        snap="brave",
        flatpak="com.brave.Browser",
    ),
    KnownBrowser(
        name="Vivaldi",
        linux_programs=("vivaldi", "vivaldi-stable"),
        linux_folders=("vivaldi",),
        mac_application="Vivaldi",
        mac_folder="Vivaldi",
        windows_program="Vivaldi/Application/vivaldi.exe",
        windows_key=_CHROME_KEY,
        flatpak="com.vivaldi.Vivaldi",
    ),
    KnownBrowser(
        name="Opera",
        linux_programs=("opera",),
        linux_folders=("opera", "google-chrome"),  # it reads Chrome's as well
        mac_application="Opera",
        mac_folder="com.operasoftware.Opera",
        windows_program="Opera/opera.exe",
        windows_key=_CHROME_KEY,
        snap="opera",
        flatpak="com.opera.Opera",
    ),
    KnownBrowser(
        name="Firefox",
        kin=Kin.FIREFOX,
        linux_programs=("firefox", "firefox-esr"),
        linux_folders=(".mozilla", "mozilla"),
        mac_application="Firefox",
        mac_folder="Mozilla",
        windows_program="Mozilla Firefox/firefox.exe",
        windows_key=_MOZILLA_KEY,
        snap="firefox",
        flatpak="org.mozilla.firefox",
        asks_the_desktop=True,
    ),
    KnownBrowser(
        name="LibreWolf",
        kin=Kin.FIREFOX,
        linux_programs=("librewolf",),
        linux_folders=(".librewolf",),
        mac_application="LibreWolf",
        mac_folder="LibreWolf",
        windows_program="LibreWolf/librewolf.exe",
        windows_key=_MOZILLA_KEY,
        flatpak="io.gitlab.librewolf-community",
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
