from collections.abc import Callable
from pathlib import Path

from isthisme.domain import EditKind
from isthisme.evaluation.augly_copies import AUGLY_KINDS, AuglyCopies
from isthisme.evaluation.scenes import scene

COPIES = """
import shutil
shutil.copyfile(asked["path"], asked["out"])
answer = {"box": [0, 5, 40, 30]} if asked["kind"] != "rotate" else {"box": None}
if asked["kind"] == "skew":
    answer = {"missing": "no such thing here"}
"""


def test_copies_say_where_the_photo_is_and_what_was_done(stand_in: Callable[[str], Path]) -> None:
    source = AuglyCopies(stand_in(COPIES))
    copies = {each.kind: each for each in source.copies([scene(1, 60, 40)], seed=1, limit=1)}
    assert copies["AugLy pad"].regions == (((0, 5), (40, 5), (40, 30), (0, 30)),)
    assert copies["AugLy pad"].edits == (EditKind.COMPOSED,)
    assert copies["AugLy rotate"].regions == ()


def test_a_kind_that_cannot_be_made_is_left_out_and_told(stand_in: Callable[[str], Path]) -> None:
    source = AuglyCopies(stand_in(COPIES))
    copies = list(source.copies([scene(1, 60, 40)], seed=1, limit=2))
    assert source.missing == {"skew": "no such thing here"}
    assert len(copies) == 2 * (len(AUGLY_KINDS) - 1)
