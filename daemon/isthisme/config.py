"""Settings and paths, read once. Everything the program keeps lies in one folder, its home."""

import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from isthisme.errors import UsageError
from isthisme_host.connect import LOG_NAME, MeetingError, home_folder, prepare_home
from isthisme_host.home_contents import foreign_entries

PACKAGED_MODEL = "packaged"
NO_MODEL = "none"
EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `settings.toml` in the home folder may say; the defaults are right for most people."""

    model: str = PACKAGED_MODEL  # "packaged", "none" (hashes only), or the path of an ONNX file
    workers: int = 0  # processes that decode and describe; 0 means one for each processor core
    max_download_megabytes: int = 10  # for one picture of a page
    verdict_days: int = 7  # how long the verdict of a picture's address is remembered
    watch_folders: bool = True  # notice new photos while the daemon runs
    index_on_battery: bool = False  # the daemon, and `index --gently`; a few new photos are taken in at once anyway
    index_while_busy: bool = False  # likewise, while other programs need the processor
    busy_percent: int = 50  # of the whole processor, from which on other programs count as busy
    indexing_cpu_percent: int = 50  # of the whole processor that the daemon and `index --gently` take at the most
    timestamp_authority: str = "http://timestamp.digicert.com"  # asked for a timestamp (RFC 3161), after each consent
    timestamp_roots: str = ""  # a PEM file with the root of an authority that is not known everywhere
    index: str = EMBEDDED  # or a server that holds the index as well: milvus+https://host:19530
    index_owner: str = ""  # whose photos these are there
    index_kind: str = "flat"  # how the server searches: flat, ivf_flat, hnsw or diskann; heeded at its first use
    index_token_file: str = ""  # holds user:password or an API key; empty: the system's keyring, where there is one
    index_authority_file: str = ""  # PEM: the root of the server's certificate; empty: those of the system
    index_certificate_file: str = ""  # PEM: ours, where the server asks for one
    index_key_file: str = ""  # PEM: its key

    @property
    def worker_count(self) -> int:
        return self.workers or max(1, min(8, os.cpu_count() or 1))

    @property
    def own_timestamp_roots(self) -> Path | None:
        return Path(self.timestamp_roots).expanduser() if self.timestamp_roots else None


_LARGEST_SETTINGS = 16 << 10  # bytes; reading takes memory with the square of the length of a dotted name
_SHOWN = 200  # characters of what is wrong
_RANGES = {
    "workers": (0, 64),
    "max_download_megabytes": (1, 1_000),
    "verdict_days": (0, 3_650),
    "busy_percent": (1, 100),
    "indexing_cpu_percent": (1, 100),
}


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things lie below the home folder."""

    home: Path

    @property
    def catalog(self) -> Path:
        return self.home / "catalog.db"

    @property
    def index(self) -> Path:
        return self.home / "index"

    @property
    def settings(self) -> Path:
        return self.home / "settings.toml"

    @property
    def evidence(self) -> Path:
        return self.home / "evidence"

    @property
    def possession(self) -> Path:
        return self.home / "possession"

    @property
    def archives(self) -> Path:
        """Which web archives were scanned; what was found there lies in the catalog."""
        return self.home / "archives"

    @property
    def notices(self) -> Path:
        return self.home / "notices"

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
    for path, wrong in foreign_entries(home):
        raise UsageError(f"{path} is not a file of yours alone: {wrong}; move it away, then try again")
    return Path(home)


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file; the defaults where there is none. Raises UsageError on what is not a setting."""
    if not path.exists():
        return Settings()
    try:
        if path.stat().st_size > _LARGEST_SETTINGS:
            raise ValueError(f"it has more than {_LARGEST_SETTINGS >> 10} KiB")
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # numbers of thousands of digits, brackets in brackets
        raise UsageError(f"{path} cannot be read as TOML: {str(error)[:_SHOWN]}") from error
    types = {name: type(default) for name, default in asdict(Settings()).items()}
    for name, value in table.items():
        if name not in types:
            raise UsageError(f"{path}: there is no setting {name[:_SHOWN]!r}; the settings are {', '.join(types)}")
        if type(value) is not types[name]:
            raise UsageError(f"{path}: {name} is {_shown(value)}; it must be of type {types[name].__name__}")
        if name in _RANGES and not _RANGES[name][0] <= value <= _RANGES[name][1]:
            least, most = _RANGES[name]
            raise UsageError(f"{path}: {name} is {_shown(value)}; it must be from {least:,} to {most:,}")
    return Settings(**table)


def _shown(value: object) -> str:
    try:
        return repr(value)[:_SHOWN]
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of thousands of digits"
