"""Homes whose notices two people of a team approve before one is made into a letter: the owners' homes of a team."""

from isthisme.catalog import Catalog
from isthisme.errors import UsageError

_RULE = ("review", "owner")


def require_review(catalog: Catalog, owner: str) -> None:
    """From now on, and for good."""
    catalog.records.put(*_RULE, owner)


def is_reviewed(catalog: Catalog) -> bool:
    return catalog.records.get(*_RULE) is not None


def check_unreviewed(catalog: Catalog) -> None:
    """Raises UsageError where a notice may leave by way of the team alone."""
    owner = catalog.records.get(*_RULE)
    if owner is not None:
        raise UsageError(
            f"notices about {owner}'s photos are drafted, approved by two people and exported with 'isthisme team'; "
            "no other command makes one"
        )
