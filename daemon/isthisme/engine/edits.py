"""Which edits lie between the photo and the query image, the main one first."""

from isthisme.domain import Edit, EditKind
from isthisme.engine.appearance import look_at
from isthisme.engine.evidence import Evidence

# From here on a difference is worth a word. Chosen on edited copies whose edits are known (scripts/evaluate).
_TURNED_DEGREES = 2.5
_TILTED = 0.08
_STRETCHED = 1.08
_CROPPED_SHARE = 0.94  # of the photo
_COMPOSED_SHARE = 0.9  # of the query image
_HIDDEN_SHARE = 0.12  # under the query's plain ground
_SHRUNK_SCALE = 0.75
_COLOUR_SHIFT = 4.5  # levels of 255
_OVERLAID_SHARE = 0.004
_BLURRED_SHARPNESS = 0.66
_LEAST_SCALE_TO_BLUR = 0.35  # shrunk further, a copy is soft anyway


def name_edits(evidence: Evidence, scale: float) -> tuple[Edit, ...]:
    """The edits that explain the evidence, by how much each changes what is seen. Empty for a plain copy.

    `scale`: pixels of the original query image for one of the original photo.
    """
    found = [*_by_map(evidence, scale), *_by_look(evidence)]
    found.sort(key=lambda each: -each[0])
    return tuple(edit for _, edit in found)


def _by_map(evidence: Evidence, scale: float) -> list[tuple[float, Edit]]:
    """(weight, edit) of what moved."""
    parts, frame = evidence.parts, evidence.frame
    found: list[tuple[float, Edit]] = []
    if parts.is_mirrored:
        found.append((6.0, Edit(EditKind.MIRRORED)))
    turned = min(parts.rotation_degrees, 360 - parts.rotation_degrees)
    if turned > _TURNED_DEGREES:
        found.append((3.0 + min(2.0, turned / 20), Edit(EditKind.ROTATED, round(parts.rotation_degrees, 1))))
    if parts.tilt > _TILTED:
        found.append((2.8 + min(2.0, 4 * parts.tilt), Edit(EditKind.TILTED)))
    if parts.stretch > _STRETCHED and parts.tilt < 2 * _TILTED:
        found.append((1.2 + 2 * parts.stretch, Edit(EditKind.STRETCHED, round(parts.stretch, 2))))
    if frame.photo_share < _CROPPED_SHARE:
        found.append((2.0 + 3 * (1 - frame.photo_share), Edit(EditKind.CROPPED, round(frame.photo_share, 2))))
    if frame.query_share < _COMPOSED_SHARE:
        found.append((2.0 + 3 * (1 - frame.query_share), Edit(EditKind.COMPOSED, round(frame.query_share, 2))))
    elif evidence.agreement.hidden > _HIDDEN_SHARE:
        share = frame.query_share * (1 - evidence.agreement.hidden)
        found.append((2.0, Edit(EditKind.COMPOSED, round(share, 2))))
    if scale < _SHRUNK_SCALE:
        found.append((0.5 + (_SHRUNK_SCALE - scale), Edit(EditKind.SHRUNK, round(scale, 2))))
    return found


def _by_look(evidence: Evidence) -> list[tuple[float, Edit]]:
    """(weight, edit) of what looks otherwise."""
    look = look_at(evidence.frame)
    found: list[tuple[float, Edit]] = []
    overlaid_share = look.overlaid_share + evidence.frame.covered_share
    if overlaid_share > _OVERLAID_SHARE:
        found.append((2.2 + min(1.5, 10 * overlaid_share), Edit(EditKind.OVERLAID)))
    if look.colour_shift > _COLOUR_SHIFT:
        found.append((1.0 + min(2.0, look.colour_shift / 20), Edit(EditKind.RECOLOURED)))
    if look.sharpness < _BLURRED_SHARPNESS and evidence.parts.scale > _LEAST_SCALE_TO_BLUR:
        found.append((0.9, Edit(EditKind.BLURRED)))
    return found
