"""Whether this computer's system, or the environment, has browsers use a proxy: the daemon's own connections use none.

In doubt the answer is yes: then the browser fetches pictures, which works as well. Only Linux desktops that are neither
GNOME nor KDE, and of them those that keep the setting elsewhere, are not asked.
"""

import configparser
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.request import getproxies, getproxies_environment

_SECONDS = 60.0  # for which an answer is believed
_PATIENCE_SECONDS = 5.0
_KDE_WITHOUT_PROXY = "0"


def uses_proxy(environment: Mapping[str, str], home: Path) -> bool:
    """The answer now; it may take some tens of milliseconds."""
    if any(kind in getproxies_environment() for kind in ("http", "https", "all")):
        return True
    if sys.platform == "win32":
        return bool(getproxies()) or _windows_has_script()
    if sys.platform == "darwin":
        return bool(getproxies()) or "AutoConfigEnable : 1" in _said(["scutil", "--proxy"])
    desktop = environment.get("XDG_CURRENT_DESKTOP", "").lower()
    if "kde" in desktop:
        return _kde_uses_proxy(Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "kioslaverc")
    mode = _said(["gsettings", "get", "org.gnome.system.proxy", "mode"]) if desktop else ""
    return mode not in ("", "'none'")


class SystemProxy:
    """The answer, asked for once a minute. Threads may share it."""

    def __init__(self, ask: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._known = False
        self._until = float("-inf")

    def is_used(self) -> bool:
        with self._lock:
            if self._clock() >= self._until:
                self._known = self._ask()
                self._until = self._clock() + _SECONDS
            return self._known


def this_system() -> SystemProxy:
    return SystemProxy(lambda: uses_proxy(os.environ, Path.home()))


def _kde_uses_proxy(settings: Path) -> bool:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read(settings, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return True
    # A section that the administrator locked has a mark behind its name.
    found = [parser[name].get("ProxyType", "") for name in parser.sections() if name.startswith("Proxy Settings")]
    return any(kind.strip() not in ("", _KDE_WITHOUT_PROXY) for kind in found)


def _said(command: list[str]) -> str:
    """What a program of the system says; nothing where it is not there or fails."""
    program = shutil.which(command[0])
    if program is None:
        return ""
    try:
        told = subprocess.run(  # noqa: S603 - no word of the command comes from outside
            [program, *command[1:]], capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def _windows_has_script() -> bool:
    if sys.platform != "win32":
        return False
    import winreg

    where = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, where) as settings:
            return bool(winreg.QueryValueEx(settings, "AutoConfigURL")[0])
    except OSError:
        return False
