"""What axe finds on a page of ours that would stand in somebody's way."""

from typing import Any

import pytest

from tests.browser_driver import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def assert_accessible(page: Any) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed; npm ci brings it")
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    rules = {"region": {"enabled": False}}  # landmarks are for documents; a popup is one dialog
    found = page.evaluate("(rules) => axe.run(document, {rules})", rules)
    problems = [(problem["id"], [node["html"] for node in problem["nodes"]]) for problem in found["violations"]]
    assert problems == []
