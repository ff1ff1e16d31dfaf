"""Whether the system uses a proxy, where it tells."""

import os
from pathlib import Path

import pytest

from isthisme.acquire.system_proxy import SystemProxy, uses_proxy
from tests.acquire.test_answers import Clock

NAMES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("name", "is_used"), [("https_proxy", True), ("ALL_PROXY", True), ("no_proxy", False)])
def test_the_environment_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, is_used: bool) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert uses_proxy({}, tmp_path) == is_used


@pytest.mark.skipif(os.name != "posix" or os.uname().sysname != "Linux", reason="desktops of Linux")
@pytest.mark.parametrize(
    ("settings", "is_used"),
    [
        (None, False),
        ("[Proxy Settings]\nProxyType=0\n", False),
        ("[Proxy Settings][$i]\nProxyType=1\n", True),
        ("[Proxy Settings]\nProxyType=1\nhttpProxy=http://127.0.0.1 9\n", True),
        ("[Proxy Settings]\nProxyType=4\n", True),
        ("[Other]\nx=1\n", False),
        ("no settings at all", True),
    ],
)
def test_kde_tells(tmp_path: Path, settings: str | None, is_used: bool) -> None:
    (tmp_path / ".config").mkdir()
    if settings is not None:
        (tmp_path / ".config" / "kioslaverc").write_text(settings)
    assert uses_proxy({"XDG_CURRENT_DESKTOP": "KDE"}, tmp_path) == is_used


@pytest.mark.skipif(os.name != "posix" or os.uname().sysname != "Linux", reason="desktops of Linux")
@pytest.mark.parametrize(("says", "is_used"), [("'none'", False), ("'manual'", True), ("'auto'", True)])
def test_gnome_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, is_used: bool) -> None:
    program = tmp_path / "gsettings"
    program.write_text(f'#!/bin/sh\n[ "$*" = "get org.gnome.system.proxy mode" ] && echo "{says}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert uses_proxy({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, tmp_path) == is_used
    assert uses_proxy({}, tmp_path) is False


def test_the_answer_is_asked_for_once_a_minute() -> None:
    clock, asked = Clock(), []

    def ask() -> bool:
        asked.append(clock.now)
        return len(asked) > 1

    proxy = SystemProxy(ask, clock)
    assert [proxy.is_used(), proxy.is_used()] == [False, False]
    clock.now += 60
    assert [proxy.is_used(), proxy.is_used()] == [True, True]
    assert len(asked) == 2
