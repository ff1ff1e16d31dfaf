"""What is promised, how often each promise was put to the test, and where it was broken."""

from collections import Counter
from enum import StrEnum

_MOST_EXAMPLES = 8


class Promise(StrEnum):
    ANSWERED = "every question is answered or refused in its time"
    OWN = "an answer belongs to the question, the picture and the connection that asked"
    RIGHT_PHOTO = "a match names the photo that the picture was made of"
    NO_STRANGER = "a stranger's picture is never called a copy"
    FOUND = "a plain copy of a photo that nobody touched is found"
    KEPT = "what was acknowledged is there"
    GONE = "what was deleted stays deleted"
    NO_FAULT = "no question ends in a fault of ours"
    CONNECTED = "a connection ends only with its process, and another one follows"
    SOUND = "catalog, journal and index files are sound"
    IN_STEP = "the index holds what the folders hold"
    ENDS = "no process is left behind"
    CLEAN = "no temporary file is left behind"
    QUIET_LOG = "the log is small, and names no address, picture or fault"
    FLAT_MEMORY = "memory stays flat"
    FLAT_HANDLES = "open files, sockets and threads stay flat"


class Findings:
    """For one run; for one thread."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()  # what happened, in words
        self.checked: Counter[Promise] = Counter()
        self.broken: Counter[Promise] = Counter()
        self.examples: dict[Promise, list[str]] = {}

    def check(self, promise: Promise, holds: bool, words: str) -> bool:
        """Puts a promise to the test; `words` tell what was found where it does not hold."""
        self.checked[promise] += 1
        if not holds:
            self.broken[promise] += 1
            examples = self.examples.setdefault(promise, [])
            if len(examples) < _MOST_EXAMPLES:
                examples.append(words)
        return holds

    @property
    def are_good(self) -> bool:
        return not self.broken
