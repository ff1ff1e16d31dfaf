"""`isthisme folders`: which folders hold the user's own photos."""

import json
from pathlib import Path

import click

from isthisme.answer_note import shown_path
from isthisme.cli.output import complaints, console, counted, json_option


@click.group()
def folders() -> None:
    """Says which folders hold your own photos."""


@folders.command("add")
@click.argument("paths", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
def add(paths: tuple[Path, ...]) -> None:
    """Adds folders, and zip archives such as the exports of clouds and apps, which need not be unpacked.

    Their photos are indexed by the companion, or by 'isthisme index'.
    """
    from isthisme.cli.running_daemon import tell_daemon
    from isthisme.wiring import open_home

    with open_home() as home:
        added = [path.expanduser().resolve() for path in paths]
        for path in added:
            home.catalog.folders.add(path)
            console.print(f"Added {shown_path(path)}", markup=False, highlight=False)
        # It is told all the same: the daemon looks at new folders only when somebody tells it.
        if not all(tell_daemon(home.paths.home, "add_folder", path=str(path)) for path in added):
            console.print("Now run [bold]isthisme index[/bold] to look at the photos in it.")


@folders.command("remove")
@click.argument("paths", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
def remove(paths: tuple[Path, ...]) -> None:
    """Removes folders from the list, and their photos from the index for good. The files stay untouched."""
    from isthisme.wiring import open_home

    with open_home() as home:
        for path in paths:
            home.catalog.folders.remove(path)
            console.print(f"Removed {shown_path(path.expanduser().resolve())}", markup=False, highlight=False)
        home.index_files.settle(at_once=True)
        home.catalog.forgetting.wipe()
        untold = home.index.untold()
    if untold is not None:
        words = "The photos are still on the index's server; the companion or 'isthisme index' removes them there later"
        complaints.print(f"{words}: {untold}", markup=False, highlight=False)


@folders.command("exclude")
@click.argument("patterns", metavar="PATTERN...", nargs=-1, required=True)
def exclude(patterns: tuple[str, ...]) -> None:
    """Leaves out what matches a pattern, in all folders. Photos known from there are taken out of the index.

    Patterns are those of .gitignore: 'Screenshots/' is a folder of that name anywhere, '*.gif' a kind of file,
    '/2019/scans/' a folder from the photo folder on, '**' any folders. Quote them. Upper and lower case are one.
    """
    from isthisme.indexing.exclusions import DEFAULT_PATTERNS, Exclusions
    from isthisme.wiring import open_home

    Exclusions(patterns)  # raises where one cannot be read, before any is kept
    with open_home() as home:
        for pattern in patterns:
            if pattern not in home.catalog.excluded.patterns(DEFAULT_PATTERNS):
                home.catalog.excluded.exclude(pattern)
            console.print(f"Left out: {pattern}", markup=False, highlight=False)
        console.print("The companion follows in a moment; where it does not run, [bold]isthisme index[/bold] does.")


@folders.command("include")
@click.argument("patterns", metavar="PATTERN...", nargs=-1, required=True)
def include(patterns: tuple[str, ...]) -> None:
    """Takes patterns back that 'exclude' or the program itself left out; 'list --excluded' names them."""
    from isthisme.errors import UsageError
    from isthisme.indexing.exclusions import DEFAULT_PATTERNS
    from isthisme.wiring import open_home

    with open_home() as home:
        known = home.catalog.excluded.patterns(DEFAULT_PATTERNS)
        for pattern in patterns:
            if pattern not in known:
                raise UsageError(f"{pattern!r} is not left out; left out are: {' '.join(known)}")
        for pattern in patterns:
            home.catalog.excluded.include(pattern)
            console.print(f"Looked at again: {pattern}", markup=False, highlight=False)
        console.print("The companion follows in a moment; where it does not run, [bold]isthisme index[/bold] does.")


@folders.command("list")
@click.option("--excluded", "shows_all", is_flag=True, help="Also what is left out of every folder by itself.")
@json_option
def list_folders(*, shows_all: bool, as_json: bool) -> None:
    """Lists the folders, with their numbers of photos, and what you left out of them or took back."""
    from isthisme.indexing.exclusions import DEFAULT_PATTERNS
    from isthisme.wiring import open_home

    with open_home() as home:
        found = home.catalog.folders.all()
        excluded = home.catalog.excluded.patterns(DEFAULT_PATTERNS)
    own = [pattern for pattern in excluded if pattern not in DEFAULT_PATTERNS]
    taken_back = [pattern for pattern in DEFAULT_PATTERNS if pattern not in excluded]
    if as_json:
        for folder in found:
            row = {
                "path": shown_path(folder.path),
                "photos": folder.photos,
                "unreadable": folder.unreadable,
                "is_present": folder.is_present,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    if not found:
        console.print("No folders yet. Add one with [bold]isthisme folders add FOLDER[/bold]")
    for folder in found:
        notes = [counted(folder.photos, "photo")]
        if folder.unreadable:
            notes.append(f"{folder.unreadable:,} unreadable")
        if not folder.is_present:
            notes.append("not there now")
        console.print(f"{shown_path(folder.path)}  ({', '.join(notes)})", highlight=False, markup=False)
    if shows_all or own:
        console.print(f"Left out: {' '.join(excluded if shows_all else own)}", highlight=False, markup=False)
    if taken_back:
        console.print(f"Looked at all the same: {' '.join(taken_back)}", highlight=False, markup=False)
