"""`isthisme forget`: photos that are no longer to be known."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from isthisme.answer_note import shown_path
from isthisme.cli.output import complaints, console, counted, json_option
from isthisme.presence import is_there

if TYPE_CHECKING:
    from isthisme.wiring import Home

_MOST_NAMED = 20


@click.command()
@click.argument("photos", metavar="PHOTO...", nargs=-1)
@click.option("--gone", is_flag=True, help="Forget every photo whose file no longer exists.")
@click.option("--sightings", "with_sightings", is_flag=True, help="Also delete where these photos were seen.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@json_option
def forget(photos: tuple[str, ...], *, gone: bool, with_sightings: bool, yes: bool, as_json: bool) -> None:
    """Erases photos from the index for good: preview, hashes, descriptors. Files are left alone.

    A PHOTO is a file, also one that is gone, or a photo_id of 'check --json'. Photos whose files were deleted stay
    known until they are forgotten: the copy on the web may be the last one. A photo whose file still lies in one of
    your folders is indexed again at the next look, unless it is excluded.

    Exit codes: 0 forgotten, 1 some are not known or still lie in your folders, 2 nothing was done.
    """
    from isthisme.catalog import kept_files
    from isthisme.wiring import open_home

    if not photos and not gone:
        raise click.UsageError("name the photos to forget, or give --gone")
    with open_home() as home:
        forgetting = home.catalog.forgetting
        chosen, unknown = _chosen(home, photos)
        if gone:
            chosen = list(dict.fromkeys(chosen + forgetting.gone()))
            if chosen and not yes:
                _ask_about([home.catalog.photos.path_of(number) for number in chosen])
        copies = kept_files.copies(home.paths.catalog) + kept_files.damaged_ones(home.paths.catalog)
        removes_copies = bool(chosen and copies) and (yes or _may_remove(copies))
        staying = [path for number in chosen for path in home.catalog.photos.files_of(number) if is_there(path)]
        seen = forgetting.sightings_of(chosen)
        if with_sightings:
            forgetting.forget_in_sightings(chosen)
        if chosen:
            home.catalog.journal.note("deleted", {"photos": chosen, "sightings": seen if with_sightings else []})
        forgetting.forget(chosen, erase_vectors=lambda: home.index_files.settle(at_once=True))
        untold = home.index.untold() if chosen else None
        if removes_copies:
            kept_files.remove(copies)
    _tell(
        {
            "forgotten": len(chosen),
            "unknown": unknown,
            "still_in_folders": [shown_path(path) for path in staying],
            "sightings_deleted": len(seen) if with_sightings else 0,
            "sightings_kept": 0 if with_sightings else len(seen),
            "server_untold": untold,
            "copies_kept": [] if removes_copies or not chosen else [shown_path(path) for path in copies],
        },
        as_json=as_json,
    )
    if unknown or staying:
        raise click.exceptions.Exit(1 if chosen else 2)


def _chosen(home: "Home", names: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """The photos that are meant, and the names that mean none."""
    chosen: list[int] = []
    unknown = []
    for name in names:
        found = home.catalog.forgetting.named(Path(name).expanduser())
        if not found and name.isdecimal() and home.catalog.photos.has(int(name)):
            found = [int(name)]
        chosen += found
        if not found:
            unknown.append(name)
    return list(dict.fromkeys(chosen)), unknown


def _ask_about(paths: "list[Path | None]") -> None:
    for path in paths[:_MOST_NAMED]:
        complaints.print(f"  {shown_path(path)}", markup=False, highlight=False)
    if len(paths) > _MOST_NAMED:
        complaints.print(f"  and {len(paths) - _MOST_NAMED:,} more", highlight=False)
    question = f"Forget {counted(len(paths), 'photo')}? Copies of them on the web will not be recognised any more."
    click.confirm(question, abort=True, err=True)


def _may_remove(copies: list[Path]) -> bool:
    for path in copies:
        complaints.print(f"  {shown_path(path)}", markup=False, highlight=False)
    return click.confirm("These older copies of the catalog may hold them, too. Delete the copies?", err=True)


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    console.print(f"Forgot {counted(told['forgotten'], 'photo')}.", highlight=False)
    if told["sightings_deleted"]:
        console.print(f"Deleted {counted(told['sightings_deleted'], 'sighting')}.", highlight=False)
    if told["sightings_kept"]:
        words = (
            f"Kept where they were seen ({counted(told['sightings_kept'], 'sighting')}), which you may need as evidence"
        )
        console.print(f"{words}; --sightings deletes that, too.", highlight=False)
    if told["server_untold"]:
        words = "They are still on the index's server; the companion or 'isthisme index' removes them there later"
        complaints.print(f"{words}: {told['server_untold']}", markup=False, highlight=False)
    for path in told["copies_kept"]:
        complaints.print(f"An older copy that may hold them was kept: {path}", markup=False, highlight=False)
    for path in told["still_in_folders"]:
        words = "still in one of your folders, and indexed again at the next look; move it away or exclude it"
        complaints.print(f"{path}: {words}", markup=False, highlight=False)
    for name in told["unknown"]:
        complaints.print(f"{name}: no photo that is known", markup=False, highlight=False)
