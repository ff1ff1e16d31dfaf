"""The desktop's own window of the folder that a file lies in."""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Callable, Mapping
from pathlib import Path

from isthisme.answer_note import shown_path
from isthisme.errors import NotFound, UsageError
from isthisme.presence import is_file

_SECONDS = 10.0  # after which whatever was started is believed to be at it


class FolderWindow:
    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        platform: str = sys.platform,
        which: Callable[[str], str | None] = shutil.which,
    ) -> None:
        self._environment = environment
        self._platform = platform
        self._which = which

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
        if self._platform == "darwin":
            found, arguments = self._which("open"), ["-R", str(path)]
        elif self._environment.get("DISPLAY") or self._environment.get("WAYLAND_DISPLAY"):
            found, arguments = self._which("xdg-open"), [str(path.parent)]
        else:
            return []
        return [found, *arguments] if found else []
