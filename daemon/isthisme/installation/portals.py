"""Services of a Linux desktop that start a native host for a browser in a sandbox, which cannot start one itself.

There are two. The WebExtensions portal, of Ubuntu 22.04 and later, asks the user once for each extension. It was not
taken into the portals of other systems, which have xdg-native-messaging-proxy instead: that one asks nothing, and
Firefox uses it from version 157 on. Both read the manifests that the user's home holds for a Firefox without a sandbox.
"""

from enum import StrEnum
from pathlib import Path

from isthisme.installation.surroundings import Surroundings

_PROXY = "org.freedesktop.NativeMessagingProxy"
_PORTAL = "org.freedesktop.portal.Desktop"
_PORTAL_PATH = "/org/freedesktop/portal/desktop"
_WEB_EXTENSIONS = "org.freedesktop.portal.WebExtensions"
_PROPERTIES = "org.freedesktop.DBus.Properties.Get"


class Portal(StrEnum):
    """Which of them is there, in the words for the user of what it will do."""

    ASKS = "your desktop asks once whether the extension may start the companion: allow it"
    JUST_STARTS = "it needs version 157 or later, and has the desktop start the companion"


def portal_of(surroundings: Surroundings) -> Portal | None:
    if _portal_answers(surroundings):
        return Portal.ASKS
    return Portal.JUST_STARTS if _proxy_is_installed(surroundings) else None


def _portal_answers(surroundings: Surroundings) -> bool:
    """Asked on the session's bus, since no file tells which interfaces a portal was built with."""
    busctl = ["busctl", "--user", "--timeout=5", "get-property", _PORTAL, _PORTAL_PATH, _WEB_EXTENSIONS, "version"]
    gdbus = ["gdbus", "call", "--session", "--timeout=5", "--dest", _PORTAL, "--object-path", _PORTAL_PATH]
    gdbus += ["--method", _PROPERTIES, _WEB_EXTENSIONS, "version"]
    return any(surroundings.run(command).went_well for command in (busctl, gdbus))


def _proxy_is_installed(surroundings: Surroundings) -> bool:
    """The bus starts it when it is first asked, by this file."""
    listed = surroundings.environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    system = [surroundings.system_root / place.lstrip("/") for place in listed.split(":") if place.startswith("/")]
    service = Path("dbus-1", "services", f"{_PROXY}.service")
    return any((folder / service).is_file() for folder in (surroundings.linux_data, *system))
