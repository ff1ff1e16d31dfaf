"""The desktop that this program runs on: whether it has a screen, and which of its own programs open windows."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Desktop:
    """Programs are looked up each time: one may be installed meanwhile."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    platform: str = sys.platform
    which: Callable[[str], str | None] = shutil.which

    @property
    def is_mac(self) -> bool:
        return self.platform == "darwin"

    @property
    def is_kde(self) -> bool:
        return "KDE" in self.environment.get("XDG_CURRENT_DESKTOP", "")

    @property
    def has_screen(self) -> bool:
        """Whether a window could open somewhere."""
        return self.is_mac or bool(self.environment.get("DISPLAY") or self.environment.get("WAYLAND_DISPLAY"))

    def first_there(self, commands: Sequence[Sequence[str]]) -> list[str]:
        """The first of them whose program is installed, by its whole path; empty where none is."""
        for name, *arguments in commands:
            found = self.which(name)
            if found is not None:
                return [found, *arguments]
        return []
