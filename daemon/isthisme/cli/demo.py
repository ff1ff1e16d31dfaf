"""`isthisme demo`: the whole thing shown on a page of its own."""

from pathlib import Path

import click
import platformdirs
from rich.table import Table

from isthisme.cli.output import console

_COLOURS = {"copy": "bold red", "possible copy": "yellow"}


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Where to keep what it makes, for a quick second time.")
@click.option("--extension", type=click.Path(path_type=Path, exists=True), help="The folder of the browser extension.")
def demo(folder: Path | None, extension: Path | None) -> None:
    """Shows what happens: a page that reuses photos, in a real browser with a throw-away profile.

    Your own browser, photos and index are not touched.
    """
    from isthisme.demonstration.show import show
    from isthisme.installation.extension_files import extension_folders
    from isthisme.installation.provenance import checkout

    folder = folder or Path(platformdirs.user_cache_dir("isthisme")) / "demonstration"
    folders = extension_folders(folder / "home") if extension is None else None
    extension = folders.chromium if folders else extension
    if extension is None or not (extension / "manifest.json").exists():
        raise click.ClickException("no extension is there; name its folder with --extension")
    console.print("Indexing four photos, and opening a page that reuses three of them in Chromium …")
    shown = show(folder, extension)
    table = Table("picture on the page", "what it is", "verdict", "your photo", "why", expand=False)
    for row in shown.rows:
        colour = _COLOURS.get(row.verdict, "green")
        table.add_row(row.picture, row.made, f"[{colour}]{row.verdict}[/{colour}]", row.photo, row.why)
    console.print(table)
    console.print(f"What the user sees: {shown.screenshot}", highlight=False)
    command = "scripts/run" if checkout() else "isthisme setup"  # nothing has linked the command of a clone yet
    console.print(f"It took {shown.seconds:.0f} s. Now try it with your own photos: {command} FOLDER")
