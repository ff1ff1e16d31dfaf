"""The index's server that a scan asks: from each machine that scans, with what that machine has to show."""

from dataclasses import dataclass, replace

from isthisme.config import Paths, find_home, read_settings
from isthisme.index.milvus_photos import MilvusPhotos
from isthisme.index.milvus_server import Patience
from isthisme.index_choice import chosen_photos

_PATIENCE = Patience(question=300.0)  # a server that restarts is waited for; no person waits for the answer


@dataclass(frozen=True, slots=True)
class IndexServer:
    """Is sent to each machine. Token and certificates are not: the settings there name them."""

    address: str

    def __call__(self) -> MilvusPhotos:
        """Raises UsageError."""
        settings = read_settings(Paths(find_home()).settings)
        return chosen_photos(replace(settings, index=self.address), patience=_PATIENCE)
