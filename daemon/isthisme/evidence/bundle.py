"""A dossier as a bundle: which files it holds, and what the manifest says beside them."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from isthisme.answer_note import MatchNote
from isthisme.catalog.captures import Part
from isthisme.catalog.observations import Observation
from isthisme.catalog.sightings import Sighting
from isthisme.documents.typesetting import Typesetter
from isthisme.domain import Moment
from isthisme.encryption import PLAIN, Vault
from isthisme.evidence import bundle_file, paths, warc
from isthisme.evidence.bundle_file import BundledFile, Saved, Sink, Stamp, iso_time
from isthisme.evidence.dossier import Compared, Dossier, Finding, OwnPhoto
from isthisme.evidence.foreign_text import file_name_part
from isthisme.evidence.report import report, sheet
from isthisme.evidence.web_page import web_page
from isthisme.evidence.wording import Language, Words

_LONGEST_DATA_ADDRESS = 200  # characters; the bytes that it stands for are a file of their own


def save(
    dossier: Dossier,
    target: Path,
    language: Language,
    typesetter: Typesetter,
    *,
    stamp: Stamp = lambda _sums: None,
    vault: Vault = PLAIN,
) -> Saved:
    """Writes the bundle as `bundle_file.save` does, under the path or, where that is a folder, a name of its own."""
    if target.is_dir() or target.suffix.lower() != ".zip":
        target = target / name_of(dossier)
    return bundle_file.save(
        target, _files(dossier, language, typesetter), _facts(dossier), dossier.made, stamp=stamp, vault=vault
    )


def name_of(dossier: Dossier) -> str:
    """evidence-2026-11-23-140509-shop.example-17.zip"""
    what = file_name_part(dossier.case.offender or dossier.site) if dossier.case else file_name_part(dossier.site)
    number = f"case-{dossier.case.case_id}" if dossier.case else str(dossier.findings[0].number)
    parts = ("evidence", f"{dossier.made.there:%Y-%m-%d-%H%M%S}", what, number)
    return "-".join(part for part in parts if part) + ".zip"


def _files(dossier: Dossier, language: Language, typesetter: Typesetter) -> list[BundledFile]:
    """In the order in which they are written: what is read first comes first."""
    words, english = Words(language), Words("en")
    rest = list(_of_findings(dossier, english, words, typesetter))
    made_here = (
        ("report", paths.REPORT, "text/html"),
        ("report_pdf", paths.REPORT_PDF, "application/pdf"),
        ("verify", bundle_file.VERIFY, "text/plain"),
        ("archive", paths.ARCHIVE, warc.MEDIA_TYPE),
        ("manifest", bundle_file.MANIFEST, "application/json"),
        ("sums", bundle_file.SUMS, "text/plain"),
    )
    contents = [(path, words(f"contents_{name}")) for name, path, _ in made_here] + [
        (each.path, each.what) for each in _of_findings(dossier, words, words, typesetter)
    ]
    document = report(dossier, contents, words)
    instructions = resources("isthisme.evidence").joinpath("words", "VERIFY.txt")
    written: dict[str, Callable[[Sink], object]] = {
        "report": _bytes_of(partial(web_page, document)),
        "report_pdf": _bytes_of(lambda: typesetter.typeset(document).pdf),
        "verify": _bytes_of(instructions.read_bytes),
        "archive": lambda stream: warc.write(stream, _records(dossier), dossier.made),
    }
    first = [
        BundledFile(path, kind, english(f"contents_{name}"), written[name])
        for name, path, kind in made_here
        if name in written
    ]
    return first + rest


def _bytes_of(make: Callable[[], bytes]) -> Callable[[Sink], object]:
    return lambda stream: stream.write(make())


def _of_findings(dossier: Dossier, words: Words, report_words: Words, typesetter: Typesetter) -> Iterator[BundledFile]:
    """`words`: for what each file is."""

    def sheet_of(finding: Finding, compared: Compared) -> bytes:
        return typesetter.typeset(sheet(dossier, finding, compared, report_words)).pdf

    for finding in dossier.findings:
        number = finding.number
        what = words("contents_picture" if finding.is_original else "contents_small", number=number)
        yield BundledFile(paths.picture_path(finding), finding.media_type.name, what, _bytes_of(finding.picture))
        for place, compared in enumerate(finding.compared, start=1):
            if compared.comparison is not None:
                what = words("contents_sheet", number=number)
                path = paths.sheet_path(finding, place)
                yield BundledFile(path, "application/pdf", what, _bytes_of(partial(sheet_of, finding, compared)))
                what, drawing = (
                    words("contents_drawing", number=number),
                    _bytes_of(partial(bytes, compared.comparison.sheet)),
                )
                yield BundledFile(paths.drawing_path(finding, place), "image/jpeg", what, drawing)
        for path, part in _parts(finding):
            kind = "text/plain" if part.kind == "html" else part.media_type
            what = words(f"contents_{part.kind}", number=number)
            yield BundledFile(path, kind, what, _bytes_of(partial(finding.read_part, part)))


def _parts(finding: Finding) -> list[tuple[str, Part]]:
    found = []
    if part := finding.part("screen"):
        found.append((paths.screen_path(finding, part), part))
    if part := finding.part("whole"):
        found.append((paths.whole_path(finding, part), part))
    if part := finding.part("html"):
        found.append((paths.html_path(finding), part))
    return found


def _records(dossier: Dossier) -> Iterator[warc.Record]:
    """One after the other, so that no more than one picture is held besides the file that is being made."""
    done: set[int] = set()
    for finding in dossier.findings:
        yield _picture_record(finding)
        if finding.capture is None or finding.capture.capture_id in done:
            continue
        done.add(finding.capture.capture_id)
        moment, page = finding.capture.moment, finding.capture.page_address
        for _, part in _parts(finding):
            # The page's own address for its text, and what crawlers of web archives use for screenshots.
            prefix = {"screen": "urn:view:", "whole": "urn:fullPage:", "html": ""}[part.kind]
            kind = "text/html; charset=utf-8" if part.kind == "html" else part.media_type
            note = f"As the browser showed it, not as the site sent it. {part.words}".strip()
            yield warc.Shown(prefix + page, moment, finding.read_part(part), kind, note)


def _picture_record(finding: Finding) -> warc.Record:
    address, kind, data = finding.sighting.picture_address, finding.media_type.name, finding.picture()
    if not finding.is_original:
        return warc.Shown(_archived(address, finding), finding.first_seen, data, kind, "A small copy of the picture.")
    fetched = finding.fetched
    if fetched is None or fetched.exchange is None or fetched.exchange.by != "companion":
        note = "The picture's bytes, as the browser had them; how the site answered is not known."
        return warc.Shown(_archived(address, finding), finding.first_seen, data, kind, note)
    return warc.Fetched(fetched.exchange, fetched.moment, data, kind)


def _archived(address: str, finding: Finding) -> str:
    """The picture's own address; one that only holds its bytes is no name for them."""
    is_name = address.partition(":")[0].lower() in ("http", "https", "file")
    return address if is_name else f"urn:sha256:{finding.sighting.picture_hash.hex()}"


def _facts(dossier: Dossier) -> dict[str, Any]:
    """Everything that is known, with all addresses whole."""
    case = dossier.case
    return {
        "case": case
        and {
            "case_id": case.case_id,
            "name": case.name,
            "offender": case.offender,
            "status": case.status,
            "made_at": iso_time(case.made),
        },
        "case_events": [{"at": iso_time(each.moment), "kind": each.kind, "text": each.text} for each in dossier.events],
        "findings": [_finding_facts(each) for each in dossier.findings],
        "own_photos": [_photo_facts(each) for each in dossier.photos],
    }


def _finding_facts(finding: Finding) -> dict[str, Any]:
    sighting, capture = finding.sighting, finding.capture
    return {
        "finding": finding.number,
        "page_address": sighting.page_address,
        "page_title": sighting.page_title,
        "picture_address": _whole(sighting.picture_address),
        "picture_sha256": sighting.picture_hash.hex(),
        "picture_is_original": finding.is_original,
        "width": sighting.width,
        "height": sighting.height,
        "first_seen": iso_time(finding.first_seen),
        "last_seen": iso_time(finding.last_seen),
        "times_seen": sighting.times_seen,
        "presence": sighting.presence,
        "is_kept_by_user": sighting.is_kept,
        "verdict": finding.note.verdict,
        "score": finding.note.score,
        "matches": [_match_facts(each.match) for each in finding.compared],
        "observations": [_observation_facts(each, sighting) for each in finding.observations],
        "capture": capture
        and {
            "at": iso_time(capture.moment),
            "page_title": capture.page_title,
            "user_agent": capture.user_agent,
            "parts": [
                {"path": path, "width": part.width, "height": part.height, "words": part.words}
                for path, part in _parts(finding)
            ],
        },
    }


def _match_facts(match: MatchNote) -> dict[str, Any]:
    return {
        "photo_id": match.photo_id,
        "verdict": match.verdict,
        "score": match.score,
        "explanation": match.explanation,
        "edits": [{"kind": each.kind, "amount": each.amount} for each in match.edits],
        "query_region": match.query_region,
        "photo_region": match.photo_region,
    }


def _observation_facts(seen: Observation, sighting: Sighting) -> dict[str, Any]:
    """An address that is the sighting's own is null: it may be long, and there may be many observations."""
    exchange = seen.exchange
    return {
        "at": iso_time(seen.moment),
        "kind": seen.kind,
        "presence": seen.presence,
        "other_page_address": None if seen.page_address == sighting.page_address else seen.page_address,
        "asked_address": seen.asked_address,
        "words": seen.words,
        "exchange": exchange
        and {
            "other_address": None if exchange.address == sighting.picture_address else _whole(exchange.address),
            "redirected_to": None if exchange.final_address == exchange.address else _whole(exchange.final_address),
            "by": exchange.by,
            "asked_at": None if exchange.began is None else iso_time(Moment(exchange.began, seen.moment.utc_offset)),
            "request_headers": exchange.request_headers,
            "status": exchange.status,
            "reason": exchange.reason,
            "response_headers": exchange.response_headers,
        },
    }


def _photo_facts(photo: OwnPhoto) -> dict[str, Any]:
    return {
        "photo_id": photo.photo_id,
        "name": photo.name,
        "state": photo.state,
        "sha256": photo.sha256 and photo.sha256.hex(),
        "bytes": photo.byte_size,
        "width": photo.width,
        "height": photo.height,
        "camera": {name: getattr(photo.camera, name) for name in ("taken", "digitised", "changed", "camera")},
        "file_changed_at": _utc(photo.changed_at),
        "known_at_the_latest": _utc(photo.found_first if photo.known_since is None else photo.known_since),
        "manifests": photo.manifests,
    }


def _utc(at: float | None) -> str | None:
    return None if at is None else iso_time(Moment(at, 0))


def _whole(address: str) -> str:
    if address[:5].lower() != "data:" or len(address) <= _LONGEST_DATA_ADDRESS:
        return address
    more = len(address) - _LONGEST_DATA_ADDRESS
    return f"{address[:_LONGEST_DATA_ADDRESS]}… [{more:,} more characters, which are the picture itself]"
