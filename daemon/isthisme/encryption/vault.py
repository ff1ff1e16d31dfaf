"""What reads and writes the files of a home, and the vault of a home that is not encrypted."""

from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Protocol

RECORD_NAME = "encryption.json"  # in the home, where it is encrypted


class Vault(Protocol):
    """Below the home files may be encrypted; what is written elsewhere is the user's, and plain."""

    def catalog_key(self, catalog: Path) -> bytes | None:
        """What opens the catalog's file; None where it is plain."""
        ...

    def seals(self, path: Path) -> bool:
        """Whether a file that is written there now is encrypted."""
        ...

    def is_sealed(self, path: Path) -> bool:
        """Whether the file that lies there is encrypted. Raises OSError."""
        ...

    def open(self, path: Path) -> BufferedReader:
        """The plain bytes of the file, to be read in any order. Raises OSError and SealedFileDamaged, then or later."""
        ...

    def writing(self, path: Path, stream: BinaryIO) -> AbstractContextManager[BinaryIO]:
        """What takes the plain bytes of a file that will have that path, and writes it to the stream, from its
        beginning to its end. The stream stays open, and the plain bytes have a number, given by `tell`."""
        ...

    def sealed(self, path: Path, data: bytes) -> bytes:
        """The bytes that a file of that path and content is written with."""
        ...


class PlainVault:
    """Files as they are."""

    def catalog_key(self, catalog: Path) -> None:
        return None

    def seals(self, path: Path) -> bool:
        return False

    def is_sealed(self, path: Path) -> bool:
        return False

    def open(self, path: Path) -> BufferedReader:
        return path.open("rb")

    def writing(self, path: Path, stream: BinaryIO) -> AbstractContextManager[BinaryIO]:
        return nullcontext(stream)

    def sealed(self, path: Path, data: bytes) -> bytes:
        return data


PLAIN: Vault = PlainVault()
