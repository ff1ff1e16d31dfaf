"""The rooms of the daemon, the floors that pyproject.toml puts them on, and which room imports which."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
_PACKAGE = "isthisme"
_DOOR = "__main__"  # the command line under another name


@dataclass(frozen=True, slots=True)
class House:
    """`floors` from the top down; `imports` are pairs of rooms, the importing one first."""

    floors: tuple[tuple[str, ...], ...]
    imports: frozenset[tuple[str, str]]

    @property
    def rooms(self) -> frozenset[str]:
        return frozenset(room for floor in self.floors for room in floor)

    def faults(self) -> list[str]:
        """What a drawing of the floors would be wrong about, in words."""
        level = {room: number for number, floor in enumerate(self.floors) for room in floor}
        homeless = sorted({room for pair in self.imports for room in pair} - self.rooms)
        return [f"{room} is on no floor of pyproject.toml" for room in homeless] + [
            f"{one} imports {other}, which is not below it"
            for one, other in sorted(self.imports)
            if one in level and other in level and level[other] <= level[one]
        ]

    def lines(self) -> frozenset[tuple[str, str]]:
        """The imports without those that follow from others: where A imports B and C, and B imports C, not A to C."""
        return frozenset(
            (one, other)
            for one, other in self.imports
            if not any(between in self._below(one) and other in self._below(between) for between in self.rooms)
        )

    def _below(self, room: str) -> set[str]:
        found: set[str] = set()
        waiting = [room]
        while waiting:
            here = waiting.pop()
            for one, other in self.imports:
                if one == here and other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def the_house() -> House:
    """As the sources have it now."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = [
        tuple(room.strip().removeprefix(f"{_PACKAGE}.").strip("()") for room in layer.split("|")) for layer in layers
    ]
    return House(tuple(floor for floor in floors if floor != (_DOOR,)), _imports())


def _imports() -> frozenset[tuple[str, str]]:
    graph = grimp.build_graph(_PACKAGE, cache_dir=None)
    pairs = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            one, other = _room(module), _room(imported)
            if one != other and _PACKAGE not in (one, other) and _DOOR not in (one, other):
                pairs.add((one, other))
    return frozenset(pairs)


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2]).removeprefix(f"{_PACKAGE}.")
