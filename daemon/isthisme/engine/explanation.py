"""A match put in plain words."""

from isthisme.domain import Edit, EditKind, Verdict
from isthisme.engine.evidence import Doubt


def explain(verdict: Verdict, edits: tuple[Edit, ...], doubt: Doubt | None = None) -> str:
    """One or two sentences for the person whose photo it is."""
    opening = "Your photo" if verdict is Verdict.COPY else "Perhaps your photo"
    words = f"{opening}, {_joined([_phrase(edit) for edit in edits]) if edits else 'shown as it is'}."
    return f"{words} {_DOUBTS[doubt]}" if verdict is Verdict.POSSIBLE_COPY else words


_DOUBTS = {
    None: "Too little agrees to be sure: it may be another picture of the same place or moment.",
    Doubt.LITTLE_SHOWS: "Only a small part of it agrees, as in another picture of the same place.",
    Doubt.PARTS_MOVED: "Things have moved against each other, as in another picture of the same moment.",
    Doubt.PART_DIFFERS: "In one place something else shows, as in another picture of the same place.",
}


def _phrase(edit: Edit) -> str:
    amount = edit.amount if edit.amount is not None else 0.0
    return {
        EditKind.EXACT: "the same file",
        EditKind.MIRRORED: "mirrored",
        EditKind.ROTATED: f"rotated by about {_degrees(amount)}",
        EditKind.CROPPED: f"cropped to about {amount:.0%} of it",
        EditKind.COMPOSED: f"part of a larger picture, of which it fills about {amount:.0%}",
        EditKind.RECOLOURED: "recoloured",
        EditKind.OVERLAID: "with something laid over it",
        EditKind.SHRUNK: f"shrunk to about {amount:.0%} of its size",
        EditKind.STRETCHED: "stretched",
        EditKind.TILTED: "seen at an angle",
        EditKind.BLURRED: "blurred",
    }[edit.kind]


def _degrees(clockwise: float) -> str:
    if clockwise > 180:
        return f"{360 - clockwise:.0f} degrees anticlockwise"
    return f"{clockwise:.0f} degrees clockwise"


def _joined(phrases: list[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
