"""How much may come out of an archive, whatever it says of itself."""

from isthisme.errors import InputError

_SMALL = 1 << 30  # bytes; so much may come out of any archive
_MOST_TIMES_LARGER = 100  # than the archive: text packs to a tenth, pictures hardly at all, bombs to a thousandth


class TooMuchUnpacked(InputError):
    """What came before was looked at."""


class Allowance:
    """Counts what was unpacked, of an archive and all that is in it."""

    def __init__(self, archive_bytes: int) -> None:
        self._most = max(_SMALL, _MOST_TIMES_LARGER * archive_bytes)
        self._left = self._most

    def spend(self, unpacked: int) -> None:
        """Raises TooMuchUnpacked where it is more than archives hold that are what they seem."""
        self._left -= unpacked
        if self._left < 0:
            raise TooMuchUnpacked(
                f"unpacks to more than {self._most >> 30:,} GiB, as archives do that are made to harm; what came "
                "before was looked at; if you trust it, unpack it and scan the folder"
            )
