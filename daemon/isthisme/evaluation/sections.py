"""The report's sections: each measures one thing and prints its tables."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from isthisme.domain import Verdict
from isthisme.engine.decode import decode
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evaluation import report, trial
from isthisme.evaluation.adversary import attack_table, attempts
from isthisme.evaluation.album import Album
from isthisme.evaluation.augly_copies import AuglyCopies
from isthisme.evaluation.bursts import burst_outcomes, burst_table
from isthisme.evaluation.copies import EditedCopy
from isthisme.evaluation.films import film_outcomes, film_table
from isthisme.evaluation.folders import WORK_SIDE, read_pictures
from isthisme.evaluation.guess import guesses
from isthisme.evaluation.page_images import ALARM_HEAD, as_they_are, edited, our_row, peer_alarm_row
from isthisme.evaluation.peers import peers_at_hand
from isthisme.evaluation.plots import draw_contact_sheet, draw_plots
from isthisme.evaluation.products import product_outcomes, product_table
from isthisme.evaluation.sheet import Pixels
from isthisme.evaluation.trial import Outcome
from isthisme.matcher import Matcher

WORST = 16
TIMES_EDITED = 1  # each stranger's photo, as page images
CNN_WORDS = "imagededup's CNN: not measured; it fetches its weights from the network"
ABSENT_WORDS = "imagededup: not measured; --imagededup names an interpreter that has it"


class Setting:
    """What every section needs: the user's photos, strangers' photos, and an engine that knows the former."""

    def __init__(self, own: Path, strangers: Path, more: Path | None, seed: int, *, deep: bool) -> None:
        self.seed = seed
        self.deep = deep
        self.photos, self.strangers = read_pictures(own), read_pictures(strangers)
        self.more = read_pictures(more) if more else []
        self.pixels = _decoded(self.photos)
        self.other_pixels = _decoded(self.strangers)
        self.models = Models.packaged()
        self.engine = Engine(self.models)
        self.files = [*self.photos, *self.more, *trial.template_photos()]
        self.album = Album(self.engine, self.files)
        self.matcher = Matcher(self.engine, self.album, self.album)

    def judged(self, queries: Iterable[EditedCopy], count: int) -> Iterator[Outcome]:
        """The answers in order, with a count for who waits."""
        for number, outcome in enumerate(trial.run(self.matcher, queries, deep=self.deep), 1):
            yield outcome
            if number % 50 == 0 or number == count:
                sys.stderr.write(f"\r{number} of {count}" + "\n" * (number == count))
                sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class Judged:
    """The edited copies and the pictures that are none, with the answers."""

    copies: list[Outcome]
    others: list[Outcome]


def edits_section(setting: Setting, limit: int, out: Path | None) -> Judged:
    """Every kind of edit against strangers and hard negatives; plots in `out`."""
    copies = list(trial.edited_copies(setting.pixels, setting.other_pixels[::3], setting.seed, limit))
    negatives = list(trial.negatives(setting.pixels, setting.strangers, setting.other_pixels, setting.seed, limit))
    say(
        f"{len(setting.photos)} photos among {len(setting.files)}, {len(copies)} edited copies, "
        f"{len(negatives)} pictures that are no copies"
    )
    judged = Judged(list(setting.judged(copies, len(copies))), list(setting.judged(negatives, len(negatives))))
    say(report.copy_table(judged.copies))
    say("\n" + report.negative_table(judged.others))
    say("\n" + report.summary(judged.copies, judged.others))
    if out:
        _draw(judged, setting.files, out)
    return judged


def pages_section(setting: Setting, judged: Judged, paths: Sequence[Path], out: Path | None) -> list[Outcome]:
    """How many page images, and of strangers' edited photos, are called copies: ours, at our thresholds."""
    seen = list(setting.judged(as_they_are(paths), len(paths)))
    count = TIMES_EDITED * len(setting.other_pixels)
    made = edited(setting.other_pixels, setting.seed, TIMES_EDITED)
    changed = list(setting.judged(made, count))
    say("\n" + report.negative_table([*seen, *changed]))
    say("\n" + ALARM_HEAD)
    for name, verdicts in (("ours, copy", OURS[:1]), ("ours, copy or possible", OURS)):
        say(str(our_row(name, judged.copies, seen, verdicts)))
    for each in [*seen, *changed]:
        if each.verdict.is_match:
            say(f"alarm: {'/'.join(each.query.recipe)}: {each.verdict.value} {each.score:.3f}, photo {each.named}")
    if out:
        alarms = sorted((each for each in seen if each.verdict.is_match), key=lambda each: -each.score)
        draw_contact_sheet(alarms[:WORST], setting.files, out / "page-alarms.png")
    return seen


OURS = (Verdict.COPY, Verdict.POSSIBLE_COPY)


def peers_section(
    setting: Setting, judged: Judged, pages: Sequence[Outcome], imagededup: Path | None, slow_most: int | None
) -> None:
    """Other methods on the same pictures: recall against strangers, and alarms on page images where there are any."""
    copies = [each.query for each in judged.copies]
    against = [each.query for each in judged.others if each.query.kind in (trial.STRANGER, trial.EDITED_STRANGER)]
    say("\n" + report.PEER_HEAD)
    rows = []
    with peers_at_hand(setting.models, setting.photos, setting.more, imagededup, slow_most) as peers:
        groups = [
            guesses(peers, (each.data for each in group), len(group))
            for group in (copies, against, [each.query for each in pages])
        ]
        for peer, of_copies, of_strangers, of_pages in zip(peers, *groups, strict=True):
            truth = [copies[at].photo for at in peer.sample(len(copies))]
            say(report.peer_row(peer.name, of_copies, truth, of_strangers))
            rows.append(peer_alarm_row(peer, of_copies, truth, of_pages))
    say(CNN_WORDS if imagededup else ABSENT_WORDS)
    if pages:
        say("\n".join(["", ALARM_HEAD, *map(str, rows)]))


def augly_section(setting: Setting, python: Path, limit: int) -> None:
    """Edits made by AugLy's code."""
    source = AuglyCopies(python)
    copies = list(source.copies(setting.pixels, setting.seed, limit))
    say("\n" + report.copy_table(list(setting.judged(copies, len(copies)))))
    for kind, why in source.missing.items():
        say(f"AugLy {kind}: left out ({why})")


def attacks_section(setting: Setting, count: int, torch: Path | None) -> None:
    """Changes made to mislead the small model."""
    small = setting.models.small
    if small is None:
        raise SystemExit("attacks need a model to attack; none is installed")
    found = attempts(setting.engine, small, setting.album, setting.pixels, setting.other_pixels, count, torch)
    say("\n" + attack_table(list(found)))


def bursts_section(setting: Setting, count: int) -> None:
    """Near-duplicates among the user's photos."""
    rest = setting.files[count:]
    found = burst_outcomes(setting.engine, setting.pixels, rest, setting.other_pixels[::3], setting.seed, count)
    say("\n" + burst_table(list(found)))


def films_section(setting: Setting, folder: Path) -> None:
    """Other moments of the same scene."""
    found = list(film_outcomes(setting.engine, folder, setting.files, setting.other_pixels[::3], setting.seed))
    say(f"\n{len({each.film for each in found})} films\n" + film_table(found))


def products_section(setting: Setting, folder: Path, count: int) -> None:
    """One thing before a plain ground."""
    others = setting.other_pixels[::3]
    found = product_outcomes(setting.engine, folder, setting.photos, others, setting.seed, count)
    say("\n" + product_table(list(found)))


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _draw(judged: Judged, files: list[bytes], folder: Path) -> None:
    draw_plots(judged.copies, judged.others, folder)
    missed = [each for each in judged.copies if each.verdict is not Verdict.COPY or not each.names_right]
    draw_contact_sheet(sorted(missed, key=lambda each: each.score)[:WORST], files, folder / "misses.png")
    alarms = [each for each in judged.others if each.named is not None]
    draw_contact_sheet(sorted(alarms, key=lambda each: -each.score)[:WORST], files, folder / "false-alarms.png")
    say(f"plots and contact sheets are in {folder}")


def _decoded(files: Sequence[bytes]) -> list[Pixels]:
    return [decode(each, target_side=WORK_SIDE).pixels for each in files]
