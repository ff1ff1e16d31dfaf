"""The frames of a catalog's write-ahead log, as the file format has them: https://www.sqlite.org/walformat.html."""

from dataclasses import dataclass
from struct import unpack_from

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24


@dataclass(frozen=True, slots=True)
class Frame:
    page: int
    is_commit: bool
    end: int  # bytes from the log's beginning
    content: bytes


@dataclass(frozen=True, slots=True)
class Log:
    salt: bytes  # another one each time the log begins anew
    frames: tuple[Frame, ...]  # of committed transactions, in the order they were written

    @property
    def end(self) -> int:
        return self.frames[-1].end if self.frames else 0


def read_log(data: bytes) -> Log:
    """The part of a log that counts: what was written before it last began anew may follow, and does not."""
    if len(data) < HEADER_BYTES:
        return Log(b"", ())
    (page_size,) = unpack_from(">I", data, 8)
    salt = data[16:24]
    found: list[Frame] = []
    committed = 0
    at = HEADER_BYTES
    while at + FRAME_HEADER_BYTES + page_size <= len(data) and data[at + 8 : at + 16] == salt:
        page, size_after = unpack_from(">II", data, at)
        end = at + FRAME_HEADER_BYTES + page_size
        found.append(Frame(page, size_after > 0, end, data[at + FRAME_HEADER_BYTES : end]))
        if size_after:
            committed = len(found)
        at = end
    return Log(salt, tuple(found[:committed]))


def frames_being_moved(directory: bytes) -> int:
    """So many frames were synced before they began to be brought into the main file, by the log's directory."""
    (count,) = unpack_from("=I", directory, 128) if len(directory) >= 132 else (0,)
    return int(count)
