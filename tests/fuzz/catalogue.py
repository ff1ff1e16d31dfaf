"""The targets by name. Each lives in a file of its own, which is loaded when it is its turn."""

from importlib import import_module
from pathlib import Path

from tests.fuzz.target import Target

NAMES = (
    "frames",
    "pump",
    "session",
    "requests",
    "worker_replies",
    "addresses",
    "data_addresses",
    "packed_answers",
    "web_answers",
    "pictures",
    "geometry",
    "judgements",
    "web_archives",
    "zip_archives",
    "pages",
    "bundles",
    "timestamps",
    "settings",
    "damaged_catalogs",
    "native_host",
)


def load(name: str, scratch: Path) -> Target:
    """The target of this name; what it writes lies below `scratch`."""
    made = import_module(f"tests.fuzz.attack_{name}").target(scratch)
    assert isinstance(made, Target)
    return made
