"""`isthisme status`: what the program knows and does now."""

import json
from typing import Any

import click
import msgspec

from isthisme.cli.output import console, counted, json_option
from isthisme.cli.progress import count_words, step_words

_STATES = {"no_folders": "no photo folder yet; add one with 'isthisme folders add FOLDER'"}


@click.command()
@json_option
def status(*, as_json: bool) -> None:
    """Says how many photos are indexed, what is going on, and whether the companion runs."""
    from isthisme.catalog.facts import Progress
    from isthisme.cli.running_daemon import is_running
    from isthisme.server import problems
    from isthisme.server.status import status_of
    from isthisme.wiring import open_home

    with open_home() as home:
        absent = [root.shown for root in home.catalog.folders.roots() if not root.is_present]
        known = [*problems.little_space(home.paths.home), *problems.absent(absent)]
        found: dict[str, Any] = msgspec.to_builtins(status_of(home.catalog, known))
        found |= {
            "daemon_runs": is_running(home.paths.home),
            "sightings": home.catalog.sightings.count(),
            "skipped_videos": home.catalog.folders.videos(),
            "home": str(home.paths.home),
        }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    rows = {
        "state": _STATES.get(found["state"], found["state"]),
        "photos": f"{found['photos']:,} in {counted(found['folders'], 'folder')}",
        "sightings": f"{found['sightings']:,}",
        "companion": "runs" if found["daemon_runs"] else "does not run; the browser starts it",
        "kept in": found["home"],
    }
    if found["skipped_videos"]:
        rows["skipped"] = f"{counted(found['skipped_videos'], 'video')}; only pictures are looked for as yet"
    if found["progress"] is not None:
        progress = Progress(**found["progress"])
        rows["progress"] = f"{step_words(progress)}: {count_words(progress)}"
        if progress.waits_because is not None:
            rows["progress"] += "; 'isthisme index' goes on anyway"
    for name, value in rows.items():
        console.print(f"{name + ':':18} {value}", markup=False, highlight=False)
    for problem in found["problems"]:
        console.print(f"note: {problem['message']}", markup=False, highlight=False)
