"""Pictures that are damaged, plain, tiny or made by chance, judged against photos: the verdict stays one."""

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image

from isthisme.domain import Candidate, Judgement, ReferencePreview, Region, Verdict
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.errors import ImageTooLarge, UnreadableImage
from isthisme.evaluation.scenes import scene
from tests.fuzz.target import Source, Target, promise

_ODD = (0.0, 1.0, 40.0, 95.0, 96.0, -30.0, 500.0, 1e5)


def target(_scratch: Path) -> Target:
    engine = Engine(Models.none())
    photos = [scene(seed, 96, 72) for seed in (1, 2)]
    previews = [_jpeg(each) for each in photos]

    def attack(data: bytes) -> int:
        """Which photo, what the region is like, how deep; then the picture.

        - A judgement: its verdict fits its matches, its scores are 0 to 1, its regions are numbers; or the picture is
          refused as UnreadableImage or ImageTooLarge.
        - The description has as many hashes as there are turns, and regions within the picture.
        """
        source = Source(data)
        preview = previews[source.number(len(previews))]
        corners = tuple((_ODD[source.number(8)], _ODD[source.number(8)]) for _ in range(4))
        kind, deep = source.number(4), source.number(8) == 7
        region = Region(("panel", "card", "whole")[kind - 1], corners) if kind else None
        reference = ReferencePreview(Candidate(7, region, 0.9, 0.5), preview, 960, 720)
        picture = source.rest()
        try:
            described = engine.describe_query(picture, deep=deep)
            judged = engine.verify(picture, (reference,), deep=deep)
        except (UnreadableImage, ImageTooLarge):
            return 0
        for each in described.regions:
            promise(np.isfinite(np.asarray(each.corners)).all(), "a region that is none")
        _check(judged)
        return 1

    chance = np.random.default_rng(3)
    made = [photos[0], photos[0][:, ::-1], photos[1][20:60, 10:80], np.zeros((60, 80, 3), np.uint8)]
    made += [
        chance.integers(0, 256, (50, 60, 3)).astype(np.uint8),
        photos[0][::9, ::9],
        photos[0][:2, :],
        photos[1][:, :1],
    ]
    heads = (
        bytes(10),
        bytes((1, *[0] * 8, 1)),
        bytes((0, 1, 1, 3, 1, 3, 3, 1, 3, 1)),
        bytes((0, 7, 7, 7, 7, 7, 7, 7, 7, 2)),
    )
    return Target(
        name="judgements",
        attack=attack,
        seeds=tuple(
            head + bytes((deep,)) + _jpeg(np.ascontiguousarray(each))
            for head in heads
            for deep in (0, 7)
            for each in made
        ),
        covers=(
            "isthisme.engine.verification",
            "isthisme.engine.verdict",
            "isthisme.engine.evidence",
            "isthisme.engine.outline",
        ),
        runs_in_ci=40,
        unit="pictures judged",
        words=(b"\xff\xda", b"\xff\xc0", b"\xff\xdd"),
        largest=6_000,
    )


def _check(judged: Judgement) -> None:
    promise(0 <= judged.score <= 1 and math.isfinite(judged.score), f"a score of {judged.score}")
    promise(judged.verdict is Verdict.NO_COPY or judged.matches, "a copy of nothing")
    for match in judged.matches:
        promise(match.photo_id == 7 and match.verdict.is_match and 0 <= match.score <= 1, f"a match {match}")
        for polygon in (match.query_region, match.photo_region):
            promise(np.isfinite(np.asarray(polygon)).all() and len(polygon) > 2, "an outline that is none")


def _jpeg(pixels: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()
