"""Saving and checking evidence: what is recorded of it, and what a failure leaves."""

import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthisme.config import Paths, Settings
from isthisme.errors import FetchFailed, NotFound, UnreadableImage, UsageError
from isthisme.server.desktop import Desktop
from isthisme.server.evidence_saving import Evidence
from isthisme.server.folder_window import FolderWindow
from isthisme.server.own_photos import OwnPhotos
from tests.evidence.scene_of_a_theft import Scene, theft
from tests.timestamp_authority import make_authority, needs_openssl, serve


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with theft(tmp_path) as made:
        yield made


def evidence_of(scene: Scene, tmp_path: Path, settings: Settings | None = None) -> Evidence:
    return Evidence(scene.catalog, Paths(tmp_path), settings or Settings(model="none"), scene.engine)


def journal(scene: Scene) -> list[tuple[str, dict[str, object]]]:
    return [(entry.event, entry.detail) for entry in scene.catalog.journal.entries()]


def test_what_is_saved_and_checked_is_recorded(scene: Scene, tmp_path: Path) -> None:
    evidence = evidence_of(scene, tmp_path)
    number = scene.see()
    case = scene.catalog.cases.make("The shop", "shop.example", [number])
    made = evidence.save([number], None, "en")
    assert made.saved.path.parent == tmp_path / "evidence"
    (kept,) = scene.catalog.bundles.all(sighting_id=number)
    assert (kept.bundle_id, kept.path, kept.sha256) == (made.bundle_id, made.saved.path, made.saved.sha256)
    found = evidence.verify(made.saved.path)
    assert found.is_intact
    assert found.lines[-1].words.startswith("it is, byte for byte")
    digest = made.saved.sha256.hex()
    assert journal(scene) == [
        ("bundle_saved", {"bundle": 1, "case": None, "sha256": digest, "sightings": [number]}),
        ("bundle_verified", {"bundle": 1, "is_intact": True}),
    ]
    texts = [event.text for event in scene.catalog.cases.events(case) if event.kind == "evidence"]
    assert texts == [made.saved.path.name, f"{made.saved.path.name}: intact"]


def test_a_bundle_that_was_exchanged_for_another_is_found_out(scene: Scene, tmp_path: Path) -> None:
    """Each is whole by itself: only what was recorded tells."""
    evidence = evidence_of(scene, tmp_path)
    first = evidence.save([scene.see()], None, "en")
    other = evidence.save([scene.see(page="https://other.example/")], None, "en")
    first.saved.path.write_bytes(other.saved.path.read_bytes())
    found = evidence.verify(first.saved.path, first.bundle_id)
    assert not found.is_intact
    assert found.lines[-1].words.startswith("it is not, byte for byte")


@needs_openssl
def test_a_timestamp_is_part_of_the_bundle_and_checked_with_it(scene: Scene, tmp_path: Path) -> None:
    with serve(make_authority(tmp_path / "authority")) as authority:
        settings = Settings(model="none", timestamp_roots=str(tmp_path / "authority" / "root.pem"))
        evidence = evidence_of(scene, tmp_path, settings)
        made = evidence.save([scene.see()], None, "en", stamp=evidence.stamp_of(authority.address))
    assert made.timestamp is not None
    assert made.timestamp.authority == "Test authority"
    states = {line.file: (line.state, line.words) for line in evidence.verify(made.saved.path).lines}
    state, words = states["SHA256SUMS.tsr"]
    assert state == "intact"
    assert words.startswith("Test authority confirms that SHA256SUMS existed at ")
    # The commands are taken from the instructions, as a reader would.
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(made.saved.path) as archive:
        archive.extractall(folder)
    lines = (folder / "VERIFY.txt").read_text().splitlines()
    commands = {line.strip() for line in lines if line.startswith(("    sha256sum", "    openssl"))}
    assert len(commands) == 3
    for command in commands:
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        assert "OK" in done.stdout + done.stderr or "Time stamp" in done.stdout
    stranger = evidence_of(scene, tmp_path).verify(made.saved.path)  # does not know that root
    assert not stranger.is_intact
    assert "timestamped" in [event for event, _ in journal(scene)]


def test_without_an_answer_of_the_authority_it_is_saved_all_the_same(scene: Scene, tmp_path: Path) -> None:
    def stamp(_sums: bytes) -> None:
        raise FetchFailed("the authority did not answer")

    made = evidence_of(scene, tmp_path).save([scene.see()], None, "en", stamp=stamp)
    assert made.timestamp is None
    assert made.timestamp_problem == "the authority did not answer"
    assert made.saved.path.exists()


def test_what_cannot_be_recorded_is_not_left_on_the_disk(scene: Scene, tmp_path: Path) -> None:
    number = scene.see()
    case = scene.catalog.cases.make("The shop", "", [number])

    def stamp(_sums: bytes) -> None:
        scene.catalog.cases.delete(case)  # somebody else does, meanwhile

    with pytest.raises(NotFound, match="no case"):
        evidence_of(scene, tmp_path).save([], case, "en", stamp=stamp)
    assert list((tmp_path / "evidence").iterdir()) == []
    assert scene.catalog.bundles.all() == []
    assert journal(scene) == []


def test_photos_are_read_in_folders_and_in_archives(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"in a folder")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("2024/b.jpg", b"in an archive")
    with OwnPhotos() as photos:
        changed_at = (tmp_path / "a.jpg").stat().st_mtime
        assert photos.read(tmp_path / "a.jpg") == (b"in a folder", changed_at)
        assert photos.read(tmp_path / "export.zip" / "2024" / "b.jpg") == (b"in an archive", None)
        assert photos.read(tmp_path / "gone.jpg") is None
        assert photos.read(tmp_path / "export.zip" / "gone.jpg") is None
        with pytest.raises(UnreadableImage, match="no file"):
            photos.read(tmp_path)


async def test_the_window_of_a_folder_is_the_desktops_own(tmp_path: Path) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    (tmp_path / "a b.zip").write_bytes(b"")
    window = FolderWindow(Desktop({"DISPLAY": ":0"}, "linux", lambda _: str(opener)))
    await window.show(tmp_path / "a b.zip")
    assert (tmp_path / "opened").read_text() == str(tmp_path)
    with pytest.raises(NotFound, match="not there any more"):
        await window.show(tmp_path / "gone.zip")
    for without in (Desktop({}, "linux"), Desktop({"DISPLAY": ":0"}, "linux", lambda _: None)):
        with pytest.raises(UsageError, match=r"the file is .*a b\.zip"):
            await FolderWindow(without).show(tmp_path / "a b.zip")
    opener.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(UsageError, match="did not show"):
        await window.show(tmp_path / "a b.zip")
