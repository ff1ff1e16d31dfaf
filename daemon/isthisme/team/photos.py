"""Where an owner's photos are searched: in the index of the owner's home in the team's folder, or on a server."""

from collections.abc import Callable
from dataclasses import dataclass

from isthisme.catalog.generations import IndexMark
from isthisme.index.base import VectorIndex
from isthisme.matcher import References
from isthisme.team.homes import OwnerHome


@dataclass(frozen=True, slots=True)
class OwnersPhotos:
    """What matching needs of one owner's photos, and of nobody else's."""

    index: Callable[[], VectorIndex | None]
    references: References
    mark: Callable[[], IndexMark]  # the state of the index


type PhotosOf = Callable[[OwnerHome], OwnersPhotos]


def photos_in_home(home: OwnerHome) -> OwnersPhotos:
    """Those that `isthisme index` took in there."""
    return OwnersPhotos(home.live_index.index, home.catalog.photos, home.live_index.mark)
