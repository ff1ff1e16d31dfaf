"""What browsers are told when a picture has gone or come back: kept until one has heard it."""

from dataclasses import dataclass
from typing import Any

from isthisme.catalog import Catalog
from isthisme.domain import Presence


@dataclass(frozen=True, slots=True)
class News:
    sighting_id: int
    case_id: int | None
    presence: Presence
    page_address: str
    page_title: str | None

    def fields(self) -> dict[str, Any]:
        """As PROTOCOL.md has it."""
        return {
            "sighting_id": self.sighting_id,
            "case_id": self.case_id,
            "presence": self.presence,
            "page_address": self.page_address,
            "page_title": self.page_title,
        }


def untold_news(catalog: Catalog) -> list[News]:
    """The oldest sightings first. What was deleted since is forgotten."""
    found = []
    for number, presence in sorted(catalog.facts.news().items()):
        sighting = catalog.sightings.one(number)
        if sighting is None:
            catalog.facts.drop_news(number, presence)
            continue
        found.append(News(number, sighting.case_id, presence, sighting.page_address, sighting.page_title))
    return found
