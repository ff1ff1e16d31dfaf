"""What stands in somebody's way on a page of ours: found by axe, and by looking whether it fits."""

from typing import Any

import pytest

from tests.browser_driver import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def assert_accessible(page: Any, only: tuple[str, ...] = ()) -> None:
    """No violation of any of axe's rules, or of those that are named."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed; npm ci brings it")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    options: dict[str, Any] = {
        "rules": {"region": {"enabled": False}}
    }  # landmarks are for documents; a popup is one dialog
    if only:
        options = {"runOnly": {"type": "rule", "values": list(only)}}
    found = page.evaluate("(options) => axe.run(document, {...options, resultTypes: ['violations']})", options)
    problems = [(problem["id"], [node["html"] for node in problem["nodes"]]) for problem in found["violations"]]
    assert not problems, problems


def assert_fits(page: Any) -> None:
    """Nothing makes the page scroll sideways."""
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1
                || element.getBoundingClientRect().left < -1)
            .map((element) => element.outerHTML.slice(0, 100))"""
    )
    assert wide == [], wide
