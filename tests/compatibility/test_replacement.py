"""A daemon whose program is replaced under it makes way for the new one, and nothing is lost by that."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from isthisme.catalog import Catalog
from isthisme.server.succession import ProgramOnDisk
from isthisme_host.connect import MeetingError
from tests.companion import Client, client, isthisme, wait_until
from tests.many_photos import MANY, RESTRAINED, busy_programs, write_many_photos
from tests.pictures import drawn, encoded, write_photos
from tests.product import ROOT

PHOTOS = MANY + 4


class Program:
    """A copy of the program, of whichever version it is told to be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for package in ("daemon/isthisme", "native_host/isthisme_host"):
            shutil.copytree(ROOT / package, folder / Path(package).name, ignore=shutil.ignore_patterns("__pycache__"))
        # Started as a folder, it is found there by whatever it starts; no variable of the surroundings is asked.
        shutil.copy(folder / "isthisme" / "__main__.py", folder)

    def install(self, version: str) -> None:
        """As installers do: the file is there whole, or not at all."""
        file = self._folder / "isthisme" / "__init__.py"
        new = file.with_suffix(".new")
        new.write_text(f'"""Another version."""\n\n__version__ = "{version}"\n')
        new.replace(file)

    @contextmanager
    def running(self, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
        with (home / "test-daemon.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(self._folder), "daemon"],
                env={**os.environ, "ISTHISME_HOME": str(home)},
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(RESTRAINED)
    write_photos(tmp_path / "photos", range(4))
    write_many_photos(tmp_path / "photos")
    assert isthisme(home, "folders", "add", str(tmp_path / "photos")).returncode == 0
    assert isthisme(home, "index").returncode == 0
    return home


def described_anew(home: Path) -> int | None:
    """How many photos the unfinished generation holds; None where none is unfinished."""
    with closing(Catalog(home / "catalog.db")) as catalog:
        building = catalog.generations.building()
        return None if building is None else catalog.generations.size(building)


def version_of(home: Path) -> str | None:
    """Of the daemon that answers, if one does."""
    try:
        with client(home, greets=False) as asker:
            answer = asker.hello()  # an error from one that is about to end
            return str(answer["daemon_version"]) if answer["type"] == "welcome" else None
    except (MeetingError, EOFError, OSError):
        return None


def asked(home: Path, picture: bytes) -> str | None:
    """The verdict about one's own picture; None where the connection ended, so that one asks again."""
    import base64

    image = {"key": "1", "bytes": base64.b64encode(picture).decode()}
    try:
        with client(home) as asker:
            return str(asker.ask("check_image", page={"address": "http://shop.example/"}, image=image).get("verdict"))
    except (MeetingError, EOFError, OSError, AssertionError):
        return None


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_new_program_takes_over_in_the_middle_of_a_rebuild(home: Path, tmp_path: Path) -> None:
    program = Program(tmp_path / "program")
    program.install("1.0")
    photo = encoded(drawn(3), quality=80)
    # The rebuild waits for the others, so that it is still under way when the program is replaced.
    with busy_programs(), program.running(home) as daemon:
        wait_until(lambda: version_of(home) == "1.0", "the old version answers")
        with client(home) as asker:
            before = _ready(asker)["generation"]
            asker.ask("rebuild")
            wait_until(lambda: (described_anew(home) or 0) >= 1, "some photos are described anew")
            done = described_anew(home)
            program.install("2.0")
        answers = set()

        def is_replaced() -> bool:
            answers.add(asked(home, photo))
            return version_of(home) == "2.0"

        wait_until(is_replaced, "the new version answers")
        kept = described_anew(home)
        assert answers <= {"copy", None}, "every answer is right"
        assert "copy" in answers
        assert daemon.poll() is None, "it is the same process, which whoever started it still holds"
        with client(home) as asker:
            assert done is not None
            assert kept is not None, "the rebuild is not finished"
            assert done <= kept < PHOTOS, "what was described is described"
            asker.ask("index_now")
            wait_until(lambda: asker.ask("status")["generation"] > before, "the rebuild is finished")
            assert _ready(asker)["photos"] == PHOTOS
        assert asked(home, photo) == "copy"


@pytest.mark.slow
def test_who_is_told_to_end_while_it_makes_way_ends(tmp_path: Path) -> None:
    """It takes a moment: a photo that is being described is seen through."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    write_photos(tmp_path / "photos", range(2))
    program = Program(tmp_path / "program")
    program.install("1.0")
    log = home / "test-daemon.log"
    with program.running(home) as daemon:
        wait_until(lambda: version_of(home) == "1.0", "it answers")
        with client(home) as asker:
            assert asker.ask("check_image", page={"address": "x"}, image={"key": "1", "bytes": "AAAA"})["id"]
            (worker,) = psutil.Process(daemon.pid).children()
            worker.suspend()
            asker.ask("add_folder", path=str(tmp_path / "photos"))
            wait_until(lambda: asker.ask("status")["state"] != "ready", "a photo is being described")
        program.install("2.0")
        wait_until(lambda: "another program was installed" in log.read_text(), "it makes way")
        daemon.terminate()
        worker.resume()
        assert daemon.wait(60) == 0
    assert log.read_text().count("the daemon starts") == 1


def _ready(asker: Client) -> dict[str, object]:
    wait_until(lambda: asker.ask("status")["state"] == "ready", "the daemon has looked through the photos")
    return asker.ask("status")


@pytest.mark.parametrize(
    ("looks", "is_other"),
    [
        (["old", "old", "new", "new"], True),
        (["old", "new", "newer", "newer"], True),
        (["new", "old", None, "new", "new"], True),
        ([None] * 30, False),
    ],
)
async def test_another_program_counts_once_it_stays(looks: list[str | None], is_other: bool) -> None:
    program = Scripted([*looks])
    assert await program.until_replaced(look_seconds=0) is is_other
    assert not program.looks, "not before"


@pytest.mark.parametrize("looks", [["old", "new", "old"], ["old", *[None] * 29, "old"]])
async def test_what_passes_does_not_count(looks: list[str | None]) -> None:
    program = Scripted([*looks, "old"])
    task = asyncio.create_task(program.until_replaced(look_seconds=0))
    with pytest.raises(IndexError):
        await task


class Scripted(ProgramOnDisk):
    """Says one thing after the other."""

    def __init__(self, looks: list[str | None]) -> None:
        self.looks: list[str | None] = ["old", *looks]
        super().__init__(Path())

    def says(self) -> bytes | None:
        look = self.looks.pop(0)
        return None if look is None else look.encode()
