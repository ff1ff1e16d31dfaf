"""Which edits lie between the photo and the query image, the main one first."""

import numpy as np

from isthisme.domain import Edit, EditKind
from isthisme.engine.close_up import CloseUp
from isthisme.engine.evidence import Evidence
from isthisme.engine.geometry import apply

# From here on a difference is worth a word. Measured on 760 edited copies by other code whose edits are known
# (2026-11-22); the numbers behind each are what the copies without and with the edit came to.
_TURNED_DEGREES = 2.5
_SKEWED = 0.05  # radians or logarithm; without perspective at most 0.042, with it 36 of 39 from 0.057 on
_SHEARED_ONLY = 0.015  # tilt of what was turned and stretched, not seen at an angle
_STRETCHED = 1.08
_STRETCHED_AND_TILTED = 1.35  # perspective alone stretches by less
_CROPPED_SHARE = 0.94  # of the photo
_COMPOSED_SHARE = 0.9  # of the query image
_FILLED = 0.88  # of the query image: what spans it stands askew in it, not beside something else
_SHRUNK_SCALE = 0.75
_COLOUR_SHIFT = 4.5  # levels of 255, with a tint; strong compression comes to 6.7
_TINT = 1.9  # and to 0.6
_CLEAR_COLOUR_SHIFT = 9.0  # without a tint, as of weaker colours: without new colours 99 % lie below 7.8
_OVERLAID_SHARE = 0.005
_OVERLAID_SHARE_SOFT = 0.035  # where detail was lost: of 40 blurred and pixelated copies the highest came to 0.031
_SOFT_SHARPNESS = 0.75
_BLURRED_SHARPNESS = 0.65  # blurred and pixelated copies at most 0.61; others nearly all from 0.78 on


def name_edits(evidence: Evidence, scale: float) -> tuple[Edit, ...]:
    """The edits that explain the evidence, by how much each changes what is seen. Empty for a plain copy.

    `scale`: pixels of the original query image for one of the original photo.
    """
    look = evidence.close_up
    if look is None:
        return ()
    found = [*_by_map(evidence, look, scale), *_by_look(look)]
    found.sort(key=lambda each: -each[0])
    return tuple(edit for _, edit in found)


def _by_map(evidence: Evidence, look: CloseUp, scale: float) -> list[tuple[float, Edit]]:
    """(weight, edit) of what moved."""
    parts = evidence.parts
    found: list[tuple[float, Edit]] = []
    if parts.is_mirrored:
        found.append((6.0, Edit(EditKind.MIRRORED)))
    turned = min(parts.rotation_degrees, 360 - parts.rotation_degrees)
    is_turned = turned > _TURNED_DEGREES
    skew, tilt = _skew(evidence, look)
    is_stretched = parts.stretch > _STRETCHED
    is_tilted = max(skew, tilt) > _SKEWED and not (is_turned and is_stretched and tilt < _SHEARED_ONLY)
    askew = 0.0  # the weight of what tells why corners are missing or filled
    if is_turned:
        turning = 3.0 + min(2.0, turned / 20)
        found.append((turning, Edit(EditKind.ROTATED, round(parts.rotation_degrees, 1))))
        askew = turning if min(turned % 90, 90 - turned % 90) > _TURNED_DEGREES else 0.0
    if is_tilted:
        tilting = 4.0 + min(1.0, 4 * max(skew, tilt))
        found.append((tilting, Edit(EditKind.TILTED)))
        askew = max(askew, tilting)
    if is_stretched and (not is_tilted or parts.stretch > _STRETCHED_AND_TILTED):
        found.append((1.2 + 2 * parts.stretch, Edit(EditKind.STRETCHED, round(parts.stretch, 2))))
    found.extend(_by_share(look, askew))
    if scale < _SHRUNK_SCALE:
        found.append((0.5 + (_SHRUNK_SCALE - scale), Edit(EditKind.SHRUNK, round(scale, 2))))
    return found


def _by_share(look: CloseUp, askew: float) -> list[tuple[float, Edit]]:
    """(weight, edit) of what was left out and added; after what stands `askew` (its weight) where that explains it."""
    found: list[tuple[float, Edit]] = []
    if look.photo_share < _CROPPED_SHARE:
        weight = 1.6 + 2.4 * (1 - look.photo_share)
        found.append(
            (min(weight, 0.9 * askew) if askew else weight, Edit(EditKind.CROPPED, round(look.photo_share, 2)))
        )
    if look.query_share < _COMPOSED_SHARE:
        weight = 3.2 + 2 * (1 - look.query_share)
        if askew and look.extent > _FILLED:
            weight = min(weight, 0.9 * askew)
        found.append((weight, Edit(EditKind.COMPOSED, round(look.query_share, 2))))
    return found


def _by_look(look: CloseUp) -> list[tuple[float, Edit]]:
    """(weight, edit) of what looks otherwise."""
    seen = look.appearance
    found: list[tuple[float, Edit]] = []
    if seen.overlaid_share > (_OVERLAID_SHARE if seen.sharpness > _SOFT_SHARPNESS else _OVERLAID_SHARE_SOFT):
        found.append((2.0 + min(1.0, 5 * seen.overlaid_share), Edit(EditKind.OVERLAID)))
    if seen.colour_shift > (_COLOUR_SHIFT if seen.tint > _TINT else _CLEAR_COLOUR_SHIFT):
        found.append((1.0 + min(2.5, seen.colour_shift / 15), Edit(EditKind.RECOLOURED)))
    if seen.sharpness < _BLURRED_SHARPNESS:
        found.append((0.9 + 1.2 * (_BLURRED_SHARPNESS - seen.sharpness), Edit(EditKind.BLURRED)))
    return found


def _skew(evidence: Evidence, look: CloseUp) -> tuple[float, float]:
    """How far the part that shows is from a rectangle in the query: its corners' largest turn off the right angle,
    radians, and the logarithm of the ratio of opposite sides."""
    (left, top), (right, bottom) = (edge(np.asarray(look.photo_region), axis=0) for edge in (np.min, np.max))
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    corners = np.asarray(apply(evidence.alignment.matrix, box))
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    cosines = (sides * np.roll(sides, -1, axis=0)).sum(axis=1) / (lengths * np.roll(lengths, -1))
    turn = float(np.arcsin(np.clip(np.abs(cosines).max(), 0, 1)))
    return turn, float(max(abs(np.log(lengths[0] / lengths[2])), abs(np.log(lengths[1] / lengths[3]))))
