"""What tests of several folders share."""
# ruff: noqa: E402 the environment comes first

import os
import signal

# What is started in the background has Ctrl-C ignored, and would hand that on to the programs that tests press it for.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Workers start without these. Here they are dropped before NumPy is loaded, so that both reckon alike to the last bit.
for _name in [each for each in os.environ if each.startswith("OPENBLAS_")]:
    del os.environ[_name]

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import browser_driver

# A busy machine is no fault of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SCREENSHOTS = browser_driver.ROOT / "build" / "screenshots"


@pytest.fixture
def screenshots() -> Path:
    """Where pictures of what users see are put."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


@pytest.fixture(scope="module")
def playwright() -> Iterator[Any]:
    """For one module only: while it runs, no other test in this thread may use asyncio."""
    if browser_driver.chromium_path() is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started
