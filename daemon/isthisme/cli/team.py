"""`isthisme team`: an owner's consent, and work in a team of owners and reviewers."""

import click

from isthisme.cli.team_consent import consent, consents


@click.group()
def team() -> None:
    """Several owners and reviewers on one index: consent to that, and the team's own work. Nobody needs it alone."""


for command in (consent, consents):
    team.add_command(command)
