"""What a worker and its libraries complain of, on their third pipe: little of it is kept."""

_MOST_SAID = 256 << 10  # bytes for one picture; then nobody listens to that worker any more
_LAST_WORDS = 500  # bytes that are kept


class Complaints:
    def __init__(self) -> None:
        self._said = 0  # bytes about the present picture
        self._last = b""

    @property
    def last_words(self) -> str:
        """The end of them: one line, of printable characters."""
        words = " ".join(self._last.decode("utf-8", "replace").split())
        return "".join(each if each.isprintable() else "?" for each in words)

    @property
    def are_endless(self) -> bool:
        return self._said > _MOST_SAID

    def begin(self) -> None:
        """What comes now is about another picture."""
        self._said = 0

    def hear(self, words: bytes) -> None:
        self._said += len(words)
        self._last = (self._last + words)[-_LAST_WORDS:]
