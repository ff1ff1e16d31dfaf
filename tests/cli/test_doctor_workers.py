"""What doctor says of the door that workers shut, where a part of it is missing."""

import pytest

from isthisme.doctor import Level, _workers
from isthisme.workers import Confinement

_LIMITS = ("memory", "file size", "open files", "processor time")


@pytest.mark.parametrize(
    ("held", "level", "said"),
    [
        (Confinement(7, "2.5.4", False, _LIMITS), Level.FINE, "(seccomp 2.5.4)"),
        (Confinement(None, "2.5.4", False, _LIMITS), Level.NOTE, "by seccomp alone"),
        (Confinement(7, None, False, _LIMITS), Level.NOTE, "could use the network, but open no file"),
        (Confinement(None, None, False, ()), Level.NOTE, "use the network; limits on nothing"),
        (Confinement(None, None, True, ("file size",)), Level.FINE, "macOS's sandbox"),
    ],
)
def test_what_is_missing_and_what_that_means_is_said(held: Confinement, level: Level, said: str) -> None:
    finding = _workers(held)
    assert finding.level is level
    assert said in finding.words
    assert (finding.way_out is None) == (level is Level.FINE)
