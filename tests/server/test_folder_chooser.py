"""The desktop's own window for choosing a folder, with programs that play it."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from isthisme.errors import Busy, Cancelled
from isthisme.server.desktop import Desktop
from isthisme.server.folder_chooser import FolderChooser
from tests.companion import wait_until

SCREEN = {"DISPLAY": ":0"}


def program(folder: Path, name: str, body: str) -> None:
    """One that notes its arguments and then does as its body says."""
    path = folder / name
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/{name}.arguments"\n{body}\n')
    path.chmod(0o755)


def chooser(folder: Path, environment: dict[str, str], platform: str = "linux") -> FolderChooser:
    def which(name: str) -> str | None:
        return str(folder / name) if (folder / name).exists() else None

    return FolderChooser(Desktop(environment, platform, which))


async def test_the_folder_that_was_chosen_comes_back_whatever_its_name(tmp_path: Path) -> None:
    program(tmp_path, "zenity", r"printf '/photos of\nanna/caf\351\n'")
    assert await chooser(tmp_path, SCREEN).choose() == Path("/photos of\nanna/caf" + os.fsdecode(b"\xe9"))
    assert "--directory" in (tmp_path / "zenity.arguments").read_text()


@pytest.mark.parametrize("body", ["exit 1", "exit 0", "echo /half; exit 1"])
async def test_a_window_that_was_closed_chose_nothing(tmp_path: Path, body: str) -> None:
    program(tmp_path, "zenity", body)
    with pytest.raises(Cancelled):
        await chooser(tmp_path, SCREEN).choose()


async def test_one_window_at_a_time_and_none_is_left_when_the_asker_goes(tmp_path: Path) -> None:
    program(tmp_path, "zenity", f'echo $$ > "{tmp_path}/process"; exec sleep 60')
    made = chooser(tmp_path, SCREEN)
    first = asyncio.create_task(made.choose())
    number = tmp_path / "process"
    await asyncio.to_thread(wait_until, lambda: number.exists() and number.read_text().endswith("\n"), "it is open")
    with pytest.raises(Busy, match="open already"):
        await made.choose()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    process = int(number.read_text())
    await asyncio.to_thread(wait_until, lambda: not psutil.pid_exists(process), "the window is gone")
    program(tmp_path, "zenity", "echo /later")
    assert await made.choose() == Path("/later")


@pytest.mark.parametrize(
    ("environment", "platform", "programs", "chosen"),
    [
        (SCREEN, "linux", ["zenity", "kdialog"], "zenity"),
        (SCREEN | {"XDG_CURRENT_DESKTOP": "KDE"}, "linux", ["zenity", "kdialog"], "kdialog"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", ["kdialog"], "kdialog"),
        ({}, "linux", ["zenity"], None),
        (SCREEN, "linux", [], None),
        ({}, "darwin", ["osascript"], "osascript"),
    ],
)
async def test_the_desktops_own_program_is_taken_and_nothing_is_offered_without(
    tmp_path: Path, environment: dict[str, str], platform: str, programs: list[str], chosen: str | None
) -> None:
    for name in programs:
        program(tmp_path, name, f"echo /{name}")
    made = chooser(tmp_path, environment, platform)
    assert made.is_offered == (chosen is not None)
    if chosen is None:
        with pytest.raises(Cancelled, match="name its path"):
            await made.choose()
    else:
        assert await made.choose() == Path(f"/{chosen}")
