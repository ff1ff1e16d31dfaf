"""The architecture as one drawing: how the programs are joined, and the rooms of the daemon on their floors."""

from dataclasses import dataclass
from html import escape

from documentation.floors import House

_WIDTH = 1120
_FLOOR_HEIGHT = 78
_BOX_HEIGHT = 34
_TOP = 150  # what the programs take above the floors
_MARGIN = 20
_LETTER = 7.4  # width of one, at the size that the rooms are written in
_STYLE = """
  text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #22303c; text-anchor: middle }
  .small { font-size: 11px; fill: #5b6975 }
  .band { fill: #eef2f6 } .band.odd { fill: #f7f9fb }
  .room { fill: #ffffff; stroke: #2f6f9f; stroke-width: 1.2 }
  .program { fill: #fff6e5; stroke: #b7791f; stroke-width: 1.2 }
  .line { fill: none; stroke: #7a8fa1; stroke-width: 1 }
  .arrow { stroke: #b7791f; stroke-width: 1.4; fill: none; marker-end: url(#head) }
"""
_ARROWHEAD = """<defs>
<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#b7791f"/></marker></defs>"""
_PROGRAMS = (  # name, what it is; between them, what joins each to the next
    ("web page", "a stranger's"),
    ("extension", "in your browser"),
    ("native host", "started by the browser"),
    ("daemon and workers", "the rooms below"),
)
_JOINTS = ("pictures' addresses", "JSON, stdio", "frames, a socket file")


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    width: float

    @property
    def middle(self) -> float:
        return self.left + self.width / 2


def drawn(house: House) -> str:
    """The drawing as SVG; the same for the same house. The bottom floor, which everybody imports, has no lines."""
    order = _ordered(house)
    boxes = {room: box for number, floor in enumerate(order) for room, box in _placed(floor, number)}
    bottom = set(order[-1])
    lines = [pair for pair in sorted(house.lines()) if pair[1] not in bottom]
    height = _TOP + _FLOOR_HEIGHT * len(order) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>The programs, and the rooms of the daemon on their floors</title>",
        f"<style>{_STYLE}</style>",
        _ARROWHEAD,
        f'<rect width="{_WIDTH}" height="{height}" rx="10" fill="#ffffff"/>',
        *_programs(),
        *(_band(number) for number in range(len(order))),
        *(_line(boxes[one], boxes[other]) for one, other in lines),
        *(_room(room, box) for room, box in boxes.items()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ordered(house: House) -> list[list[str]]:
    """Rooms moved sideways so that lines are short: each to the mean of what it is joined to, a few times."""
    floors = [list(floor) for floor in house.floors]
    lines = house.lines()
    for _ in range(12):
        place = {room: (n + 0.5) / len(floor) for floor in floors for n, room in enumerate(floor)}
        joined = {
            room: [place[b if a == room else a] for a, b in sorted(lines) if room in (a, b)]
            for floor in floors
            for room in floor
        }
        for floor in floors:
            floor.sort(key=lambda room: (sum(joined[room]) / len(joined[room]) if joined[room] else 0.5, room))
    return floors


def _placed(floor: list[str], number: int) -> list[tuple[str, _Box]]:
    widths = [len(room) * _LETTER + 22 for room in floor]
    gap = (_WIDTH - 2 * _MARGIN - sum(widths)) / (len(floor) + 1)
    left, top = _MARGIN + gap, _TOP + number * _FLOOR_HEIGHT + (_FLOOR_HEIGHT - _BOX_HEIGHT) / 2
    placed = []
    for room, width in zip(floor, widths, strict=True):
        placed.append((room, _Box(left, top, width)))
        left += width + gap
    return placed


def _programs() -> list[str]:
    width, step = 170, (_WIDTH - 2 * _MARGIN - 170) / (len(_PROGRAMS) - 1)
    parts = []
    for number, (name, words) in enumerate(_PROGRAMS):
        left = _MARGIN + number * step
        parts.append(f'<rect class="program" x="{left:.0f}" y="40" width="{width}" height="54" rx="8"/>')
        parts.append(f'<text x="{left + width / 2:.0f}" y="63">{escape(name)}</text>')
        parts.append(f'<text class="small" x="{left + width / 2:.0f}" y="81">{escape(words)}</text>')
        if number < len(_JOINTS):
            start, end = left + width + 4, left + step - 4
            parts.append(f'<path class="arrow" d="M{start:.0f} 67H{end:.0f}"/>')
            parts.append(f'<text class="small" x="{(start + end) / 2:.0f}" y="58">{escape(_JOINTS[number])}</text>')
    under = _MARGIN + (len(_PROGRAMS) - 1) * step + width / 2
    parts.append(f'<path class="arrow" d="M{under:.0f} 96V{_TOP - 4}"/>')
    parts.append(f'<text class="small" x="{_WIDTH / 2}" y="{_TOP - 14}">imports point down</text>')
    return parts


def _band(number: int) -> str:
    top = _TOP + number * _FLOOR_HEIGHT
    kind = "band odd" if number % 2 else "band"
    return f'<rect class="{kind}" x="{_MARGIN}" y="{top}" width="{_WIDTH - 2 * _MARGIN}" height="{_FLOOR_HEIGHT}"/>'


def _line(one: _Box, other: _Box) -> str:
    start, end = one.top + _BOX_HEIGHT, other.top
    bend = (start + end) / 2
    return (
        f'<path class="line" d="M{one.middle:.0f} {start:.0f}C{one.middle:.0f} {bend:.0f} '
        f'{other.middle:.0f} {bend:.0f} {other.middle:.0f} {end:.0f}"/>'
    )


def _room(room: str, box: _Box) -> str:
    place = f'x="{box.left:.0f}" y="{box.top:.0f}" width="{box.width:.0f}" height="{_BOX_HEIGHT}"'
    return f'<rect class="room" {place} rx="6"/><text x="{box.middle:.0f}" y="{box.top + 22:.0f}">{escape(room)}</text>'
