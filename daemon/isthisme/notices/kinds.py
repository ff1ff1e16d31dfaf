"""The kinds of notices: what their laws want in them, and what the user is asked for it. Read from `kinds.toml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from isthisme.errors import UsageError

type Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
ADDRESSES = "addresses"  # what an element needs that no question gives: where the pictures are


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    en: str = ""
    zh: str = ""

    def __call__(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    value: str
    label: Text
    stops: Text | None = None  # why whoever chooses it cannot send this notice


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    field: str
    is_: list[str] = msgspec.field(name="is")


class Field(Struct, frozen=True, forbid_unknown_fields=True):
    """A question to the user."""

    id: str = ""
    label: Text = Text()
    help: Text = Text()
    type: Literal["text", "lines", "email", "choice", "check"] = "text"
    options: list[Option] = []
    is_optional: bool = False
    is_about_user: bool = False  # the same in every notice, so that it can be offered again
    only_if: Condition | None = None

    def is_asked(self, answers: Mapping[str, str]) -> bool:
        return self.only_if is None or answers.get(self.only_if.field, "") in self.only_if.is_

    def option(self, value: str) -> Option | None:
        return next((each for each in self.options if each.value == value), None)


class Element(Struct, frozen=True, forbid_unknown_fields=True):
    """What a law, or good sense, wants in a notice."""

    clause: Text
    what: Text
    needs: list[str]  # fields, or ADDRESSES
    says: Text  # words that every draft holds


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: Text
    law: Text
    about: Text
    fields: list[Field]
    elements: list[Element]

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.id == name)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    disclaimer: Text
    fields: dict[str, Field]
    kinds: list[Kind]


@dataclass(frozen=True, slots=True)
class Kinds:
    disclaimer: Text
    all: tuple[Kind, ...]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.all)

    def one(self, name: str) -> Kind:
        """Raises UsageError."""
        for kind in self.all:
            if kind.id == name:
                return kind
        raise UsageError(
            f"there is no notice of kind {name[:100]!r}; there are {', '.join(each.id for each in self.all)}"
        )


def read_kinds() -> Kinds:
    read = msgspec.toml.decode(files(__package__).joinpath("kinds.toml").read_bytes(), type=_File)
    return Kinds(read.disclaimer, tuple(_with_shared(kind, read.fields) for kind in read.kinds))


def _with_shared(kind: Kind, shared: Mapping[str, Field]) -> Kind:
    """The kind with the questions written out that it only names."""
    fields = [
        msgspec.structs.replace(shared[each.id], id=each.id) if each == Field(id=each.id) else each
        for each in kind.fields
    ]
    return msgspec.structs.replace(kind, fields=fields)
