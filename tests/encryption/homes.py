"""A home with something of everything that is kept in one, and what must not be read from its files by others."""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isthisme.catalog import Catalog
from isthisme.config import Paths, Settings
from isthisme.domain import Moment
from isthisme.encryption import PLAIN, RECORD_NAME, open_vault
from isthisme.encryption.recovery_key import RecoveryKey
from isthisme.encryption_switch import decrypt, encrypt, prepare
from isthisme.evidence.possession import save_list
from isthisme.index.segment import Columns, write_segment
from isthisme.server.evidence_saving import Evidence
from tests.evidence.scene_of_a_theft import HTML, copy_of, theft

RECOVERY = RecoveryKey(b"in case of fire!")
_ROWS = 300


@dataclass(frozen=True)
class KeptHome:
    paths: Paths
    secrets: tuple[bytes, ...]  # of each a part that nothing else holds

    @property
    def stick(self) -> Path:
        """The file that the key lies in."""
        return self.paths.home.parent / "stick"

    def turn_on(self) -> None:
        if not (self.paths.home / RECORD_NAME).exists():
            prepare(self.paths, RECOVERY, self.stick)
        encrypt(self.paths)

    def turn_off(self) -> None:
        decrypt(self.paths)


def at(home: Path, secrets: tuple[bytes, ...] = ()) -> KeptHome:
    return KeptHome(Paths(home), secrets)


def make_home(folder: Path, *, with_bundle: bool = True) -> KeptHome:
    """In `folder`/home; the photo lies beside it."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    paths = Paths(home)
    with theft(folder) as scene:
        number = scene.see()
        scene.capture()
        preview = scene.engine.describe_photo(scene.photo).preview
        if with_bundle:
            Evidence(scene.catalog, paths, Settings(model="none"), scene.engine).save([number], None, "en")
        save_list(paths.possession, [bytes(32), bytes([1]) * 32], Moment.now())
    (folder / "catalog.db").rename(paths.catalog)
    chance = np.random.default_rng(3)
    rows = Columns(
        np.arange(1, _ROWS + 1),
        chance.integers(0, 2**63, _ROWS, dtype=np.uint64),
        chance.integers(-127, 128, (_ROWS, 512)).astype(np.int8),
    )
    paths.index.mkdir(mode=0o700)
    write_segment(paths.index / "0123456789abcdef.segment", [rows])
    assert rows.descriptors is not None
    paths.notices.mkdir(mode=0o700)
    (paths.notices / "notice-plain-2026-11-23.txt").write_bytes(b"Dear shop.example, take my photo down.\n" * 4000)
    paths.log.write_text(f"cannot read {scene.photo_path}\n")
    picture = copy_of(scene.photo)
    salts = next(paths.possession.rglob("salts.key")).read_bytes()
    secrets = (
        os.fsencode(scene.photo_path.name),
        b"shop.example",
        HTML[20:40],
        picture[len(picture) // 2 :][:24],
        preview[len(preview) // 2 :][:24],
        rows.descriptors[7].tobytes()[:24],
        salts[:24],
    )
    return KeptHome(paths, secrets)


def contents(home: KeptHome) -> dict[str, bytes]:
    """All that is kept in a home, as its own program reads it: a catalog as its rows, and the plain bytes of files."""
    vault = open_vault(home.paths.home) if (home.paths.home / RECORD_NAME).exists() else PLAIN
    found = {}
    folders = (home.paths.index, home.paths.evidence, home.paths.notices, home.paths.possession)
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".isthisme-switch-"):
            with vault.open(path) as stream:
                found[str(path.relative_to(home.paths.home))] = stream.read()
    with closing(Catalog(home.paths.catalog, key=vault.catalog_key(home.paths.catalog))) as catalog:
        assert catalog.damage() is None
        connection = catalog._connection
        names = connection.rows("select name from sqlite_master where type = 'table' order by name")
        pragmas = [connection.rows(f"pragma {each}") for each in ("user_version", "auto_vacuum")]
        schema = connection.rows("select type, name, sql from sqlite_master order by type, name")
        rows = {name: sorted(map(repr, connection.rows(f"select * from {name}"))) for (name,) in names}  # noqa: S608
        found["catalog.db"] = repr((pragmas, schema, rows)).encode()
    return found


def leaks(home: KeptHome) -> list[tuple[str, bytes]]:
    """Which secrets stand in which files."""
    found = []
    for path in sorted(home.paths.home.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += [(path.name, secret) for secret in home.secrets if secret in data]
    return found


def unfinished(home: KeptHome) -> list[str]:
    return sorted(
        path.name for path in home.paths.home.rglob("*") if "isthisme-switch" in path.name or "unfinished" in path.name
    )
