"""What lies on top of a copy and hides it: stickers, emoji, captions, the ring of an avatar.

A thing laid over a picture is drawn: few colours, little texture, and a sharp edge all around. Another face or another
subject in the same place rarely is.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.engine.apart import beyond, relit, standing_out, steps_of
from isthisme.engine.overlay import Frame

_LEAST_SHARE = 0.003  # of the frame; smaller things hide nothing
_MOST_SHARE = 0.5  # of what shows; with more on top too little is left to judge by
_COLOURS = 4  # of 8 levels a channel
_TEXTURE_STEP = 14.0  # levels of 255 within three pixels
_ABOVE_NOISE = 1.3  # times the noise, where that is more
_PLAIN_STEP = 8.0  # of the photo: there the query shows its own noise
_LEAST_PLAIN = 100  # pixels to tell it from
_EDGE_STEP = 40.0  # levels of 255 from one pixel to the next

# What a drawn thing is told by, in any of three ways: the least share of it that so few colours fill, the most of it
# that is textured, neither flat nor edge, and the least share of its outline with a step of that size. Of 262 drawn
# things 224 are one of these; of 212 places where another photo of the same shoot differs 5, each under 2 % of the
# picture (measured 2026-11-23).
_DRAWN = (
    (0.56, 0.33, 0.6),  # a sticker
    (0.4, 0.42, 0.79),  # several that overlap, letters: more colours, but sharp all around
    (0.85, 0.45, 0.4),  # one blurred, or of the colour of what is around it
)


def laid_over(frame: Frame, grid: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """(H, W) where something drawn lies on the copy, or None when nothing does.

    `grid`: mean correlation by place, nan where there is no structure (`Agreement.grid`).
    """
    shown = frame.is_shown
    if shown.sum() < 64:
        return None
    photo, query = frame.photo.astype(np.float32), frame.query.astype(np.float32)
    apart = standing_out(beyond(relit(frame, grid), query), shown)
    steps, own_steps = steps_of(query), steps_of(photo)
    plain = shown & (own_steps < _PLAIN_STEP)
    noise = float(np.percentile(steps[plain], 75)) if plain.sum() > _LEAST_PLAIN else 0.0
    is_textured = textured(steps, noise)
    hidden = np.zeros(shown.shape, np.uint8)
    outlines, _ = cv2.findContours(apart, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        thing = np.zeros(shown.shape, np.uint8)
        cv2.drawContours(thing, [outline], -1, 1, cv2.FILLED)
        if thing.sum() >= _LEAST_SHARE * thing.size and is_drawn(thing, frame.query, steps, is_textured):
            hidden |= thing
    is_hidden = cv2.dilate(hidden, np.ones((3, 3), np.uint8)).astype(bool) & shown
    return is_hidden if 0 < is_hidden.sum() < _MOST_SHARE * shown.sum() else None


def textured(steps: NDArray[np.float32], noise: float = 0.0) -> NDArray[np.bool_]:
    """(H, W) what is neither flat, as far as `noise` leaves anything flat, nor an edge."""
    return np.asarray((steps > max(_TEXTURE_STEP, _ABOVE_NOISE * noise)) & (steps < _EDGE_STEP))


def is_drawn(
    thing: NDArray[np.uint8], query: NDArray[np.uint8], steps: NDArray[np.float32], is_textured: NDArray[np.bool_]
) -> bool:
    """Whether `thing` (H, W), 1 or 0, looks drawn: few colours, little texture, and edges in `steps` all around it."""
    inside = thing.astype(bool)
    colours = query[inside].astype(np.int32) >> 5
    counts = np.sort(np.bincount(colours @ np.array([64, 8, 1])))[::-1]
    kernel = np.ones((3, 3), np.uint8)
    edge = cv2.dilate(thing, kernel) > cv2.erode(thing, kernel, borderValue=0)
    few = float(counts[:_COLOURS].sum()) / len(colours)
    texture = float(is_textured[inside].mean())
    sharp = float((steps[edge] > _EDGE_STEP).mean())
    return any(few >= least and texture <= most and sharp >= all_around for least, most, all_around in _DRAWN)
