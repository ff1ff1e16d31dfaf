"""scripts/fit-score: fits the score's weights on edited copies and hard negatives made from two folders of photos."""

import argparse
import sys
from pathlib import Path

from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation import trial
from isthisme.evaluation.album import Album
from isthisme.evaluation.examples import examples
from isthisme.evaluation.fitting import describe, fit
from isthisme.evaluation.folders import WORK_SIDE, read_pictures


def main() -> None:
    """Prints lines for engine/thresholds.py with the distributions that they come from."""
    parser = argparse.ArgumentParser(prog="scripts/fit-score", description=__doc__)
    parser.add_argument("--own", type=Path, required=True, help="folder of photos to make copies of")
    parser.add_argument("--strangers", type=Path, required=True, help="folder of photos of others")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=12, help="copies of each kind of edit")
    options = parser.parse_args()
    photos, strangers = read_pictures(options.own), read_pictures(options.strangers)
    pixels = [decode(each, target_side=WORK_SIDE).pixels for each in photos]
    other_pixels = [decode(each, target_side=WORK_SIDE).pixels for each in strangers]
    engine = Engine(Models.packaged())
    templates = trial.template_photos()
    album = Album(engine, [*photos, *templates])
    ignored = frozenset(range(len(photos), len(photos) + len(templates)))
    copies = trial.edited_copies(pixels, other_pixels[::3], options.seed, options.limit)
    others = list(trial.negatives(pixels, strangers, other_pixels, options.seed, options.limit))
    found = list(examples(engine, album, copies, ignored))
    plain = [each for each in others if each.kind != trial.TEMPLATE]
    found += examples(engine, album, plain, ignored)
    found += examples(engine, album, [each for each in others if each.kind == trial.TEMPLATE], frozenset())
    sys.stdout.write(describe(found, fit(found)) + "\n")


if __name__ == "__main__":
    main()
