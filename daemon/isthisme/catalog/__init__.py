"""The only SQL: folders, photos, generations of descriptions, sightings, cases, decisions, remembered
verdicts, and the log of what was done with them."""

from pathlib import Path

from isthisme.catalog.bundles import Bundles
from isthisme.catalog.captures import Captures
from isthisme.catalog.cases import Cases
from isthisme.catalog.database import Connection
from isthisme.catalog.decisions import Decisions
from isthisme.catalog.excluded import Excluded
from isthisme.catalog.facts import Facts
from isthisme.catalog.folders import Folders
from isthisme.catalog.forgetting import Forgetting
from isthisme.catalog.generations import Generations
from isthisme.catalog.journal import Journal
from isthisme.catalog.observations import Observations
from isthisme.catalog.pauses import Pauses
from isthisme.catalog.photos import Photos
from isthisme.catalog.records import Records
from isthisme.catalog.sightings import Sightings
from isthisme.catalog.verdicts import Verdicts


class Catalog:
    """Everything the program keeps, in one SQLite file. Threads and processes may share it.

    `key` opens an encrypted one. Raises CatalogUnusable when the file cannot be opened, is damaged, or was made by a
    newer program.
    """

    def __init__(self, path: Path, *, verdict_days: int = 7, key: bytes | None = None) -> None:
        self._connection = Connection(path, key)
        self.folders = Folders(self._connection)
        self.excluded = Excluded(self._connection)
        self.photos = Photos(self._connection)
        self.generations = Generations(self._connection)
        self.forgetting = Forgetting(self._connection)
        self.sightings = Sightings(self._connection)
        self.captures = Captures(self._connection)
        self.cases = Cases(self._connection)
        self.observations = Observations(self._connection, self.cases)
        self.bundles = Bundles(self._connection)
        self.journal = Journal(self._connection)
        self.decisions = Decisions(self._connection)
        self.pauses = Pauses(self._connection)
        self.facts = Facts(self._connection)
        self.records = Records(self._connection)
        self.verdicts = Verdicts(self._connection, self.facts.address_key(), days=verdict_days)
        self.transaction = self._connection.transaction
        self.damage = self._connection.damage

    def close(self) -> None:
        self._connection.close()
