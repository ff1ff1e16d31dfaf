"""What the daemon tells about itself."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from isthisme.answer_note import shown_path
from isthisme.catalog import Catalog
from isthisme.catalog.pauses import Pause
from isthisme.server.messages import Status

_NO_MODEL = (
    "no descriptor model is in use: only whole pictures and their mirror images are recognised, not crops or collages; "
    "remove the model line from settings.toml"
)


def status_of(catalog: Catalog, *, absent_folders: Sequence[Path] = (), problem: str | None = None) -> Status:
    """The state now, from rows alone: no drive is touched for it. `problem` is why the last indexing failed."""
    folders = catalog.folders.count()
    generation = catalog.generations.current()
    progress = catalog.facts.progress()
    pauses = catalog.pauses.all()
    problems = [] if problem is None else [{"code": "indexing_failed", "message": problem}]
    if generation is not None and generation.model is None:
        problems.append({"code": "no_model", "message": _NO_MODEL})
    problems += [
        {"code": "folder_absent", "message": f"{shown_path(folder)} is not there now; its photos are still known"}
        for folder in absent_folders
    ]
    state = "ready"
    if any(pause.site is None for pause in pauses):
        state = "paused"
    elif not folders:
        state = "no_folders"
    elif progress is not None:
        state = "indexing"
    return Status(
        state=state,
        photos=0 if generation is None else catalog.generations.size(generation),
        folders=folders,
        generation=0 if generation is None else generation.number,
        model=None if generation is None else generation.model,
        progress=None if progress is None else asdict(progress),
        paused=_paused(pauses),
        problems=problems,
    )


def _paused(pauses: list[Pause]) -> dict[str, object]:
    everywhere = [pause for pause in pauses if pause.site is None]
    return {
        "everywhere": bool(everywhere),
        "until": everywhere[0].until if everywhere else None,
        "sites": [{"site": pause.site, "until": pause.until} for pause in pauses if pause.site is not None],
    }
