"""Who calls: the browser names the extension in the arguments, and only ours are served."""

import json
import os
from collections.abc import Collection, Sequence

IDENTITY_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "identity.json")


class CallerRefusedError(Exception):
    """The caller is not our extension, or did not say who it is."""


class Identity:
    """What the host is called and which extensions may call it."""

    def __init__(
        self, host_name: str, chromium_extension_ids: Collection[str], firefox_addon_ids: Collection[str]
    ) -> None:
        self.host_name = host_name
        self.chromium_extension_ids = tuple(chromium_extension_ids)
        self.firefox_addon_ids = tuple(firefox_addon_ids)

    @property
    def chromium_origins(self) -> tuple[str, ...]:
        return tuple(f"chrome-extension://{extension_id}/" for extension_id in self.chromium_extension_ids)


def read_identity(path: str = IDENTITY_FILE) -> Identity:
    """Raises CallerRefusedError when the file is missing or broken: then nobody can be told from others."""
    try:
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
        return Identity(known["host_name"], known["chromium_extension_ids"], known["firefox_addon_ids"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CallerRefusedError(f"{path} cannot be read ({error}); install the companion program again") from error


def check_caller(arguments: Sequence[str], identity: Identity) -> None:
    """Raises CallerRefusedError unless the arguments are those a browser gives for one of our extensions.

    Chromium and its kin pass the extension's origin first; Firefox passes its manifest's path, then the add-on's id.
    """
    if not arguments:
        raise CallerRefusedError(
            "no extension was named; a browser starts this program, not a person; the command line is: isthisme --help"
        )
    if arguments[0].startswith("chrome-extension://"):
        caller, allowed = arguments[0], identity.chromium_origins
    else:
        caller, allowed = arguments[-1], identity.firefox_addon_ids if len(arguments) == 2 else ()
    if caller not in allowed:
        raise CallerRefusedError(
            f"{caller[:200]!r} is not an extension that this program serves; use the extension that came with it, "
            "and run: isthisme browsers install"
        )
