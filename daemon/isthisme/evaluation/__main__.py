"""scripts/evaluate: edited copies of a folder's photos and strangers' photos, judged by the engine and by its peers."""

import argparse
import sys
from pathlib import Path

from isthisme.domain import Verdict
from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation import report, trial
from isthisme.evaluation.album import Album
from isthisme.evaluation.copies import EditedCopy
from isthisme.evaluation.folders import WORK_SIDE, read_pictures
from isthisme.evaluation.peers import all_methods, guesses
from isthisme.evaluation.plots import draw_contact_sheet, draw_plots
from isthisme.evaluation.trial import Outcome
from isthisme.matcher import Matcher

WORST = 16


def main() -> None:
    """Prints the tables; with --out, writes plots and contact sheets too."""
    options = _options()
    photos, strangers = read_pictures(options.own), read_pictures(options.strangers)
    pixels = [decode(each, target_side=WORK_SIDE).pixels for each in photos]
    other_pixels = [decode(each, target_side=WORK_SIDE).pixels for each in strangers]
    models = Models.packaged()
    engine = Engine(models)
    files = [*photos, *trial.template_photos()]
    album = Album(engine, files)
    matcher = Matcher(engine, album, album)
    copies = list(trial.edited_copies(pixels, other_pixels[::3], options.seed, options.limit))
    negatives = list(trial.negatives(pixels, strangers, other_pixels, options.seed, options.limit))
    _say(f"{len(photos)} photos, {len(copies)} edited copies, {len(negatives)} pictures that are no copies")
    of_copies = _judged(matcher, copies, deep=options.deep)
    of_others = _judged(matcher, negatives, deep=options.deep)
    _say(report.copy_table(of_copies))
    _say("\n" + report.negative_table(of_others))
    _say("\n" + report.summary(of_copies, of_others))
    if options.out:
        _draw(of_copies, of_others, files, options.out)
    if options.peers:
        _say("\n" + report.PEER_HEAD)
        against = [each.data for each in negatives if each.kind in (trial.STRANGER, trial.EDITED_STRANGER)]
        for name, method in all_methods(models, photos, with_slow=options.peers == "all").items():
            found = guesses(method, [each.data for each in copies])
            _say(report.peer_row(name, found, [each.photo for each in copies], guesses(method, against)))


def _judged(matcher: Matcher, queries: list[EditedCopy], *, deep: bool) -> list[Outcome]:
    outcomes = []
    for number, outcome in enumerate(trial.run(matcher, queries, deep=deep), 1):
        outcomes.append(outcome)
        if number % 50 == 0:
            sys.stderr.write(f"\r{number} of {len(queries)}")
            sys.stderr.flush()
    sys.stderr.write("\n")
    return outcomes


def _draw(copies: list[Outcome], others: list[Outcome], files: list[bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draw_plots(copies, others, folder)
    missed = [each for each in copies if each.verdict is not Verdict.COPY or not each.names_right]
    draw_contact_sheet(sorted(missed, key=lambda each: each.score)[:WORST], files, folder / "misses.png")
    alarms = [each for each in others if each.named is not None]
    draw_contact_sheet(sorted(alarms, key=lambda each: -each.score)[:WORST], files, folder / "false-alarms.png")
    _say(f"plots and contact sheets are in {folder}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evaluate", description=__doc__)
    parser.add_argument("--own", type=Path, required=True, help="folder of the photos that play the user's")
    parser.add_argument("--strangers", type=Path, required=True, help="folder of photos of others, none of them a copy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=20, help="copies of each kind of edit")
    parser.add_argument("--deep", action="store_true", help="as the right-click check looks")
    parser.add_argument("--out", type=Path, help="folder for plots and contact sheets")
    parser.add_argument("--peers", choices=["fast", "all"], help="measure other methods on the same pictures")
    return parser.parse_args()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
