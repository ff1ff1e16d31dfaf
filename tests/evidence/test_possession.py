import hashlib
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from isthisme.domain import Moment
from isthisme.errors import NotFound, TimestampRefused, UsageError
from isthisme.evidence.possession import find_proof, lists, save_list, save_proof
from isthisme.evidence.timestamps import Timestamp, ask_for_timestamp
from tests.timestamp_authority import make_authority, needs_openssl

_MADE = Moment(1_795_392_605.5, 28_800)


def _hash(number: int) -> bytes:
    return hashlib.sha256(b"photo %d" % number).digest()


def test_a_list_is_dated_and_tells_nothing_of_its_photos(tmp_path: Path) -> None:
    saved = save_list(tmp_path / "possession", map(_hash, range(100)), _MADE)
    text = (saved.folder / "possession.txt").read_text()
    assert "made 2026-11-23T" in text
    assert "+08:00" in text
    assert saved.photos == 100
    assert saved.sha256 == hashlib.sha256(text.encode()).digest()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == 100
    assert lines == sorted(lines)
    # Nobody who has a photo can tell from the list alone: neither its hash nor that hash's hash is there.
    for number in range(100):
        assert _hash(number).hex() not in text
        assert hashlib.sha256(_hash(number).hex().encode()).hexdigest() not in text


def test_two_lists_of_the_same_photos_have_no_line_in_common(tmp_path: Path) -> None:
    first = save_list(tmp_path, [_hash(1), _hash(2)], _MADE).folder / "possession.txt"
    second = save_list(tmp_path, [_hash(1), _hash(2)], _MADE).folder / "possession.txt"
    lines = [set(each.read_text().splitlines()) for each in (first, second)]
    assert all(line.startswith("#") for line in lines[0] & lines[1])
    assert lists(tmp_path) == [first.parent, second.parent]


def test_the_files_are_the_users_own(tmp_path: Path) -> None:
    folder = save_list(tmp_path / "possession", [_hash(1)], _MADE).folder
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_standard_tools_check_a_proof(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"photo 7")
    save_list(tmp_path / "possession", map(_hash, range(50)), _MADE)
    proof = find_proof(tmp_path / "possession", _hash(7))
    script = f"""
        set -e
        test "$(sha256sum photo.jpg | cut -c1-64)" = {proof.photo_sha256}
        test "$(printf %s {proof.salt}{proof.photo_sha256} | sha256sum | cut -c1-64)" = {proof.line}
        grep -qx {proof.line} {proof.folder}/possession.txt
    """
    assert subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path).returncode == 0


def test_the_proof_of_one_photo_gives_away_no_other(tmp_path: Path) -> None:
    save_list(tmp_path / "possession", [_hash(1), _hash(2)], _MADE)
    one = find_proof(tmp_path / "possession", _hash(1))
    other = find_proof(tmp_path / "possession", _hash(2))
    text = (one.folder / "possession.txt").read_text()
    tried = hashlib.sha256((one.salt + other.photo_sha256).encode()).hexdigest()
    assert tried not in text
    save_proof(one, tmp_path / "proof.zip", "instructions")
    with zipfile.ZipFile(tmp_path / "proof.zip") as archive:
        assert set(archive.namelist()) == {"PROOF.txt", "possession.txt"}  # and never the key


def test_a_photo_that_no_list_holds_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no list"):
        find_proof(tmp_path, _hash(1))
    save_list(tmp_path, [_hash(1)], _MADE)
    with pytest.raises(NotFound, match="none of your lists"):
        find_proof(tmp_path, _hash(2))
    with pytest.raises(UsageError, match="no photo"):
        save_list(tmp_path, [], _MADE)


@needs_openssl
def test_the_oldest_list_with_a_timestamp_proves_best(tmp_path: Path) -> None:
    authority = make_authority(tmp_path / "authority")

    def stamp(content: bytes) -> Timestamp:
        return ask_for_timestamp(content, authority.answer, (authority.root.certificate,), datetime.now(UTC))

    home = tmp_path / "possession"
    first = save_list(home, [_hash(1)], Moment(1_000_000_000, 0))
    stamped = save_list(home, [_hash(1), _hash(2)], Moment(1_100_000_000, 0), stamp)
    save_list(home, [_hash(1)], Moment(1_200_000_000, 0), stamp)
    assert find_proof(home, _hash(1)).folder == stamped.folder
    assert lists(home)[0] == first.folder
    command = "openssl ts -verify -in possession.txt.tsr -data possession.txt -CAfile root.pem".split()  # noqa: SIM905
    assert subprocess.run(command, cwd=stamped.folder, capture_output=True).returncode == 0


def test_nothing_is_left_of_a_list_that_got_no_timestamp(tmp_path: Path) -> None:
    def refuse(_content: bytes) -> Timestamp:
        raise TimestampRefused("no")

    with pytest.raises(TimestampRefused):
        save_list(tmp_path / "possession", [_hash(1)], _MADE, refuse)
    assert not lists(tmp_path / "possession")


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    save_list(tmp_path / "possession", [_hash(1)], _MADE)
    proof = find_proof(tmp_path / "possession", _hash(1))
    (tmp_path / "proof.zip").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        save_proof(proof, tmp_path / "proof.zip", "")
    assert (tmp_path / "proof.zip").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["possession", "proof.zip"]
    with pytest.raises(UsageError, match="cannot be written"):
        save_proof(proof, tmp_path / "no folder" / "proof.zip", "")
