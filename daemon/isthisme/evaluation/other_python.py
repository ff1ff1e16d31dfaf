"""A program run by another interpreter, for packages that do not go with ours: one JSON line in, one JSON line out."""

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAMS = Path(__file__).parent / "foreign"


class OtherPython:
    """A running program of `foreign/`. Ends this program in words when it cannot start or dies."""

    def __init__(self, python: Path, program: str) -> None:
        self._python = python
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the interpreter is the user's choice
                [python, PROGRAMS / program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise SystemExit(f"{python} cannot be started ({error.strerror}); name a Python interpreter") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question."""
        given, taken = self._process.stdin, self._process.stdout
        assert given is not None and taken is not None  # noqa: S101, PT018 - both are pipes
        try:
            given.write(json.dumps(question) + "\n")
            given.flush()
            line = taken.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"{self._python} gave up; what it wrote above says why (is the package installed there?)")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends the program: it reads to the end of what it is asked."""
        self._process.communicate()
