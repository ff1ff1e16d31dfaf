"""`python -m documentation.site`: builds the site from what lies in docs/, and checks what was built."""

import os
import subprocess
import sys
from pathlib import Path

from documentation.assembled import assemble
from documentation.foreign_hosts import requests_elsewhere

_ROOT = Path(__file__).parents[1]
_SITE = _ROOT / "build" / "site"


def main() -> int:
    assemble(_ROOT, _ROOT / "build" / "docs")
    # The theme would print an advertisement for its successor.
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "--strict"]
    done = subprocess.run(command, cwd=_ROOT, env=quiet, capture_output=True, text=True, check=False)  # noqa: S603 ours
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)  # noqa: T201 its answer
        return 1
    faults = requests_elsewhere(_SITE)
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 likewise
    print(f"{len(list(_SITE.rglob('*.html')))} pages in {_SITE.relative_to(_ROOT)}")  # noqa: T201 likewise
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
