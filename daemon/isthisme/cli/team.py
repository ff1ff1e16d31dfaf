"""`isthisme team`: an owner's consent, and work in a team of owners and reviewers."""

import click

from isthisme.cli.team_consent import consent, consents, withdraw
from isthisme.cli.team_desk import approve, ask, draft, drafts, export, open_one, read, revise, sightings, status
from isthisme.cli.team_folder import invite, members, new, owners, revoke, serve
from isthisme.cli.team_log import log
from isthisme.scale_extra import IS_INSTALLED


@click.group(hidden=not IS_INSTALLED)
def team() -> None:
    """Several owners and reviewers on one index: consent to that, and the team's own work. Nobody needs it alone."""


_OWNERS = (consent, consents, withdraw)
_SERVERS = (new, owners, invite, revoke, members, log, serve)
_MEMBERS = (status, ask, sightings, open_one, drafts, draft, read, revise, approve, export)
for command in (*_OWNERS, *_SERVERS, *_MEMBERS):
    team.add_command(command)
