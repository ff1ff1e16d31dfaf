"""What the daemon tells about itself."""

from collections.abc import Sequence
from dataclasses import asdict

from isthisme.catalog import Catalog
from isthisme.catalog.pauses import Pause
from isthisme.server.messages import Status
from isthisme.server.problems import Problem, no_model


def status_of(catalog: Catalog, problems: Sequence[Problem] = (), *, is_behind: bool = False) -> Status:
    """The state now, from rows alone: no drive is touched for it. `problems` are those that rows do not tell;
    `is_behind`: more is to be indexed, though nothing is at this moment."""
    folders = catalog.folders.count()
    generation = catalog.generations.current()
    progress = catalog.facts.progress()
    pauses = catalog.pauses.all()
    if generation is not None and generation.model is None:
        problems = [*problems, no_model()]
    state = "ready"
    if any(pause.site is None for pause in pauses):
        state = "paused"
    elif not folders:
        state = "no_folders"
    elif progress is not None or is_behind:
        state = "indexing"
    return Status(
        state=state,
        photos=0 if generation is None else catalog.generations.size(generation),
        folders=folders,
        generation=0 if generation is None else generation.number,
        model=None if generation is None else generation.model,
        progress=None if progress is None else asdict(progress),
        paused=_paused(pauses),
        decisions=catalog.decisions.mark(),
        problems=[asdict(problem) for problem in problems],
    )


def _paused(pauses: list[Pause]) -> dict[str, object]:
    everywhere = [pause for pause in pauses if pause.site is None]
    return {
        "everywhere": bool(everywhere),
        "until": everywhere[0].until if everywhere else None,
        "sites": [{"site": pause.site, "until": pause.until} for pause in pauses if pause.site is not None],
    }
