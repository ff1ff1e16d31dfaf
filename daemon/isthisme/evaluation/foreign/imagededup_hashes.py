"""Hashes pictures as imagededup does: one JSON line {"path"} in, one {name: hexadecimal hash} out."""

import json
import sys
from typing import Any

METHODS = ("PHash", "DHash", "WHash", "AHash")


def main() -> None:
    from imagededup import methods

    hashers: dict[str, Any] = {name: getattr(methods, name)(verbose=False) for name in METHODS}
    for line in sys.stdin:
        path = json.loads(line)["path"]
        answer = {name: hasher.encode_image(image_file=path) for name, hasher in hashers.items()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
