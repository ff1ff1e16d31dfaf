"""Files written whole or not at all, in folders and buckets alike."""

import os
import secrets

from isthisme.bulk.stores import Store
from isthisme_host.private_files import make_folders, make_private, sync_folder


def write_whole(store: Store, path: str, data: bytes) -> None:
    """In place of what had that name. In a folder for its owner alone. Raises what the store raises."""
    if not _is_local(store):
        store.pipe_file(path, data)  # a bucket shows a file once it has all of it
        return
    folder, name = os.path.split(path)
    make_folders(folder)
    unfinished = os.path.join(folder, f".{name}.{secrets.token_hex(8)}")  # noqa: PTH118 text, as fsspec has it
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


def _is_local(store: Store) -> bool:
    protocol = store.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)
