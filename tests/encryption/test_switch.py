"""Encryption switched on and off: nothing plain is left, nothing is lost, and it is refused where it cannot be done."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from isthisme.catalog import Catalog
from isthisme.encryption import PLAIN, RECORD_NAME, open_vault
from isthisme.encryption.encrypted import open_encrypted, put_back, wrap_anew
from isthisme.encryption.key_places import InKeyring
from isthisme.encryption.record import State, read_record
from isthisme.encryption.recovery_key import RecoveryKey
from isthisme.encryption_switch import decrypt, encrypt, plain_files, prepare
from isthisme.errors import Busy, KeyMissing, KeyOutOfReach, SealedFileDamaged, UsageError
from tests.encryption.homes import RECOVERY, KeptHome, at, contents, leaks, make_home, unfinished
from tests.encryption.keyrings import ForgetfulKeyring, MemoryKeyring


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> KeptHome:
    return make_home(tmp_path_factory.mktemp("made"))


@pytest.fixture
def home(made: KeptHome, tmp_path: Path) -> KeptHome:
    return at(Path(shutil.copytree(made.paths.home, tmp_path / "home")), made.secrets)


def test_while_it_is_on_no_file_of_the_home_shows_what_is_kept(home: KeptHome) -> None:
    before = contents(home)
    assert {secret for _, secret in leaks(home)} == set(home.secrets)  # so that looking for them means something
    home.turn_on()
    assert leaks(home) == []
    assert contents(home) == before
    assert leaks(home) == []  # nor after it was read
    assert unfinished(home) == []
    vault = open_encrypted(home.paths.home)
    assert plain_files(home.paths, vault) == []
    assert {path.stat().st_mode & 0o077 for path in home.paths.home.rglob("*")} == {0}


def test_what_is_written_while_it_is_on_shows_nothing_either(home: KeptHome) -> None:
    home.turn_on()
    vault = open_vault(home.paths.home)
    with closing(Catalog(home.paths.catalog, key=vault.catalog_key(home.paths.catalog))) as catalog:
        (home.paths.home.parent / "nobody's business").mkdir()
        catalog.folders.add(home.paths.home.parent / "nobody's business")
        with pytest.raises(sqlite3.IntegrityError), catalog.transaction():  # the same errors as of plain catalogs
            catalog._connection.run("insert into photos (id) values (null)")
        assert any(path.name.endswith("-wal") for path in home.paths.home.iterdir())
        for path in home.paths.home.rglob("*"):
            assert not path.is_file() or b"nobody's business" not in path.read_bytes(), path


def test_switched_off_everything_is_as_it_was_and_the_key_is_gone(home: KeptHome) -> None:
    before = contents(home)
    home.turn_on()
    home.turn_off()
    assert contents(home) == before
    assert not (home.paths.home / RECORD_NAME).exists()
    assert not home.stick.exists()
    assert unfinished(home) == []
    assert open_vault(home.paths.home) is PLAIN
    with closing(sqlite3.connect(home.paths.catalog)) as raw:  # any SQLite reads it
        assert raw.execute("pragma integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("harm", [b"", b"[1]", b'{"form": 1}', None])
def test_a_record_that_cannot_be_read_is_said_to_be_so(home: KeptHome, harm: bytes | None) -> None:
    home.turn_on()
    record = home.paths.home / RECORD_NAME
    whole = record.read_bytes()
    record.write_bytes(whole.replace(b'"wrapped": "', b'"wrapped": "!') if harm is None else harm)
    with pytest.raises(KeyMissing, match="put it back from a backup"):
        open_vault(home.paths.home)


def test_with_another_key_or_none_nothing_opens_and_nothing_is_changed(home: KeptHome) -> None:
    home.turn_on()
    kept = {path: path.read_bytes() for path in home.paths.home.rglob("*") if path.is_file()}
    key = home.stick.read_text()
    home.stick.write_text("00" * 32)
    for switch in (home.turn_on, home.turn_off, lambda: open_vault(home.paths.home)):
        with pytest.raises(KeyMissing, match="another key than this home's"):
            switch()
    home.stick.unlink()
    with pytest.raises(KeyOutOfReach, match="plug its disk in"):
        open_vault(home.paths.home)
    assert {path: path.read_bytes() for path in home.paths.home.rglob("*") if path.is_file()} == kept
    home.stick.write_text(key)
    home.stick.chmod(0o600)
    assert contents(home)


def test_the_recovery_key_brings_the_key_back_where_it_is_lost(home: KeptHome, tmp_path: Path) -> None:
    before = contents(home)
    home.turn_on()
    home.stick.unlink()
    with pytest.raises(UsageError, match="not the recovery key of this home"):
        put_back(home.paths.home, RecoveryKey.new(), tmp_path / "other stick")
    assert not (tmp_path / "other stick").exists()
    put_back(home.paths.home, RECOVERY, tmp_path / "other stick")
    assert contents(home) == before


def test_a_new_recovery_key_makes_the_old_one_useless(home: KeptHome, tmp_path: Path) -> None:
    home.turn_on()
    newer = RecoveryKey.new()
    wrap_anew(open_encrypted(home.paths.home), newer)
    with pytest.raises(UsageError, match="only the one shown last opens it"):
        put_back(home.paths.home, RECOVERY, tmp_path / "other stick")
    put_back(home.paths.home, newer, tmp_path / "other stick")
    assert not home.stick.exists()  # where the key lay before, it lies no more
    assert contents(home)


def test_the_key_may_lie_in_a_keyring(home: KeptHome) -> None:
    before = contents(home)
    place = InKeyring("a home", MemoryKeyring)
    prepare(home.paths, RECOVERY, place=place)
    encrypt(home.paths, place)
    assert read_record(home.paths.home / RECORD_NAME).key_file is None
    key = place.read()
    assert key is not None
    assert len(key) == 32
    assert key.hex().encode() not in (home.paths.home / RECORD_NAME).read_bytes()
    assert leaks(home) == []
    decrypt(home.paths, place)
    assert place.read() is None
    assert contents(home) == before


def test_a_keyring_that_keeps_nothing_leaves_the_home_as_it_was(home: KeptHome) -> None:
    before = contents(home)
    with pytest.raises(KeyOutOfReach):
        prepare(home.paths, RECOVERY, place=InKeyring("a home", ForgetfulKeyring))
    assert not (home.paths.home / RECORD_NAME).exists()
    assert contents(home) == before


def test_a_home_that_somebody_works_in_is_not_switched(home: KeptHome) -> None:
    before = contents(home)
    with somebody_in(home.paths.catalog) as somebody:
        with pytest.raises(Busy):
            home.turn_on()
        assert somebody.communicate("go on\n", timeout=60)[0] == "1\n"
    assert contents(home) == before
    home.turn_on()
    with somebody_in(home.paths.catalog, open_encrypted(home.paths.home).database_key), pytest.raises(Busy):
        home.turn_off()
    assert contents(home) == before
    assert leaks(home) == []  # nothing was made plain, though it had begun
    home.turn_off()
    assert contents(home) == before


@contextmanager
def somebody_in(catalog: Path, key: bytes | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the catalog open, and when it is told to go on counts the sightings."""
    code = (
        "import sys; from pathlib import Path; from isthisme.catalog import Catalog; "
        f"opened = Catalog(Path(sys.argv[1]), key={key!r}); print(flush=True); sys.stdin.readline(); "
        "print(opened.sightings.count())"
    )
    command = [sys.executable, "-c", code, str(catalog)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_a_home_with_a_damaged_catalog_kept_is_left_as_it_is(home: KeptHome) -> None:
    aside = home.paths.home / "catalog-damaged-2026-11-23.db"
    aside.write_bytes(b"half a catalog of shop.example")
    with pytest.raises(UsageError, match="catalog-damaged-2026-11-23"):
        home.turn_on()
    assert not home.stick.exists()
    aside.unlink()
    home.turn_on()
    aside.write_bytes(b"half a catalog")
    with pytest.raises(UsageError, match="catalog-damaged-2026-11-23"):
        home.turn_off()
    assert read_record(home.paths.home / RECORD_NAME).state is State.ON


def test_a_copy_from_before_an_update_is_encrypted_too(home: KeptHome) -> None:
    copy = home.paths.home / "catalog-version-3.db"
    copy.write_bytes(home.paths.catalog.read_bytes())
    home.turn_on()
    assert leaks(home) == []
    home.turn_off()
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("select count(*) from sightings").fetchone() == (1,)


def test_what_is_plain_among_the_encrypted_is_told_and_encrypted_by_the_next_run(home: KeptHome) -> None:
    home.turn_on()
    late = home.paths.notices / "put there by hand.txt"
    late.write_bytes(b"Dear shop.example")
    vault = open_encrypted(home.paths.home)
    assert plain_files(home.paths, vault) == [late]
    home.turn_on()
    assert leaks(home) == []
    with vault.open(late) as stream:
        assert stream.read() == b"Dear shop.example"


def test_a_file_with_another_name_elsewhere_keeps_its_bytes_there(home: KeptHome, tmp_path: Path) -> None:
    """Overwriting it would destroy what the user linked, or a backup made of links."""
    (letter,) = home.paths.notices.iterdir()
    linked = tmp_path / "my own link.txt"
    linked.hardlink_to(letter)
    words = letter.read_bytes()
    home.turn_on()
    assert linked.read_bytes() == words
    assert leaks(home) == []


def test_the_plain_bytes_are_overwritten_on_the_disk_and_not_only_unlinked(home: KeptHome) -> None:
    """Seen through descriptors that were open before, which stay when a file's name is gone."""
    (letter,) = home.paths.notices.iterdir()
    files = (letter, home.paths.catalog, next(home.paths.index.glob("*.segment")), home.paths.log)
    opened = [path.open("rb") for path in files]
    try:
        home.turn_on()
        for stream in opened:
            stream.seek(0)
            assert not stream.read().strip(b"\0"), stream.name
    finally:
        for stream in opened:
            stream.close()


def test_the_log_of_the_catalog_is_overwritten_too(home: KeptHome) -> None:
    """A program that died left one, full of pages."""
    code = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('pragma wal_autocheckpoint = 0'); "
        "c.execute(\"insert into facts (name, value) values ('shop.example', 'shop.example')\"); c.commit(); "
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(home.paths.catalog)], check=True)
    log = home.paths.catalog.with_name("catalog.db-wal")
    with log.open("rb") as stream:
        assert b"shop.example" in stream.read()
        home.turn_on()
        stream.seek(0)
        assert not stream.read().strip(b"\0")
    assert b"'shop.example', 'shop.example'" in contents(home)["catalog.db"]


@pytest.mark.parametrize("place", [0, 40, 60, -1])
def test_a_damaged_file_is_never_read_as_something_else(home: KeptHome, place: int) -> None:
    home.turn_on()
    (letter,) = home.paths.notices.iterdir()
    data = bytearray(letter.read_bytes())
    data[place] ^= 1
    letter.write_bytes(data)
    vault = open_vault(home.paths.home)
    if place == 0:  # it no longer says that it is encrypted
        assert letter in plain_files(home.paths, open_encrypted(home.paths.home))
        return
    with pytest.raises(SealedFileDamaged), vault.open(letter) as stream:
        stream.read()


def test_the_links_of_a_home_are_not_followed(home: KeptHome, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"mine")
    (home.paths.notices / "link.txt").symlink_to(outside)
    home.turn_on()
    assert outside.read_bytes() == b"mine"
