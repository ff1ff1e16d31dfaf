"""Fixtures for the extension's tests in real browsers."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import browser_driver
from tests.extension.fake_companion import FakeCompanion
from tests.extension.fake_host import plain_png
from tests.extension.page_server import PageServer


@pytest.fixture(scope="module")
def companion(tmp_path_factory: pytest.TempPathFactory) -> FakeCompanion:
    return FakeCompanion(tmp_path_factory.mktemp("companion"))


@pytest.fixture(scope="module")
def browser(
    playwright: Any, companion: FakeCompanion, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[browser_driver.Chromium]:
    """A Chromium with the extension and the fake companion, shared by a module's tests."""
    home = tmp_path_factory.mktemp("home")
    with browser_driver.chromium(home, companion.launcher, playwright=playwright) as started:
        yield started


@pytest.fixture
def server() -> Iterator[PageServer]:
    """Serves pages and a few pictures of one colour each: mine, maybe, and others."""
    server = PageServer()
    for name, colour in {"mine": (200, 60, 50), "maybe": (60, 60, 200), "other": (60, 160, 70)}.items():
        server.add(f"/{name}.png", plain_png(400, 300, colour))
    server.add("/end.png", plain_png(90, 90, (0, 0, 0)))
    yield server
    server.close()
