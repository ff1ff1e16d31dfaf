"""`isthisme evidence possession`, as people use it."""

import subprocess
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from isthisme.catalog import Catalog
from isthisme.cli.possession import possession
from isthisme.domain import PhotoDescription
from tests.timestamp_authority import make_authority, needs_openssl, serve

_DESCRIPTION = PhotoDescription(None, 8, 8, np.zeros(1, np.uint64), None, b"preview")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"photo")
    with closing(Catalog(made / "catalog.db")) as catalog:
        for content in (photo.read_bytes(), b"another"):
            catalog.photos.add(sha256(content).digest(), _DESCRIPTION, str(photo).encode())
    return made


def run(home: Path, *words: str, given: str = "") -> Result:
    return CliRunner().invoke(possession, words, env={"ISTHISME_HOME": str(home)}, input=given)


def test_a_list_is_made_and_a_photo_proved(home: Path, tmp_path: Path) -> None:
    assert "2 photos listed" in run(home).output
    target = tmp_path / "proof.zip"
    answer = run(home, "prove", str(tmp_path / "photo.jpg"), "--to", str(target))
    assert answer.exit_code == 0, answer.output
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(target).extractall(folder)
    (folder / "PHOTO").write_bytes(b"photo")
    instructions = (folder / "PROOF.txt").read_text()
    assert "No authority signed it" in instructions
    # The commands are taken from the instructions, as a reader would.
    commands = [line.strip() for line in instructions.splitlines() if line.startswith("     ")]
    shown = [subprocess.run(["/bin/sh", "-c", each], cwd=folder, capture_output=True, text=True) for each in commands]
    assert [each.returncode for each in shown] == [0, 0, 0]
    digest, line = shown[0].stdout.split()[0], shown[1].stdout.split()[0]
    assert digest == sha256(b"photo").hexdigest()
    assert line == shown[2].stdout.strip()


@needs_openssl
def test_a_timestamp_is_asked_for_after_consent_alone(home: Path, tmp_path: Path) -> None:
    with serve(make_authority(tmp_path / "authority")) as authority:
        (home / "settings.toml").write_text(
            f'timestamp_authority = "{authority.address}"\ntimestamp_roots = "{tmp_path}/authority/root.pem"\n'
        )
        refused = run(home, "--timestamp", given="n\n")
        assert refused.exit_code != 0
        assert "127.0.0.1" in refused.output
        assert authority.queries == 0
        assert not (home / "possession").exists()
        agreed = run(home, "--timestamp", given="y\n")
        assert "Signed by Test authority" in agreed.output
        assert run(home, "--timestamp", "--yes").exit_code == 0
        assert authority.queries == 2
    with closing(Catalog(home / "catalog.db")) as catalog:
        assert [entry.event for entry in catalog.journal.entries()] == ["timestamped", "timestamped"]
    run(home, "prove", str(tmp_path / "photo.jpg"), "--to", str(tmp_path / "proof.zip"))
    with zipfile.ZipFile(tmp_path / "proof.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
        assert "openssl ts -verify" in archive.read("PROOF.txt").decode()
    command = [
        "openssl",
        "ts",
        "-verify",
        "-in",
        "possession.txt.tsr",
        "-data",
        "possession.txt",
        "-CAfile",
        "root.pem",
    ]
    assert subprocess.run(command, cwd=tmp_path / "unpacked", capture_output=True).returncode == 0


def test_an_authority_that_does_not_answer_leaves_nothing(home: Path, tmp_path: Path) -> None:
    with serve(make_authority(tmp_path / "authority"), status=500, body=b"") as authority:
        (home / "settings.toml").write_text(f'timestamp_authority = "{authority.address}"\n')
        answer = run(home, "--timestamp", "--yes")
    assert "HTTP 500" in str(answer.exception)
    assert not (home / "possession").exists()
