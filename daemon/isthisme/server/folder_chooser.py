"""The desktop's own window for choosing a folder: a page of a browser never learns a folder's path."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path

from isthisme.errors import Busy, Cancelled
from isthisme.server.desktop import Desktop

_APPLE_SCRIPT = "POSIX path of (choose folder)"


class FolderChooser:
    """Opens one window at a time."""

    def __init__(self, desktop: Desktop | None = None) -> None:
        self._desktop = desktop or Desktop()
        self._is_open = False

    @property
    def is_offered(self) -> bool:
        """Whether this computer has such a window, and a screen that it could open on."""
        return bool(self._command())

    async def choose(self) -> Path:
        """The folder that the user chose. Raises Cancelled where they chose none, and Busy while a window is open."""
        command = self._command()
        if not command:
            raise Cancelled("this desktop has no window for choosing a folder; name its path")
        if self._is_open:
            raise Busy("the window for choosing a folder is open already; look behind the browser")
        self._is_open = True
        process = None
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
            said, _ = await process.communicate()
        finally:
            self._is_open = False
            if process is not None and process.returncode is None:  # the asker went away
                with suppress(ProcessLookupError):
                    process.kill()
        chosen = os.fsdecode(said.removesuffix(b"\n"))
        if process.returncode != 0 or not chosen:
            raise Cancelled("no folder was chosen")
        return Path(chosen)

    def _command(self) -> list[str]:
        """Empty where there is none."""
        if self._desktop.is_mac:
            return self._desktop.first_there([["osascript", "-e", _APPLE_SCRIPT]])
        if not self._desktop.has_screen:
            return []
        zenity = ["zenity", "--file-selection", "--directory"]
        kdialog = ["kdialog", "--getexistingdirectory", str(Path.home())]
        return self._desktop.first_there([kdialog, zenity] if self._desktop.is_kde else [zenity, kdialog])
