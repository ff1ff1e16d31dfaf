"""The daemon beside programs that need the processor: it waits, says so, and goes on when the user says so."""

from pathlib import Path

import pytest

from tests.companion import client, isthisme, running_daemon, wait_until
from tests.many_photos import MANY, RESTRAINED, busy_programs, write_many_photos
from tests.pictures import drawn, encoded

pytestmark = pytest.mark.slow  # many processes


def test_many_photos_wait_while_others_are_busy_and_new_ones_and_the_user_do_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(RESTRAINED)
    write_many_photos(tmp_path / "photos")
    isthisme(home, "folders", "add", str(tmp_path / "photos"))
    with busy_programs(), running_daemon(home), client(home) as asker:

        def waits() -> bool:
            progress = asker.ask("status")["progress"]
            return progress is not None and progress["waits_because"] == "busy"

        wait_until(waits, "it waits for the other program")
        known = asker.ask("status")["photos"]
        assert known < MANY
        (tmp_path / "photos" / "a new one.jpg").write_bytes(encoded(drawn(900)))
        wait_until(lambda: asker.ask("status")["photos"] == known + 1, "the new photo is found")
        assert asker.ask("index_now")["type"] == "status"
        wait_until(lambda: asker.ask("status")["state"] == "ready", "all is done")
        assert asker.ask("status")["photos"] == MANY + 1
