"""Has a server delete an owner's vectors, all of them, whatever of them is known here."""

from isthisme.catalog import Catalog
from isthisme.errors import IndexUnavailable
from isthisme.index.milvus_photos import MilvusPhotos
from isthisme.vector_push import PushRecord


def delete_vectors(photos: MilvusPhotos, catalog: Catalog, owner: str) -> None:
    """Every generation of the owner's, also what another computer of theirs sent. May be repeated.

    Raises IndexUnavailable where the server does not answer, or still has some, and IndexServerUnusable.
    """
    photos.drop_other_generations(owner, ())
    photos.purge()
    left = photos.generations(owner)
    if left:
        address = photos.server.address
        raise IndexUnavailable(f"{address} still has vectors of {owner!r}; stop whatever sends them, then try again")
    record = PushRecord(catalog, str(photos.server.address), owner)
    for generation in record.all():  # or a later consent would find them noted as sent
        record.drop(generation)
