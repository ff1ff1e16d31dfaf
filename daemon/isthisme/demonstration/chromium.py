"""A real Chromium with the extension, in a throw-away profile."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from isthisme.errors import UsageError
from isthisme.installation.browsers import install_into
from isthisme.installation.launcher import LAUNCHER_NAME

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_WELCOME_SECONDS = 60.0
_NAMES = ("chromium", "chromium-browser", "google-chrome-for-testing", "microsoft-edge")


def find_chromium() -> str:
    """Its path. Raises UsageError where there is none: Chrome itself loads no extension from the command line."""
    for name in _NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    raise UsageError("the demonstration needs Chromium, and none is on PATH; on Debian: sudo apt-get install chromium")


@contextmanager
def chromium(
    home: Path, extension: Path | None, profile: Path, *, width: int, height: int, launcher: str | None = None
) -> "Iterator[BrowserContext]":
    """Headless where there is no display. The companion keeps everything in `home`; it is started by our launcher, or
    by a script in its place."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise UsageError("the demonstration needs playwright; scripts/run --demo installs it") from error

    shutil.rmtree(profile, ignore_errors=True)
    profile.mkdir(parents=True)
    install_into(profile, home)
    if launcher is not None:
        (home / LAUNCHER_NAME).write_text(launcher)
    has_display = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    places = {"HOME": profile, "XDG_CACHE_HOME": profile / "cache", "XDG_CONFIG_HOME": profile / "config"}
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_chromium(),
            headless=not has_display,
            chromium_sandbox=not (hasattr(os, "geteuid") and os.geteuid() == 0),  # Chromium refuses its sandbox to root
            ignore_default_args=["--disable-extensions"],
            args=[] if extension is None else [f"--load-extension={extension}"],
            env={**os.environ, **{name: str(place) for name, place in places.items()}},
            viewport={"width": width, "height": height},
        )
        try:
            _close_welcome(context)
            yield context
        finally:
            context.close()
            shutil.rmtree(profile, ignore_errors=True)


def _close_welcome(context: "BrowserContext") -> None:
    """The page that greets whoever adds the extension would open over what is shown."""
    give_up = time.monotonic() + _WELCOME_SECONDS
    while time.monotonic() < give_up:
        for page in context.pages:
            if "/welcome/" in page.url:
                page.close()
                return
        context.pages[0].wait_for_timeout(50)
