"""The user's own part of the Windows registry, as much as browsers ask for: keys with a default value."""

import sys
from typing import Protocol


class Registry(Protocol):
    """Keys are relative to HKEY_CURRENT_USER, their parts parted by backslashes."""

    def read(self, key: str) -> str | None:
        """The default value of a key; None where there is no such key, or no text in it."""

    def write(self, key: str, value: str) -> None:
        """Makes the key where there is none. Raises OSError."""

    def remove(self, key: str) -> None:
        """Removes a key that has no keys below it; nothing where there is none. Raises OSError."""


class NoRegistry:
    """That of the other systems: empty."""

    def read(self, key: str) -> str | None:
        return None

    def write(self, key: str, value: str) -> None:
        raise OSError(f"this system has no registry for {key}")

    def remove(self, key: str) -> None:
        pass


def registry_of_this_user() -> Registry:
    if sys.platform == "win32":
        return WindowsRegistry()
    return NoRegistry()


if sys.platform == "win32":
    import winreg
    from contextlib import suppress

    class WindowsRegistry:
        def read(self, key: str) -> str | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                    value, kind = winreg.QueryValueEx(opened, "")
            except OSError:
                return None
            return str(value) if kind == winreg.REG_SZ else None

        def write(self, key: str, value: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, "", 0, winreg.REG_SZ, value)

        def remove(self, key: str) -> None:
            with suppress(FileNotFoundError):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, key)
