"""What a document is made of. Every text is shown as it is: nothing in it is read as markup."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 1  # 1 to 3; the document's title stands above them all


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Line breaks in the text are kept."""

    text: str
    style: Literal["plain", "strong", "small"] = "plain"


@dataclass(frozen=True, slots=True)
class Remark:
    """A paragraph in a frame, for what must not be overlooked."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list with a dot, or a number, before each text."""

    texts: tuple[str, ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with their values, one below the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose head is repeated on every page it reaches."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # each as long as the head
    widths: tuple[float, ...] = ()  # of the columns, in proportion; () leaves them to the texts


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that this program made itself, upright: it is not checked as a stranger's would have to be."""

    data: bytes  # PNG or JPEG
    description: str  # for who cannot see it
    caption: str = ""
    width: float = 1.0  # of the text's width, 0 to 1; less where it would be higher than a page


@dataclass(frozen=True, slots=True)
class PictureRow:
    """Pictures beside each other, sharing the text's width evenly; the width of each is of its share."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    pass


type Block = Heading | Paragraph | Remark | Items | Fields | Grid | Picture | PictureRow | NewPage


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    language: Literal["en", "zh"]
    made: datetime  # with its offset from UTC; recorded in the file, and nothing else depends on the clock
    blocks: tuple[Block, ...]
    header: str = ""  # above every page; the title where it is empty
    longest_text: int = 16_384  # characters: of a longer text the beginning is shown, and how much more there is
