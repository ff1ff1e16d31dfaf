"""Has a server delete an owner's vectors, all of them, whatever of them is known here."""

from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.errors import IndexUnavailable
from isthisme.index.milvus_photos import MilvusPhotos
from isthisme.team.consent import nobody_sends
from isthisme.vector_push import PushRecord


def delete_vectors(home: Path, photos: MilvusPhotos, catalog: Catalog, owner: str) -> None:
    """Every generation of the owner's, also what another computer of theirs sent. May be repeated.

    What a program of this home is sending is waited for. Raises IndexUnavailable where the server does not answer, at
    once where it does not from the beginning, or still has some; IndexServerUnusable; and Busy.
    """
    photos.server.version()  # or who withdraws would wait as long as for a change that is worth waiting for
    with nobody_sends(home):
        photos.drop_other_generations(owner, ())
        photos.purge()
        left = photos.generations(owner)
        record = PushRecord(catalog, str(photos.server.address), owner)
        for generation in record.all():  # or a later consent would find them noted as sent
            record.drop(generation)
    if left:
        address = photos.server.address
        raise IndexUnavailable(f"{address} still has vectors of {owner!r}; stop whatever sends them, then try again")
