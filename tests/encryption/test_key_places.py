"""Where a key lies: a keyring, or a file; and what is said where it cannot be had."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from isthisme.encryption.key_places import InFile, InKeyring, system_keyring
from isthisme.errors import KeyOutOfReach, UsageError
from tests.encryption.keyrings import ForgetfulKeyring, LockedKeyring, MemoryKeyring

KEY = bytes(range(32))
_HERE = "tests.encryption.keyrings"


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    MemoryKeyring.kept.clear()
    yield
    MemoryKeyring.kept.clear()


def test_a_keyring_gives_back_what_it_was_given_until_it_is_erased() -> None:
    one, other = (InKeyring(name, MemoryKeyring) for name in ("one home", "another"))
    assert one.read() is None
    one.write(KEY)
    other.write(KEY[::-1])
    assert (one.read(), other.read()) == (KEY, KEY[::-1])
    one.erase()
    one.erase()  # that there is none is fine
    assert (one.read(), other.read()) == (None, KEY[::-1])


def test_what_somebody_else_wrote_into_the_keyring_is_a_wrong_key_and_no_crash() -> None:
    MemoryKeyring.kept["isthisme", "home"] = "no number"
    assert InKeyring("home", MemoryKeyring).read() == b""


def test_a_locked_keyring_is_told_from_one_without_the_key() -> None:
    with pytest.raises(KeyOutOfReach, match=r"closed the window.*unlock it and try again"):
        InKeyring("home", LockedKeyring).read()


def test_a_keyring_that_keeps_nothing_is_noticed_before_anything_rests_on_it() -> None:
    with pytest.raises(KeyOutOfReach, match="does not give it back"):
        InKeyring("home", ForgetfulKeyring).write(KEY)


def test_the_best_of_the_keyrings_that_can_serve_is_taken() -> None:
    found = system_keyring([(_HERE, "AbsentKeyring"), (_HERE, "MemoryKeyring"), (_HERE, "LockedKeyring")])
    assert type(found).__name__ == "LockedKeyring"


def test_without_any_keyring_the_words_name_another_way() -> None:
    with pytest.raises(KeyOutOfReach, match="--key-file"):
        system_keyring([(_HERE, "AbsentKeyring"), ("no.such.module", "Keyring")])


def test_a_keyring_that_writes_keys_into_a_plain_file_is_never_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{_HERE}.MemoryKeyring")
    with pytest.raises(KeyOutOfReach):
        system_keyring([])
    from isthisme.encryption import key_places

    assert not any("file" in module or "null" in module or "fail" in module for module, _ in key_places._SAFE)


def test_a_key_file_is_new_and_for_its_owner_alone(tmp_path: Path) -> None:
    place = InFile(tmp_path / "key")
    place.write(KEY)
    assert place.read() == KEY
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="is there already"):
        place.write(KEY)
    assert list(tmp_path.iterdir()) == [tmp_path / "key"]
    place.erase()
    place.erase()
    assert not any(tmp_path.iterdir())


def test_a_key_file_that_is_missing_open_to_others_or_no_key_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with pytest.raises(KeyOutOfReach, match="plug its disk in"):
        InFile(path).read()
    path.write_text(KEY.hex())
    path.chmod(0o644)
    with pytest.raises(KeyOutOfReach, match="chmod 600"):
        InFile(path).read()
    path.chmod(0o600)
    assert InFile(path).read() == KEY
    path.write_bytes(b"\xff\x00")
    assert InFile(path).read() == b""
