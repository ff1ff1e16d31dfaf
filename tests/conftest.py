"""What tests of several folders share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import browser_driver


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    """For one module only: while it runs, no other test in this thread may use asyncio."""
    if browser_driver.chromium_path() is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started
