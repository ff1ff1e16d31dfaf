"""The settings file, as a hand or another program may have left it."""

from pathlib import Path

from isthisme.config import Settings, read_settings
from isthisme.errors import UsageError
from tests.fuzz.target import Target, promise

_SOUND = b"""model = "none"
workers = 2
max_download_megabytes = 10
verdict_days = 7
watch_folders = true
index_on_battery = false
busy_percent = 50
indexing_cpu_percent = 50
timestamp_authority = "http://t.example"
timestamp_roots = ""
"""


def target(scratch: Path) -> Target:
    path = scratch / "settings.toml"

    def attack(data: bytes) -> int:
        """Settings, each of its own type and within its range; else UsageError, in a few words that can be shown."""
        path.write_bytes(data)
        try:
            settings = read_settings(path)
        except UsageError as error:
            promise(len(str(error)) < 2_000, "an error repeats the file")
            return 1
        promise(isinstance(settings, Settings), "these are no settings")
        promise(0 <= settings.workers <= 64 and settings.worker_count >= 1, "workers out of range")
        promise(1 <= settings.max_download_megabytes <= 1_000, "megabytes out of range")
        promise(type(settings.watch_folders) is bool, "a switch that is none")
        return 1

    return Target(
        name="settings",
        attack=attack,
        seeds=(
            _SOUND,
            *(line + b"\n" for line in _SOUND.splitlines()),
            b"a=" + b"[" * 2_000,
            b"workers=" + b"9" * 4_400,
            b"workers=0x" + b"f" * 4_400,
        ),
        covers=("isthisme.config",),
        runs_in_ci=500,
        words=(
            b"[",
            b"{a=",
            b"a.",
            b'"""',
            b"'''",
            b"\\u",
            b"\\U00110000",
            b"inf",
            b"nan",
            b"-1",
            b"1_000",
            b"0x7f",
            b"#",
            b"true",
            b"1979-05-27T07:32:00Z",
            b"[[a]]",
            b"\r",
            b"\x00",
            b"= ",
            b"9" * 500,
            b"[" * 300,
        ),
        largest=6_000,
    )
