"""Files written whole or not at all, in folders and buckets alike."""

import os
import secrets

from fsspec.implementations.local import LocalFileSystem

from isthisme.bulk.stores import Store
from isthisme_host.private_files import make_folders, make_private, sync_folder

UNFINISHED = ".unfinished-"  # how the names begin of what was being written when its program ended


def write_whole(store: Store, path: str, data: bytes) -> None:
    """In place of what had that name. In a folder for its owner alone. Raises what the store raises."""
    if not isinstance(store, LocalFileSystem):
        store.pipe_file(path, data)  # a bucket shows a file once it has all of it
        return
    folder = os.path.dirname(path)  # noqa: PTH120 text, as fsspec has it
    make_folders(folder)
    unfinished = f"{folder}/{UNFINISHED}{secrets.token_hex(8)}"
    try:
        with os.fdopen(make_private(unfinished), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(unfinished, path)  # noqa: PTH105
    except BaseException:
        if os.path.lexists(unfinished):
            os.unlink(unfinished)  # noqa: PTH108
        raise
    sync_folder(folder)
