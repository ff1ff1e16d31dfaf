"""The command reference, from the commands themselves."""

import re
from collections.abc import Iterator

import click

_HEAD = """# All commands

What `isthisme COMMAND --help` says, of every command. Exit codes: **0** done, **1** done, but something could not be
read or is wrong, **2** not done, and the message says why, **130** stopped by Ctrl-C. The settings, and the stable JSON
of `--json`, are in [Settings and JSON](../command-line.md).
"""


def command_reference(program: click.Group) -> str:
    """The page, as Markdown."""
    parts = [_HEAD, *(_section(command, ("isthisme", name), 2) for name, command in sorted(program.commands.items()))]
    return "\n".join(parts)


def _section(command: click.Command, names: tuple[str, ...], depth: int) -> str:
    context = click.Context(command, info_name=names[-1])
    title = " ".join(names)
    # Not the context's own usage: that names the parents by the width of a terminal.
    usage = " ".join([title, *command.collect_usage_pieces(context)])
    lines = [f"{'#' * depth} {title}", "", f"`{usage}`", "", *_help(command), *_parameters(command, context)]
    text = "\n".join(lines).rstrip() + "\n"
    if isinstance(command, click.Group):
        below = (_section(each, (*names, name), depth + 1) for name, each in sorted(command.commands.items()))
        return "\n".join([text, *below])
    return text


def _help(command: click.Command) -> Iterator[str]:
    """The paragraphs as they are, save where click is told to keep the lines."""
    for paragraph in re.split(r"\n\s*\n", command.help or ""):
        text = "\n".join(line.strip() for line in paragraph.strip().splitlines())
        if text.startswith("\b"):
            yield from ("```text", text.removeprefix("\b").strip(), "```", "")
        elif text:
            yield from (_literal(" ".join(text.split())), "")


def _parameters(command: click.Command, context: click.Context) -> Iterator[str]:
    """Those that say something: the usage names the others."""
    records = [record for each in command.params if (record := each.get_help_record(context)) and record[1]]
    if records:
        yield from ("| option | |", "|---|---|")
        for name, words in records:
            yield f"| `{_cell(name)}` | {_literal(_cell(words))} |"
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _literal(text: str) -> str:
    """Help is plain text: what Markdown or HTML would take for its own is shown."""
    return re.sub(r"([*_<>])", r"\\\1", text)
