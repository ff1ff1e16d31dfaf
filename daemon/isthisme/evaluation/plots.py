"""Outcomes as pictures: recall by kind, distributions of scores, reliability, and the worst cases side by side."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from isthisme.domain import Verdict
from isthisme.evaluation.metrics import Share, calibration
from isthisme.evaluation.report import scores_of
from isthisme.evaluation.trial import Outcome

_TILE = 180  # pixels
_COLUMNS = 8


def draw_plots(copies: Sequence[Outcome], others: Sequence[Outcome], folder: Path) -> None:
    """Writes recall.png, scores.png and reliability.png."""
    _recall(copies).savefig(folder / "recall.png", dpi=110, bbox_inches="tight")
    _scores(copies, others).savefig(folder / "scores.png", dpi=110, bbox_inches="tight")
    _reliability(copies, others).savefig(folder / "reliability.png", dpi=110, bbox_inches="tight")


def draw_contact_sheet(outcomes: Sequence[Outcome], photos: Sequence[bytes], path: Path) -> None:
    """Each query image beside the photo that it is of (or was taken for), with the verdict below."""
    rows = -(-len(outcomes) * 2 // _COLUMNS) or 1
    sheet = Image.new("RGB", (_COLUMNS * _TILE, rows * (_TILE + 30)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, outcome in enumerate(outcomes):
        photo = outcome.query.photo if outcome.is_copy else outcome.named
        for side, data in enumerate((outcome.query.data, photos[photo] if photo is not None else None)):
            place = 2 * number + side
            left, top = (place % _COLUMNS) * _TILE, (place // _COLUMNS) * (_TILE + 30)
            if data is not None:
                tile = Image.open(io.BytesIO(data)).convert("RGB")
                tile.thumbnail((_TILE - 6, _TILE - 6))
                sheet.paste(tile, (left + 3, top + 3))
            words = outcome.query.kind if side == 0 else f"{outcome.verdict.value} {outcome.score:.2f}"
            draw.text((left + 4, top + _TILE), words[:30], "black", ImageFont.load_default(12))
    sheet.save(path)


def _recall(copies: Sequence[Outcome]) -> Figure:
    figure = Figure(figsize=(8, 10))
    axes = figure.subplots()
    kinds = list(dict.fromkeys(each.query.kind for each in copies))[::-1]
    for verdicts, colour, label in (
        ((Verdict.COPY, Verdict.POSSIBLE_COPY), "#9ecae1", "copy or possible copy"),
        ((Verdict.COPY,), "#2171b5", "copy"),
    ):
        shares = []
        for kind in kinds:
            of_kind = [each for each in copies if each.query.kind == kind]
            shares.append(Share(sum(each.verdict in verdicts and each.names_right for each in of_kind), len(of_kind)))
        axes.barh(kinds, [each.value for each in shares], color=colour, label=label)
    axes.set_xlim(0.5, 1.0)
    axes.set_xlabel("recall")
    axes.legend(loc="lower left")
    return figure


def _scores(copies: Sequence[Outcome], others: Sequence[Outcome]) -> Figure:
    figure = Figure(figsize=(8, 4))
    axes = figure.subplots()
    bins = [float(each) for each in np.linspace(0, 1, 51)]
    axes.hist(scores_of(copies), bins=bins, alpha=0.6, color="#2171b5", label="edited copies")
    axes.hist(scores_of(others), bins=bins, alpha=0.6, color="#d94801", label="no copies")
    axes.set_yscale("log")
    axes.set_xlabel("score")
    axes.set_ylabel("pictures")
    axes.legend()
    return figure


def _reliability(copies: Sequence[Outcome], others: Sequence[Outcome]) -> Figure:
    figure = Figure(figsize=(5, 5))
    axes = figure.subplots()
    scores = np.concatenate([scores_of(copies), scores_of(others)])
    is_copy = np.array([each.names_right for each in copies] + [False] * len(others))
    points = calibration(scores, is_copy)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    low = [max(0.0, share.value - share.interval[0]) for _, share in points]
    high = [max(0.0, share.interval[1] - share.value) for _, share in points]
    axes.errorbar([score for score, _ in points], [share.value for _, share in points], yerr=[low, high], fmt="o")
    axes.set_xlabel("score")
    axes.set_ylabel("share of copies")
    return figure
