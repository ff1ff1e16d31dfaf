"""A real home folder with indexed photos, real browsers, and a site that reuses some of the photos."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isthisme.catalog import Catalog
from isthisme.evaluation.copies import make_copy
from isthisme.installation.launcher import LAUNCHER_NAME
from tests import browser_driver
from tests.companion import isthisme, kill_daemon_of
from tests.picture_site import Site, picture_site
from tests.pictures import drawn, encoded, write_photos
from tests.product import register_with

COPIES = ("mirrored", "crop 60 %", "app filter", "meme caption", "nine-grid cell", "phone screenshot")
STRANGERS = range(900, 906)
PATIENCE_SECONDS = 90.0  # the workers give way to everything else: on a busy machine their start alone takes 15 s
TEXTS = json.loads((browser_driver.EXTENSION / "_locales" / "en" / "messages.json").read_text(encoding="utf-8"))


def record_of(session: dict[str, Any], address: str) -> dict[str, Any] | None:
    """What the extension knows of a page, in what its worker keeps."""
    records = [each for each in session.values() if isinstance(each, dict)]
    return next((each for each in records if each.get("address") == address and "findings" in each), None)


def looked(record: dict[str, Any] | None) -> int:
    """How many pictures of the page have an answer."""
    return 0 if record is None else sum(count["looked"] for count in record["counts"].values())


def photos_found(record: dict[str, Any]) -> list[str]:
    """The name of the best photo of each finding, in order."""
    return sorted(Path(finding["matches"][0]["photo"]).name for finding in record["findings"])


def evidence_of(record: dict[str, Any], home: Path) -> list[tuple[str | None, int | None, bool]]:
    """Of each finding what is kept: the link that led there, what the site answered, whether its picture is there."""
    found = []
    with closing(Catalog(home / "catalog.db")) as catalog:
        for finding in record["findings"]:
            sighting = catalog.sightings.one(finding["sighting_id"])
            assert sighting is not None
            seen = catalog.observations.of(sighting.sighting_id)[-1]
            picture = catalog.sightings.original(sighting.picture_hash)
            is_whole = picture is not None and hashlib.sha256(picture).digest() == sighting.picture_hash
            found.append((seen.asked_address, seen.exchange and seen.exchange.status, is_whole))
    return found


def page_of(sources: list[str], *, head: str = "") -> bytes:
    images = "".join(f'<img src="{source}" width="320">' for source in sources)
    # No icon: browsers ask for one once a site, which would tell one visit from the next.
    head = f'<meta charset=utf-8><title>A shop</title><link rel=icon href="data:,">{head}'
    return f"<!doctype html><html><head>{head}</head><body>{images}</body></html>".encode()


def tainted_canvas(source: str) -> bytes:
    """A page that draws a picture of another origin, so that nobody may read what it drew; titled "drawn" then."""
    script = f"""<canvas id=canvas></canvas><script>
        const image = new Image();
        image.onload = () => {{
            canvas.width = 600;
            canvas.height = 600 * image.naturalHeight / image.naturalWidth;
            canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
            document.title = "drawn";
        }};
        image.src = "{source}";
    </script>"""
    return page_of([]) + script.encode()


def copy_of(photo: int, kind: str) -> bytes:
    return make_copy(drawn(photo), photo, kind, [drawn(seed) for seed in STRANGERS], seed=3).data


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Six photos, indexed with the packaged models; the daemon is started by the browsers."""
    folder = tmp_path_factory.mktemp("e2e")
    made = folder / "home of the user"
    write_photos(folder / "photos", range(6))
    assert isthisme(made, "folders", "add", str(folder / "photos")).returncode == 0
    assert isthisme(made, "index").returncode == 0
    register_with(folder / "unused profile", made)
    yield made
    kill_daemon_of(made)


@pytest.fixture(scope="session")
def launcher(home: Path) -> Path:
    return home / LAUNCHER_NAME


@pytest.fixture(scope="session")
def pictures() -> dict[str, tuple[str, bytes]]:
    """Copies of photos 0 to 5, each edited in another way, and as many strangers' pictures."""
    files = {f"/copy-{number}.jpg": ("image/jpeg", copy_of(number, kind)) for number, kind in enumerate(COPIES)}
    files |= {f"/stranger-{seed}.jpg": ("image/jpeg", encoded(drawn(seed), quality=80)) for seed in STRANGERS}
    return files


@pytest.fixture
def site(pictures: dict[str, tuple[str, bytes]]) -> Iterator[Site]:
    """`/` shows all pictures, `/strangers` only those of strangers."""
    with picture_site(dict(pictures)) as made:
        strangers = [path for path in pictures if "stranger" in path]
        made.files["/"] = ("text/html", page_of(list(pictures)))
        made.files["/strangers"] = ("text/html", page_of(strangers))
        yield made


@pytest.fixture(scope="module")
def browser(
    playwright: Any, launcher: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[browser_driver.Chromium]:
    with browser_driver.chromium(tmp_path_factory.mktemp("chromium"), launcher, playwright=playwright) as started:
        yield started


def noise(seed: int) -> bytes:
    """A stranger's picture that is quick to make."""
    random = np.random.default_rng(seed)
    return encoded(random.integers(0, 255, (120, 160, 3)).astype(np.uint8), quality=60)
