"""Whether the computer slept, as two clocks tell it."""

import pytest

from isthisme.server.sleep_watch import SleepWatch


class Clocks:
    monotonic = 5_000.0
    wall = 1_800_000_000.0


@pytest.mark.parametrize(
    ("monotonic", "wall", "has_slept"),
    [
        (30, 30, False),
        (30, 8 * 3600, True),  # asleep, as on Linux and macOS
        (8 * 3600, 8 * 3600, True),  # asleep, where both clocks go on
        (30, 32, False),  # set by the network
        (30, -3600, False),  # set back by hand
        (30, 3630, True),  # set forward: one look too many
        (0, 0, False),
    ],
)
def test_sleep_is_what_one_clock_or_nobody_saw(monotonic: float, wall: float, has_slept: bool) -> None:
    clocks = Clocks()
    watch = SleepWatch(monotonic=lambda: clocks.monotonic, wall_clock=lambda: clocks.wall)
    clocks.monotonic += monotonic
    clocks.wall += wall
    assert watch.has_slept() is has_slept
    assert not watch.has_slept(), "it is told once"
