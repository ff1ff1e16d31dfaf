"""Which index a home has, as its settings say: its own alone, or one on a server as well."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from isthisme.catalog import Catalog
from isthisme.config import EMBEDDED, Paths, Settings
from isthisme.encryption.key_places import SERVICE, Backend, system_keyring
from isthisme.errors import IsThisMeError, UsageError
from isthisme.index_files import IndexFiles
from isthisme.live_index import CurrentIndex, LiveIndex
from isthisme.names import checked_name
from isthisme.team import consent

if TYPE_CHECKING:
    from isthisme.index.milvus_photos import MilvusPhotos
    from isthisme.index.milvus_server import Patience

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IndexServer:
    """A server that the settings choose, and for whose photos."""

    photos: "MilvusPhotos"
    owner: str
    check_consent: Callable[[], None]  # before the server is asked
    consented: Callable[[], AbstractContextManager[None]]  # while it is sent something

    def state(self, catalog: Catalog) -> str:
        """What it has, in words. Raises IndexUnavailable, IndexServerUnusable and ConsentMissing."""
        from isthisme.index.milvus_photos import Part
        from isthisme.vector_push import PushRecord

        self.check_consent()
        address = self.photos.server.address
        version, current = self.photos.server.version(), catalog.generations.current()
        pushed = PushRecord(catalog, str(address), self.owner).of(current.number) if current is not None else None
        count = 0 if pushed is None else self.photos.count(Part(self.owner, pushed.number))
        known = 0 if current is None else catalog.generations.size(current)
        return f"{address} ({version}) has {count:,} of {known:,} photos of {self.owner!r}"


class HomeIndex:
    """The index of a home, wherever it lies. The files beside the catalog are kept in any case: they answer until a
    server has everything, and where the settings are changed back."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        catalog: Catalog,
        files: IndexFiles,
        find_keyring: Callable[[], Backend] = system_keyring,
    ) -> None:
        """Raises UsageError where the settings name no index. It connects to no server yet."""
        self._catalog = catalog
        self._files = files
        self.server = None if settings.index == EMBEDDED else _server(paths.home, settings, find_keyring)

    def current(self, model: Callable[[], str | None]) -> CurrentIndex:
        embedded = LiveIndex(self._catalog, model, self._files)
        if self.server is None:
            return embedded
        from isthisme.served_index import ServedIndex

        chosen = self.server
        return ServedIndex(self._catalog, model, embedded, chosen.photos, chosen.owner, chosen.check_consent)

    def tell_server(self) -> None:
        """Brings a server into step with the catalog, where one is chosen. Raises what `VectorPush.settle` raises."""
        if self.server is not None:
            from isthisme.vector_push import VectorPush

            VectorPush(self._catalog, self.server.photos, self.server.owner, self.server.consented).settle()

    def untold(self) -> str | None:
        """Tells the server. Where that fails, why, in words."""
        try:
            self.tell_server()
        except IsThisMeError as error:
            return str(error)
        return None

    def close(self) -> None:
        if self.server is not None:
            self.server.photos.server.close()


def chosen_photos(
    settings: Settings,
    find_keyring: Callable[[], Backend] = system_keyring,
    *,
    patience: "Patience | None" = None,
) -> "MilvusPhotos":
    """Those on the server that the settings choose, of all owners. Raises UsageError where they choose none."""
    from isthisme.index.milvus_address import Credentials, MilvusAddress, read_token
    from isthisme.index.milvus_photos import Kind, MilvusPhotos
    from isthisme.index.milvus_server import MilvusServer

    address = MilvusAddress.parse(settings.index)
    if settings.index_kind not in Kind:
        raise UsageError(f"index_kind is {settings.index_kind[:40]!r}; it must be one of {', '.join(Kind)}")

    token_file = _path(settings.index_token_file)

    def credentials() -> Credentials:
        return Credentials(
            read_token(token_file) if token_file is not None else _token_in_keyring(str(address), find_keyring),
            _path(settings.index_authority_file),
            _path(settings.index_certificate_file),
            _path(settings.index_key_file),
        )

    return MilvusPhotos(MilvusServer(address, credentials, patience), kind=Kind(settings.index_kind))


def _server(home: Path, settings: Settings, find_keyring: Callable[[], Backend]) -> IndexServer:
    photos = chosen_photos(settings, find_keyring)
    address = str(photos.server.address)
    if not settings.index_owner:
        raise UsageError(f"{address!r} holds photos of many: say whose these are (index_owner in settings.toml)")
    owner = checked_name(settings.index_owner)
    given = home, address, owner
    return IndexServer(photos, owner, partial(consent.check_granted, *given), partial(consent.consented, *given))


def _token_in_keyring(name: str, find_keyring: Callable[[], Backend]) -> str:
    """ "" where there is no keyring, or nothing of that name in it: some servers ask for no token."""
    try:
        return find_keyring().get_password(SERVICE, name) or ""
    except Exception as error:  # noqa: BLE001 each keyring says in its own way that it stays closed
        _log.warning("the keyring was not asked for the token of %s: %s", name, error)
        return ""


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None
