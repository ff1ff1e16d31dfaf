"""What the commands share in showing their answers."""

import click
from rich.console import Console

console = Console(soft_wrap=True)
complaints = Console(stderr=True, soft_wrap=True)

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, one object a line.")
