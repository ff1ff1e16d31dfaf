"""What the commands share in showing their answers."""

import click
from rich.console import Console

console = Console(soft_wrap=True)
complaints = Console(stderr=True, soft_wrap=True)


def counted(number: int, noun: str) -> str:
    """ "1 photo", "2 photos"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, one object a line.")
