"""The desktop's own window of the folder that a file lies in."""

import asyncio
from asyncio.subprocess import DEVNULL
from pathlib import Path

from isthisme.answer_note import shown_path
from isthisme.errors import NotFound, UsageError
from isthisme.presence import is_file
from isthisme.server.desktop import Desktop

_SECONDS = 10.0  # after which whatever was started is believed to be at it


class FolderWindow:
    def __init__(self, desktop: Desktop | None = None) -> None:
        self._desktop = desktop or Desktop()

    async def show(self, path: Path) -> None:
        """Opens the window. Raises NotFound where the file is gone, UsageError where the desktop has no such window."""
        if not await asyncio.to_thread(is_file, path):
            raise NotFound(f"{shown_path(path)} is not there any more; it was moved or deleted")
        command = self._command(path)
        if not command:
            raise UsageError(f"this desktop cannot show folders; the file is {shown_path(path)}")
        process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
        try:
            async with asyncio.timeout(_SECONDS):
                await process.wait()
        except TimeoutError:
            return
        if process.returncode != 0:
            raise UsageError(f"the desktop did not show the folder; the file is {shown_path(path)}")

    def _command(self, path: Path) -> list[str]:
        """Empty where there is none."""
        if not self._desktop.has_screen:
            return []
        is_mac = self._desktop.is_mac
        return self._desktop.first_there([["open", "-R", str(path)] if is_mac else ["xdg-open", str(path.parent)]])
