"""Small changes made to mislead the descriptor, without gradients: the Square Attack (Andriushchenko et al., 2020).

The attacker asks the model as often as `queries` allows; the picture changes by at most `reach` in each value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from isthisme.evaluation.sheet import Pixels

GRID = 160  # pixels; the change is made at this size, the model's, and scaled to the picture
FIRST_SHARE = 0.1  # of the grid's area that the first squares cover
HALVINGS = (0.02, 0.1, 0.3, 0.5, 0.7)  # of the queries; the squares' area halves after each

type Goal = Callable[[Pixels], float]  # what the attacker wants low


@dataclass(frozen=True, slots=True)
class Attacked:
    """A picture after an attack, and the goal before and after."""

    pixels: Pixels
    before: float
    after: float


def attack(pixels: Pixels, goal: Goal, reach: int, queries: int, rng: np.random.Generator) -> Attacked:
    """The picture changed by at most `reach` of 255 in each value so that `goal` falls as far as `queries` let it."""
    before = goal(pixels)
    change = np.repeat(rng.choice([-reach, reach], (1, GRID, 3)), GRID, axis=0)  # vertical stripes: a strong start
    best_pixels = changed(pixels, change)
    best = goal(best_pixels)
    for number in range(queries - 1):
        tried = change.copy()
        side = square_side(number / queries)
        top, left = rng.integers(0, GRID - side + 1, 2)
        tried[top : top + side, left : left + side] = rng.choice([-reach, reach], 3)
        made = changed(pixels, tried)
        value = goal(made)
        if value < best:
            change, best, best_pixels = tried, value, made
    return Attacked(best_pixels, before, best)


def square_side(progress: float) -> int:
    """How large a square to try, in cells of the grid; `progress` from 0 to 1."""
    halved = sum(progress > each for each in HALVINGS)
    return max(2, round(GRID * float(np.sqrt(FIRST_SHARE / 2**halved))))


def changed(pixels: Pixels, change: NDArray[np.int_]) -> Pixels:
    """The picture plus a change (GRID, GRID, 3) scaled to its size: still within the reach, for no value grows."""
    height, width = pixels.shape[:2]
    scaled = cv2.resize(change.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(np.rint(pixels + scaled), 0, 255).astype(np.uint8)


def away_from(target: NDArray[np.float32], describe: Callable[[Sequence[Pixels]], NDArray[np.float32]]) -> Goal:
    """Evasion: the picture should look unlike `target` (512,) to the model."""
    return lambda pixels: float(describe([pixels])[0] @ target)


def towards(target: NDArray[np.float32], describe: Callable[[Sequence[Pixels]], NDArray[np.float32]]) -> Goal:
    """Collision: the picture should look like `target` (512,) to the model."""
    return lambda pixels: -float(describe([pixels])[0] @ target)
