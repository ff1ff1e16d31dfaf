"""The command line. Commands load what they need when they run, so that `--help` and `daemon` start at once."""

import os
import sys

import click

from isthisme import __version__
from isthisme.cli.autostart import autostart
from isthisme.cli.browsers import browsers
from isthisme.cli.cases import cases
from isthisme.cli.check import check
from isthisme.cli.daemon import daemon
from isthisme.cli.decisions import decisions
from isthisme.cli.demo import demo
from isthisme.cli.doctor import doctor
from isthisme.cli.encryption import encryption
from isthisme.cli.evidence import evidence
from isthisme.cli.folders import folders
from isthisme.cli.forget import forget
from isthisme.cli.ingest import ingest
from isthisme.cli.journal import journal
from isthisme.cli.notices import notice
from isthisme.cli.places import places
from isthisme.cli.rebuild import index, rebuild
from isthisme.cli.recheck import recheck
from isthisme.cli.scan import scan
from isthisme.cli.setup import setup
from isthisme.cli.sightings import sightings
from isthisme.cli.status import status
from isthisme.cli.stop import stop
from isthisme.cli.team import team
from isthisme.cli.uninstall import uninstall
from isthisme.errors import IsThisMeError

_INTERRUPTED = 130


# What belongs together, in the order in which somebody comes to it.
_SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Begin": (setup, demo, folders, index, status),
    "Look for your photos": (check, scan),
    "What was found": (sightings, cases, evidence, notice, recheck),
    "What you decided": (decisions, places),
    "What is kept of your photos": (forget, encryption, journal),
    "When something is wrong": (doctor, rebuild),
    "This computer and its browsers": (browsers, autostart, daemon, stop, uninstall),
    "Agencies, archives and teams": (ingest, team),
}


class _Sectioned(click.Group):
    """A group whose help lists commands by what they are for, rather than by the alphabet."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.commands)
        for title, commands in _SECTIONS.items():
            rows = [(f"{each.name:{width}}", each.get_short_help_str(200)) for each in commands if not each.hidden]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


@click.group(cls=_Sectioned, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="isthisme")
def program() -> None:
    """Tells you when a web page reuses one of your own photos. Everything stays on this computer.

    New here? 'isthisme setup' does everything that is needed; 'isthisme COMMAND --help' says more of each command.

    Exit codes: 0 done, 1 done but something could not be read or is wrong, 2 not done: the message says why.

    ISTHISME_HOME names the folder that everything is kept in.
    """


for section in _SECTIONS.values():
    for command in section:
        program.add_command(command)


def main() -> None:
    os.umask(0o077)  # whatever is made is the user's alone
    try:
        # Outside its standalone mode click gives back the code of a command that ended itself.
        sys.exit(program(prog_name="isthisme", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
    except IsThisMeError as error:
        click.echo(f"isthisme: {error}", err=True)
        sys.exit(2)
