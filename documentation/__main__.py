"""`python -m documentation [--check]`: writes the generated files, or says which are stale."""

import sys

from documentation.floors import ROOT, the_house
from documentation.generated import generated, stale


def main(arguments: list[str]) -> int:
    faults = the_house().faults()
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 its answer
    if faults:
        return 1
    if arguments == ["--check"]:
        paths = stale()
        for path in paths:
            print(f"{path.relative_to(ROOT)} is not what the code says: run scripts/generate-docs")  # noqa: T201 likewise
        return 1 if paths else 0
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


sys.exit(main(sys.argv[1:]))
