"""What `isthisme doctor` can say, read from the sources: each Finding, with its words and its way out."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from documentation.floors import ROOT

_SOURCES = ROOT / "daemon" / "isthisme"
_DOCTOR = "doctor"  # rooms named so, and those below `doctor/`
UNKNOWN = "…"  # stands for what only the computer that is examined knows
_PARTS = ("level", "about", "words", "way_out")


class Unreadable(Exception):
    """A Finding is made in a way that cannot be read from the source."""


@dataclass(frozen=True, slots=True)
class Text:
    """One thing that doctor can say. Several words where the source chooses between them."""

    level: str  # fine, note or trouble; several where the source chooses
    about: str
    words: str
    way_out: str | None


def doctor_texts(sources: Path = _SOURCES) -> list[Text]:
    """All of them, in the order of the sources. Raises Unreadable."""
    files = sorted(path for path in sources.rglob("*.py") if _makes_doctors_findings(path))
    return [text for path in files for text in _texts(path)]


def _makes_doctors_findings(path: Path) -> bool:
    source = path.read_text(encoding="utf-8")
    is_doctor = path.stem == _DOCTOR or path.parent.name == _DOCTOR
    return "Finding(" in source and (is_doctor or "isthisme.doctor import" in source)


def _texts(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = _named(tree.body)
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            for call in sorted(_findings(function), key=lambda call: call.lineno):
                yield _text(call, constants | _named(_before(function, call)), f"{path.name}:{call.lineno}")


def _findings(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for each in ast.walk(function):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "Finding":
            yield each


def _text(call: ast.Call, names: dict[str, ast.expr], where: str) -> Text:
    given = dict(zip(_PARTS, call.args, strict=False)) | {each.arg: each.value for each in call.keywords if each.arg}
    if not given.keys() >= {"level", "about", "words"}:
        raise Unreadable(f"{where}: write out level, about and words of the Finding, so that they can be documented")
    about = _told(given["about"], names)
    if about == UNKNOWN:
        raise Unreadable(f"{where}: what the Finding is about is not written out")
    way_out = given.get("way_out")
    has_way_out = way_out is not None and not (isinstance(way_out, ast.Constant) and way_out.value is None)
    told = _told(way_out, names) if way_out is not None and has_way_out else None
    return Text(_level(given["level"], names), about, _told(given["words"], names), told)


def _level(value: ast.expr, names: dict[str, ast.expr]) -> str:
    match value:
        case ast.Attribute(attr=name):
            return name.lower()
        case ast.IfExp(body=one, orelse=other):
            return f"{_level(one, names)} or {_level(other, names)}"
        case ast.Name(id=name) if name in names:
            return _level(names[name], names)
        case _:
            return "note or trouble"


def _told(value: ast.expr, names: dict[str, ast.expr]) -> str:
    """The text with `…` for each value that is put into it."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_told(part, names) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _told(left, names) + _told(right, names)
        case ast.IfExp(body=one, orelse=other):
            return f"{_told(one, names)} / {_told(other, names)}"
        case ast.Name(id=name) if name in names:
            return _told(names[name], {key: each for key, each in names.items() if key != name})
        case _:
            return UNKNOWN


def _before(function: ast.FunctionDef, call: ast.Call) -> list[ast.stmt]:
    """The assignments of the function that stand before the call, in order."""
    found = (each for each in ast.walk(function) if isinstance(each, ast.Assign) and each.lineno < call.lineno)
    return sorted(found, key=lambda each: each.lineno)


def _named(statements: list[ast.stmt]) -> dict[str, ast.expr]:
    """Later assignments win, as they do when the source runs from top to bottom."""
    return {
        target.id: each.value
        for each in statements
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
