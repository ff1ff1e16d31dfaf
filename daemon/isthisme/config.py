"""Settings and paths, read once. Everything the program keeps lies in one folder, its home."""

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from isthisme.errors import UsageError
from isthisme_host.connect import LOG_NAME, MeetingError, home_folder, prepare_home

PACKAGED_MODEL = "packaged"
NO_MODEL = "none"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `settings.toml` in the home folder may say; the defaults are right for most people."""

    model: str = PACKAGED_MODEL  # "packaged", "none" (hashes only), or the path of an ONNX file
    workers: int = 0  # processes that decode and describe; 0 means one for each processor core
    max_download_megabytes: int = 10  # for one picture of a page
    verdict_days: int = 7  # how long the verdict of a picture's address is remembered
    watch_folders: bool = True  # notice new photos while the daemon runs

    @property
    def worker_count(self) -> int:
        return self.workers or max(1, min(8, os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things lie below the home folder."""

    home: Path

    @property
    def catalog(self) -> Path:
        return self.home / "catalog.db"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    @property
    def indexing_lock(self) -> Path:
        return self.home / "indexing.lock"

    @property
    def log(self) -> Path:
        return self.home / LOG_NAME


def find_home() -> Path:
    """The home folder, made where it was not there yet. Raises UsageError when it cannot be used."""
    home = home_folder()
    try:
        prepare_home(home)
    except MeetingError as error:
        raise UsageError(str(error)) from error
    return Path(home)


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file; the defaults where there is none. Raises UsageError on what is not a setting."""
    if not path.exists():
        return Settings()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read as TOML: {error}") from error
    types = {field.name: type(field.default) for field in fields(Settings)}
    for name, value in table.items():
        if name not in types:
            raise UsageError(f"{path}: there is no setting {name!r}; the settings are {', '.join(types)}")
        if type(value) is not types[name]:
            raise UsageError(f"{path}: {name} is {value!r}; it must be of type {types[name].__name__}")
    settings = Settings(**table)
    if not 0 <= settings.workers <= 64:
        raise UsageError(f"{path}: workers is {settings.workers}; it must be from 0 to 64")
    return settings
