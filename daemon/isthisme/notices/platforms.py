"""Where the big networks, shops and hosts take reports. Read from `platforms.toml`."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from isthisme.notices.kinds import Text

type KindName = Literal["dmca", "prc", "dsa", "gdpr", "request"]


class Page(Struct, frozen=True, forbid_unknown_fields=True):
    """Where notices of some kinds go: a page, or an e-mail address."""

    takes: list[KindName]
    page: str = ""
    email: str = ""


class Platform(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    hosts: list[str]  # it and what is below it
    pages: list[Page]
    checked: str  # the day on which the addresses were known, like 2026-11-23
    source: Literal["pages", "documentation"]  # where from: see the head of the file
    how: Text = Text()  # what else is to be known, such as the way through an app
    is_everywhere: bool = False  # search engines and hosts: they may be asked about pages of others

    def page_for(self, kind: str) -> Page | None:
        """The page that takes this kind; else one that takes reports at all."""
        return next((page for page in self.pages if kind in page.takes), self.pages[0] if self.pages else None)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    platforms: list[Platform]


@dataclass(frozen=True, slots=True)
class Platforms:
    all: tuple[Platform, ...]

    def of(self, address: str) -> Platform | None:
        """Whose page an address is, the most precise host first."""
        host = host_of(address)
        while host:
            for platform in self.all:
                if host in platform.hosts:
                    return platform
            host = host.partition(".")[2]
        return None

    def everywhere(self, kind: str) -> list[Platform]:
        """Who else may be asked: search engines that show the page."""
        return [each for each in self.all if each.is_everywhere and any(kind in page.takes for page in each.pages)]


def read_platforms() -> Platforms:
    read = msgspec.toml.decode(files(__package__).joinpath("platforms.toml").read_bytes(), type=_File)
    return Platforms(tuple(read.platforms))


def host_of(address: str) -> str:
    """The host of an address; '' where it has none."""
    try:
        return (urlsplit(address[:4096]).hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return ""
