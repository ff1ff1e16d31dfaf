"""`isthisme check`: are these pictures copies of the user's photos?"""

import asyncio
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from isthisme.answer_note import AnswerNote, note_of
from isthisme.cli.output import console, json_option
from isthisme.domain import Answer, Judgement, Reason, Verdict
from isthisme.errors import InputError, TransientError, UnreadableImage

if TYPE_CHECKING:
    from isthisme.acquire.fetch import Fetcher
    from isthisme.matcher import Matcher

_LARGEST_FILE = 64 << 20  # bytes; the decoder takes no more
WORDS = {
    Verdict.COPY: ("[bold red]copy[/bold red]", "of"),
    Verdict.POSSIBLE_COPY: ("[yellow]possible copy[/yellow]", "of"),
    Verdict.NO_COPY: ("[green]no copy[/green]", ""),
    Verdict.UNDECIDED: ("[magenta]undecided[/magenta]", ""),
}
# Reasons that lie in the picture or the index, not in getting hold of it.
_JUDGED = frozenset({"too_plain", "no_photos"})


@click.command()
@click.argument("inputs", metavar="FILE_OR_URL...", nargs=-1, required=True)
@click.option("--deep", is_flag=True, help="Look closer, as the right-click check does; takes longer.")
@json_option
def check(inputs: tuple[str, ...], *, deep: bool, as_json: bool) -> None:
    """Says whether pictures are copies of your photos. '-' reads more names from standard input, one a line.

    Exit codes: 0 every picture was judged, 1 some could not be read or fetched, 2 nothing was checked.
    """
    from isthisme.acquire.fetch import Fetcher
    from isthisme.wiring import checking, open_home

    names = [name for given in inputs for name in (sys.stdin.read().splitlines() if given == "-" else [given])]
    with open_home() as home, checking(home) as tools:

        def show(name: str, answer: Answer) -> None:
            note = note_of(answer, home.catalog.photos)
            if as_json:
                click.echo(json.dumps(_json_line(name, note, answer.elapsed_ms), ensure_ascii=False))
            else:
                _print(name, note)

        fetches = partial(Fetcher, max_bytes=home.settings.max_download_megabytes << 20)
        unread = asyncio.run(_check_all(names, fetches, tools.matcher, tools.under_way, show, deep=deep))
    if unread:
        raise click.exceptions.Exit(1)


async def _check_all(
    names: list[str],
    make_fetcher: "Callable[[], Fetcher]",
    matcher: "Matcher",
    under_way: int,
    show: Callable[[str, Answer], None],
    *,
    deep: bool,
) -> int:
    """Answers in the order given, several pictures at once. The number that could not be read."""
    unread = 0
    waiting: deque[tuple[str, asyncio.Task[Answer]]] = deque()

    async def settle_first() -> None:
        nonlocal unread
        name, task = waiting.popleft()
        answer = await task
        reason = answer.judgement.reason
        unread += answer.judgement.verdict is Verdict.UNDECIDED and reason is not None and reason.code not in _JUDGED
        show(name, answer)

    async with aclosing(make_fetcher()) as fetcher:
        for name in names:
            waiting.append((name, asyncio.create_task(_check_one(name, matcher, fetcher, deep=deep))))
            if len(waiting) > 2 * under_way:
                await settle_first()
        while waiting:
            await settle_first()
    return unread


async def _check_one(name: str, matcher: "Matcher", fetcher: "Fetcher", *, deep: bool) -> Answer:
    started = time.monotonic()
    try:
        if name.partition(":")[0].lower() in {"http", "https", "data"}:
            data = (await fetcher.fetch(name, page_address=name)).data
        else:
            data = await asyncio.to_thread(_read, Path(name))
    except (InputError, TransientError) as error:
        judgement = Judgement(Verdict.UNDECIDED, 0.0, (), Reason(error.code, str(error)))
        return Answer(judgement, 0, 0, 0, round((time.monotonic() - started) * 1000, 1))
    return await asyncio.to_thread(matcher.answer, data, deep=deep)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableImage(f"{os.fspath(path)!r} cannot be read: {words}") from error
    if len(data) > _LARGEST_FILE:
        raise UnreadableImage(f"{os.fspath(path)!r} has over {_LARGEST_FILE >> 20} MiB; pictures are smaller")
    return data


def _json_line(name: str, note: AnswerNote, elapsed_ms: float) -> dict[str, Any]:
    """The contract of `check --json`: it grows, and nothing in it changes or goes."""
    return {
        "input": name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        **note_fields(note),
        "elapsed_ms": elapsed_ms,
    }


def note_fields(note: AnswerNote) -> dict[str, Any]:
    """The part of it that `scan --json` shares."""
    return {
        "verdict": note.verdict,
        "score": note.score,
        "matches": [
            {
                "photo": match.photo,
                "photo_id": match.photo_id,
                "verdict": match.verdict,
                "score": match.score,
                "explanation": match.explanation,
                "edits": [edit.kind for edit in match.edits],
                "edit_amounts": {edit.kind: edit.amount for edit in match.edits if edit.amount is not None},
                "query_region": match.query_region,
                "photo_region": match.photo_region,
                "photo_is_present": match.photo_is_present,
            }
            for match in note.matches
        ],
        "reason": None if note.reason is None else note.reason.words,
        "reason_code": None if note.reason is None else note.reason.code,
        "width": note.width,
        "height": note.height,
        "index_generation": note.index_generation,
    }


def _print(name: str, note: AnswerNote) -> None:
    words, joint = WORDS[Verdict(note.verdict)]
    shown = name if len(name) <= 200 else f"{name[:100]}…"
    console.print(f"{words}  ", end="")
    console.print(shown, markup=False, highlight=False)
    for match in note.matches:
        absent = "" if match.photo_is_present else " (no longer there)"
        console.print(f"    {joint} {match.photo}{absent}: {match.explanation}", markup=False, highlight=False)
    if note.reason is not None:
        console.print(f"    {note.reason.words}", markup=False, highlight=False)
