"""The host on Windows: a program that was copied into the home folder, and knows that folder by where it lies."""

import os
import sys

LAUNCHER_NAME = "native-host"


def main() -> None:
    own_path = os.path.abspath(sys.argv[0])
    if os.path.splitext(os.path.basename(own_path))[0].lower() == LAUNCHER_NAME:
        os.environ["ISTHISME_HOME"] = os.path.dirname(own_path)
    from isthisme_host.__main__ import main as serve

    serve()
