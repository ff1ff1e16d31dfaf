"""What the processes that die are at: indexing, rebuilding, migrating, forgetting, without costly pixels."""

from contextlib import closing
from pathlib import Path

from isthisme.catalog import Catalog
from tests.durability.doomed import Acknowledge


def migrate(path: Path, acknowledge: Acknowledge) -> None:
    with closing(Catalog(path)):
        acknowledge("migrated")
