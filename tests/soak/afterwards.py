"""What is looked at when all has ended: files alone, no process."""

import re
from contextlib import closing
from pathlib import Path

from isthisme.catalog import Catalog
from isthisme.config import Paths, read_settings
from isthisme.doctor import Finding, Level, examine
from isthisme.index_files import IndexFiles
from isthisme.installation.autostart import AutostartState
from tests.soak.album import Album
from tests.soak.findings import Findings, Promise
from tests.soak.gauges import Gauges
from tests.soak.ledger import Ledger, Thing

_NAMES_SOMETHING = re.compile(r"https?:|127\.0\.0\.|/page/|\.jpg|Traceback")
_LARGEST_LOGS = 4 << 20  # two files of at most 1 MiB each at a start, and what is written until the next
_LEFT_OVER = re.compile(r"\.(new|tmp|part)$|^tmp")


def look_at_files(home: Path, temporary: Path, album: Album, ledger: Ledger, findings: Findings) -> None:
    paths = Paths(home)
    with closing(Catalog(paths.catalog)) as catalog:
        files = IndexFiles(catalog, paths.index)
        for found in _examined(paths, catalog, files):
            is_sound = found.level is not Level.TROUBLE and found.about != "journal"
            findings.check(Promise.SOUND, is_sound, f"{found.about}: {found.words}")
        _look_at_index(catalog, album, findings)
        _look_at_rows(catalog, ledger, findings)
    _look_at_log(home, findings)
    left = [path.name for path in [*home.rglob("*"), *temporary.iterdir()] if _LEFT_OVER.search(path.name)]
    left += [path.name for path in temporary.iterdir()]
    findings.check(Promise.CLEAN, not left, f"left behind: {sorted(set(left))[:5]}")


def look_at_log_size(gauges: Gauges, findings: Findings) -> None:
    findings.check(Promise.QUIET_LOG, gauges.log_bytes < _LARGEST_LOGS, f"the log had {gauges.log_bytes:,} bytes")


def _examined(paths: Paths, catalog: Catalog, files: IndexFiles) -> list[Finding]:
    """What `doctor` says of what lies in the home folder; not of browsers and the login."""
    found = examine(
        paths, read_settings(paths.settings), catalog, files, None, [], AutostartState(None), ask_daemon=lambda: None
    )
    return [each for each in found if each.about not in ("browsers", "companion", "extension", "start at login")]


def _look_at_index(catalog: Catalog, album: Album, findings: Findings) -> None:
    expected = album.contents()
    known = {
        Path(place.path.decode()): catalog.photos.content_hash_of(place.photo_id)
        for root in catalog.folders.roots()
        for place in catalog.photos.places_below(str(root.shown).encode())
        if place.photo_id is not None
    }
    for path in expected.keys() | known.keys():
        words = f"{path.parent.name}/{path.name}: "
        words += "not indexed" if path not in known else "indexed, but gone" if path not in expected else "another file"
        findings.check(Promise.IN_STEP, expected.get(path) == known.get(path), words)
    generation = catalog.generations.current()
    described = set() if generation is None else set(catalog.generations.described(generation).photo_ids.tolist())
    for content in set(expected.values()):  # and others: photos whose files are gone stay known
        is_described = catalog.photos.photo_with_content(content) in described
        findings.check(Promise.IN_STEP, is_described, "a photo that is there is not described")


def _look_at_rows(catalog: Catalog, ledger: Ledger, findings: Findings) -> None:
    """Of what no listing of the daemon shows."""
    sightings = ledger.owed(Thing.SIGHTING)
    there = {number for number in sightings.there | sightings.gone if catalog.sightings.one(int(str(number)))}
    ledger.compare(Thing.SIGHTING, sightings, set(there), findings, when="in the catalog")
    newest = {ledger.capture_pages[number]: number for number in ledger.some(Thing.CAPTURE)}
    for page, number in newest.items():
        found = catalog.captures.latest(page)
        is_there = found is not None and found.capture_id >= number
        findings.check(Promise.KEPT, is_there, f"in the catalog: captured page {number} is not there")


def _look_at_log(home: Path, findings: Findings) -> None:
    for path in home.glob("daemon.log*"):
        for line in path.read_text(errors="replace").splitlines():
            findings.check(Promise.QUIET_LOG, not _NAMES_SOMETHING.search(line), f"{path.name}: {line[:200]}")
