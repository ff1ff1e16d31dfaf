"""scripts/evaluate: edited copies of a folder's photos and strangers' photos, judged by the engine and by its peers."""

import argparse
from pathlib import Path

from isthisme.evaluation.page_images import page_images
from isthisme.evaluation.sections import (
    Setting,
    attacks_section,
    augly_section,
    bursts_section,
    edits_section,
    films_section,
    pages_section,
    peers_section,
    products_section,
)


def main() -> None:
    """Prints the tables; with --out, writes plots and contact sheets too."""
    options = _options()
    setting = Setting(options.own, options.strangers, options.album, options.seed, deep=options.deep)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    if options.limit:
        judged = edits_section(setting, options.limit, options.out)
        paths = page_images(options.page_images, options.page_limit) if options.page_images else []
        pages = pages_section(setting, judged, paths, options.out) if paths else []
        if options.peers:
            slow_most = options.sample if options.peers == "all" else None
            peers_section(setting, judged, pages, options.imagededup, slow_most)
    if options.augly:
        augly_section(setting, options.augly, options.limit or AUGLY_LIMIT)
    if options.attacks:
        attacks_section(setting, options.attacks, options.torch)
    if options.bursts:
        bursts_section(setting, options.bursts)
    if options.films:
        films_section(setting, options.films)
    if options.cutouts:
        products_section(setting, options.cutouts, options.products)


AUGLY_LIMIT = 12


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evaluate", description=__doc__)
    add = parser.add_argument
    add("--own", type=Path, required=True, help="folder of the photos that play the user's")
    add("--strangers", type=Path, required=True, help="folder of photos of others, none of them a copy")
    add("--album", type=Path, help="folder of more photos of the user, of which no copies are made")
    add("--seed", type=int, default=1)
    add("--limit", type=int, default=20, help="copies of each kind of edit; 0 leaves edits, page images and peers out")
    add("--deep", action="store_true", help="as the right-click check looks")
    add("--out", type=Path, help="folder for plots and contact sheets")
    add("--peers", choices=["fast", "all"], help="measure other methods on the same pictures")
    add("--page-images", type=Path, help="folder of pictures, at any depth, of which none is a copy: false alarms")
    add("--page-limit", type=int, help="no more page images than this, at even distances")
    add("--sample", type=int, default=400, help="pictures of each group that slow peers are measured on")
    add("--imagededup", type=Path, help="with --peers: a Python interpreter that has imagededup")
    add("--augly", type=Path, help="a Python interpreter that has AugLy: copies edited by its code")
    add("--attacks", type=int, default=0, help="pictures for each attack on the descriptor")
    add("--torch", type=Path, help="with --attacks: a Python interpreter that has torch and onnx, for gradients")
    add("--bursts", type=int, default=0, help="photos made into bursts of near-duplicates")
    add("--films", type=Path, help="folder of films, whose pictures are other moments of the same scene")
    add("--cutouts", type=Path, help="folder of cut-out things (PNG with transparency): products before plain grounds")
    add("--products", type=int, default=80, help="with --cutouts: products in the album; at least as many are not")
    return parser.parse_args()


if __name__ == "__main__":
    main()
