"""Folders that the user may want to add: where photos usually lie, and what of it is added already."""

from pathlib import Path
from typing import Any

from isthisme.answer_note import shown_path
from isthisme.catalog.folders import Folders
from isthisme.indexing.photo_places import find_photo_places, usual_places


def suggested_folders(folders: Folders) -> list[dict[str, Any]]:
    """The places of this computer that hold pictures, as the protocol has them. Takes up to some seconds."""
    roots = [root.shown for root in folders.roots()]
    return [
        {
            "path": shown_path(place.path),
            "kind": place.kind.value,
            "pictures": place.pictures,
            "is_more": place.is_more,
            "is_added": any(place.path.is_relative_to(root) for root in roots),
        }
        for place in find_photo_places(usual_places(Path.home()))
    ]
