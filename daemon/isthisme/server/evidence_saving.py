"""Saving and checking evidence, with what the catalog keeps of it. Takes seconds: for a thread of its own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from isthisme.acquire.timestamp_authority import ask_authority
from isthisme.answer_note import shown_path
from isthisme.catalog import Catalog
from isthisme.catalog.bundles import Bundle
from isthisme.config import Paths, Settings
from isthisme.documents.typesetting import Typesetter
from isthisme.encryption import PLAIN, Vault
from isthisme.errors import IsThisMeError, NotFound
from isthisme.evidence import bundle
from isthisme.evidence.bundle_file import TIMESTAMP, Saved, Stamp
from isthisme.evidence.gathering import Draughtsman, Gathering
from isthisme.evidence.possession import LIST, find_proof
from isthisme.evidence.possession import TIMESTAMP as LIST_TIMESTAMP
from isthisme.evidence.timestamps import Timestamp, ask_for_timestamp, known_roots, verify_timestamp
from isthisme.evidence.verify import Line, Verified, verify
from isthisme.evidence.wording import Language
from isthisme.server.own_photos import OwnPhotos


@dataclass(frozen=True, slots=True)
class SavedEvidence:
    bundle_id: int
    saved: Saved
    timestamp: Timestamp | None
    timestamp_problem: str | None  # why there is none though one was asked for


class Evidence:
    """Whatever is saved or checked is noted in the journal, and in the cases that it is about."""

    def __init__(
        self, catalog: Catalog, paths: Paths, settings: Settings, draughtsman: Draughtsman, vault: Vault = PLAIN
    ) -> None:
        self._catalog = catalog
        self._paths = paths
        self._settings = settings
        self._draughtsman = draughtsman
        self._vault = vault

    def save(
        self,
        sighting_ids: Sequence[int],
        case_id: int | None,
        language: Language,
        *,
        target: Path | None = None,
        stamp: Stamp | None = None,
    ) -> SavedEvidence:
        """Writes a bundle and records it. Where the authority gives no timestamp it is saved without one.

        Raises NotFound, UsageError, DiskFull: then nothing is left behind.
        """
        timestamps: list[Timestamp] = []
        problems: list[str] = []

        def stamped(sums: bytes) -> Timestamp | None:
            try:
                timestamps.extend([stamp(sums)] if stamp else [])  # type: ignore[list-item]
            except IsThisMeError as error:
                problems.append(str(error))
            return timestamps[0] if timestamps else None

        with OwnPhotos() as photos:
            gathering = Gathering(self._catalog, self._draughtsman, photos.read, self._lists_of)
            dossier = gathering.dossier(sighting_ids, case_id)
        folder = target or self._paths.evidence
        saved = bundle.save(dossier, folder, language, Typesetter(), stamp=stamped, vault=self._vault)
        numbers = [finding.number for finding in dossier.findings]
        cases = [case_id] if case_id is not None else [finding.sighting.case_id for finding in dossier.findings]
        try:
            with self._catalog.transaction():
                self._tell_cases(cases, shown_path(Path(saved.path.name)))
                bundle_id = self._catalog.bundles.add(
                    dossier.made, saved.path.absolute(), saved.sha256, case_id=case_id, sighting_ids=numbers
                )
                detail: dict[str, object] = {"bundle": bundle_id, "sha256": saved.sha256.hex(), "sightings": numbers}
                self._catalog.journal.note("bundle_saved", detail | {"case": case_id})
                if timestamps:
                    self._catalog.journal.note("timestamped", {"bundle": bundle_id, "sha256": saved.sha256.hex()})
        except BaseException:
            saved.path.unlink(missing_ok=True)  # nobody would find it again
            raise
        return SavedEvidence(bundle_id, saved, timestamps[0] if timestamps else None, problems[0] if problems else None)

    def verify(self, path: Path, bundle_id: int | None = None) -> Verified:
        """What of a bundle is intact. Raises BundleUnreadable."""
        found = verify(path, self._check_timestamp, self._vault.open)
        known = self._known(found, bundle_id)
        if known is None:
            return found
        is_same = found.sha256 is None or found.sha256 == known.sha256
        words = (
            "it is, byte for byte, the file that was saved here"
            if is_same
            else "it is not, byte for byte, the file that was saved here"
        )
        if found.sha256 is not None:
            found = Verified((*found.lines, Line(path.name, "intact" if is_same else "altered", words)), found.sha256)
        with self._catalog.transaction():
            detail = {"bundle": known.bundle_id, "is_intact": found.is_intact}
            self._catalog.journal.note("bundle_verified", detail)
            state = "intact" if found.is_intact else "not intact"
            sightings = [self._catalog.sightings.one(number) for number in known.sighting_ids]
            cases = [known.case_id] if known.case_id else [each.case_id for each in sightings if each]
            self._tell_cases(cases, f"{shown_path(Path(known.path.name))}: {state}")
        return found

    def bundle(self, bundle_id: int) -> Bundle:
        found = self._catalog.bundles.one(bundle_id)
        if found is None:
            raise NotFound(f"there is no bundle {bundle_id}; 'isthisme evidence list' names them")
        return found

    def bundles(
        self, *, case_id: int | None = None, sighting_id: int | None = None, before: int | None = None
    ) -> list[Bundle]:
        """The newest first."""
        return self._catalog.bundles.all(case_id=case_id, sighting_id=sighting_id, before=before)

    def fields_of(self, found: Bundle) -> dict[str, Any]:
        return bundle_fields(found, self._vault)

    def note_opened(self, bundle: Bundle) -> None:
        self._catalog.journal.note("opened", {"bundle": bundle.bundle_id})

    def stamp_of(self, authority: str) -> Stamp:
        """What asks an authority that the user agreed to."""
        return stamp_by(authority, self._settings.own_timestamp_roots)

    def _known(self, found: Verified, bundle_id: int | None) -> Bundle | None:
        """What the catalog knows of it: by its number, or by its bytes."""
        if bundle_id is not None:
            return self.bundle(bundle_id)
        return next((each for each in self._catalog.bundles.all() if each.sha256 == found.sha256), None)

    def _check_timestamp(self, answer: bytes, sums: bytes) -> Line:
        try:
            found = verify_timestamp(answer, sums, known_roots(self._settings.own_timestamp_roots))
        except IsThisMeError as error:
            return Line(TIMESTAMP, "altered", str(error))
        words = f"{found.authority} confirms that SHA256SUMS existed at {found.at:%Y-%m-%d %H:%M:%S} UTC"
        return Line(TIMESTAMP, "intact", words)

    def _lists_of(self, photo_sha256: bytes) -> list[str]:
        """The dated list of the whole index that shows best since when a photo was there."""
        try:
            proof = find_proof(self._paths.possession, photo_sha256, self._vault)
        except (IsThisMeError, OSError, ValueError):
            return []
        names = [name for name in (LIST, LIST_TIMESTAMP) if (proof.folder / name).exists()]
        return [f"{proof.folder.name}: {' + '.join(names)}"]

    def _tell_cases(self, cases: Iterable[int | None], words: str) -> None:
        for case_id in sorted({each for each in cases if each is not None}):
            self._catalog.cases.add_event(case_id, "evidence", words)


def stamp_by(authority: str, own_roots: Path | None) -> Callable[[bytes], Timestamp]:
    """What asks an authority for a timestamp. Raises what `known_roots` raises, and later what `ask_for_timestamp`
    does."""
    roots = known_roots(own_roots)

    def stamp(content: bytes) -> Timestamp:
        return ask_for_timestamp(content, partial(ask_authority, authority), roots, datetime.now(UTC))

    return stamp


def bundle_fields(found: Bundle, vault: Vault) -> dict[str, Any]:
    """A bundle that was saved, as PROTOCOL.md has it."""
    try:
        byte_size, is_encrypted = found.path.stat().st_size, vault.is_sealed(found.path)
    except OSError:
        byte_size, is_encrypted = None, False
    return {
        "bundle_id": found.bundle_id,
        "at": found.moment.at,
        "utc_offset": found.moment.utc_offset,
        "path": shown_path(found.path),
        "name": shown_path(Path(found.path.name)),
        "bytes": byte_size,
        "is_present": byte_size is not None,
        "is_encrypted": is_encrypted,
        "sha256": found.sha256.hex(),
        "case_id": found.case_id,
        "sighting_ids": list(found.sighting_ids),
    }
