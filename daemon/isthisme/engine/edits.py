"""Which edits lie between the photo and the query image, the main one first."""

import cv2
import numpy as np

from isthisme.domain import Edit, EditKind
from isthisme.engine.evidence import Evidence


def name_edits(evidence: Evidence) -> tuple[Edit, ...]:
    """The edits that explain the evidence, by how much each changes what is seen. Empty for a plain copy."""
    found = [*_by_map(evidence), *_by_look(evidence)]
    found.sort(key=lambda each: -each[0])
    return tuple(edit for _, edit in found)


def _by_map(evidence: Evidence) -> list[tuple[float, Edit]]:
    parts, frame = evidence.parts, evidence.frame
    found: list[tuple[float, Edit]] = []
    if parts.is_mirrored:
        found.append((5.0, Edit(EditKind.MIRRORED)))
    turned = min(parts.rotation_degrees, 360 - parts.rotation_degrees)
    if turned > 3:
        found.append((3.0 + min(1.0, turned / 45), Edit(EditKind.ROTATED, round(parts.rotation_degrees, 1))))
    if parts.tilt > 0.06:
        found.append((3.5, Edit(EditKind.TILTED)))
    if parts.stretch > 1.07:
        found.append((2.0 + parts.stretch, Edit(EditKind.STRETCHED, round(parts.stretch, 2))))
    if frame.photo_share < 0.93:
        found.append((2.0 + 2 * (1 - frame.photo_share), Edit(EditKind.CROPPED, round(frame.photo_share, 2))))
    if frame.query_share < 0.9:
        found.append((2.0 + 2.5 * (1 - frame.query_share), Edit(EditKind.COMPOSED, round(frame.query_share, 2))))
    return found


def _by_look(evidence: Evidence) -> list[tuple[float, Edit]]:
    agreement, frame = evidence.agreement, evidence.frame
    found: list[tuple[float, Edit]] = []
    if agreement.agreeing < 0.9 and agreement.conflicting > 0.04:
        found.append((1.5 + 4 * agreement.conflicting, Edit(EditKind.OVERLAID)))
    shift = np.abs(frame.photo[frame.is_visible].mean(axis=0) - frame.query[frame.is_visible].mean(axis=0)).max()
    spread = frame.photo[frame.is_visible].std(), frame.query[frame.is_visible].std()
    if shift > 14 or max(spread) > 1.25 * min(spread) + 2:
        found.append((1.0 + shift / 30, Edit(EditKind.RECOLOURED)))
    sharpness = [
        cv2.Laplacian(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var() for each in (frame.photo, frame.query)
    ]
    if sharpness[1] < 0.35 * sharpness[0] and evidence.parts.scale > 0.4:
        found.append((1.2, Edit(EditKind.BLURRED)))
    if evidence.parts.scale < 0.4:
        found.append((1.0 + (0.4 - evidence.parts.scale), Edit(EditKind.SHRUNK, round(evidence.parts.scale, 2))))
    return found
