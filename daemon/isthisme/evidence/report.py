"""The report of a dossier as a document, the same for the web page and for paper. All of it is plain text."""

from collections.abc import Sequence
from typing import Literal

from isthisme import __version__
from isthisme.answer_note import EditNote, MatchNote
from isthisme.documents.blocks import (
    Block,
    Document,
    Fields,
    Grid,
    Heading,
    Items,
    NewPage,
    Paragraph,
    Picture,
    Remark,
)
from isthisme.domain import Measured, Moment
from isthisme.evidence.dossier import Compared, Dossier, Finding, OwnPhoto
from isthisme.evidence.paths import html_path, whole_path
from isthisme.evidence.wording import Words

_LONGEST = 300  # characters of an address or a title
_MOST_ASKED = 5
_DRAWING_WIDTH = 0.75  # of the text's: so that a comparison and its numbers fit one page


def report(dossier: Dossier, files: Sequence[tuple[str, str]], words: Words) -> Document:
    """`files`: names and meanings of what the bundle holds, in the report's language."""
    return _Report(dossier, words).document(files)


def sheet(dossier: Dossier, finding: Finding, compared: Compared, words: Words) -> Document:
    """One comparison by itself, to be printed or handed on alone."""
    return _Report(dossier, words).sheet(finding, compared)


class _Report:
    def __init__(self, dossier: Dossier, words: Words) -> None:
        self._dossier = dossier
        self._say = words

    def document(self, files: Sequence[tuple[str, str]]) -> Document:
        say, dossier = self._say, self._dossier
        site = dossier.site or say("not_known")
        title = say("title_case", case=self._short(dossier.case.name)) if dossier.case else say("title_one", site=site)
        is_long = len(dossier.findings) > 1
        blocks: list[Block] = [
            *self._summary(),
            *(self._table_of_findings() if is_long else ()),
            *[block for finding in dossier.findings for block in self._finding(finding, is_long=is_long)],
            *self._photos(),
            *self._events(),
            Heading(say("part_proves")),
            Items(tuple(say(f"proves_{each}") for each in ("unaltered", "seen", "server", "clock", "who"))),
            Heading(say("part_numbers")),
            Paragraph(say("numbers_text")),
            *((self._readings(),) if is_long else ()),
            Heading(say("part_absent")),
            Items(tuple(self._absent())),
            Heading(say("part_contents")),
            Grid(
                (say("column_file"), say("column_what")),
                tuple(files),
                (1.0, 1.7),
            ),
            Heading(say("part_check")),
            Items(tuple(say(f"check_{each}") for each in (1, 2, 3, 4, "timestamp")), is_numbered=True),
        ]
        return self._document(title, blocks)

    def sheet(self, finding: Finding, compared: Compared) -> Document:
        say, sighting = self._say, finding.sighting
        rows = (
            (say("label_page"), self._short(sighting.page_address)),
            (say("label_first_seen"), self._moment(finding.first_seen)),
            (say("label_picture_sha256"), sighting.picture_hash.hex()),
            (say("label_photo"), self._short(compared.photo.name)),
            (say("label_photo_sha256"), compared.photo.sha256.hex() if compared.photo.sha256 else say("not_known")),
        )
        blocks = [
            Fields(rows),
            *self._compared(finding, compared, is_brief=False),
            Paragraph(say("numbers_text"), "small"),
        ]
        return self._document(say("title_sheet", number=finding.number), blocks)

    def _document(self, title: str, blocks: Sequence[Block]) -> Document:
        made = self._dossier.made
        header = self._say("header", made=self._moment(made))
        return Document(title, self._say.language, made.there.replace(microsecond=0), tuple(blocks), header)

    def _summary(self) -> list[Block]:
        say, dossier = self._say, self._dossier
        first = min((each.first_seen for each in dossier.findings), key=lambda moment: moment.at)
        last = max((each.last_seen for each in dossier.findings), key=lambda moment: moment.at)
        if len(dossier.findings) > 1:
            words = say("summary_case", count=len(dossier.findings), first=self._moment(first), last=self._moment(last))
        else:
            words = self._sentence(dossier.findings[0])
        rows = [(say("label_made"), self._moment(dossier.made)), (say("label_program"), f"Is This Me? {__version__}")]
        if dossier.case:
            case = dossier.case
            about = [(say("label_case"), self._short(case.name)), (say("label_status"), say(f"status_{case.status}"))]
            if case.offender:
                about.insert(1, (say("label_offender"), self._short(case.offender)))
            rows = about + rows
        return [Remark(words), Fields(tuple(rows))]

    def _sentence(self, finding: Finding) -> str:
        say = self._say
        matches = finding.note.matches
        name = f"summary_{'copy' if finding.note.verdict == 'copy' else 'possible'}" if matches else "summary_none"
        sure = ""
        if matches:
            exact = _is_exact(matches[0])
            sure = say("sure_exact") if exact else say("sure_score", percent=_percent(matches[0].score))
        site = finding.site or say("not_known")
        return say(name, first=self._moment(finding.first_seen), site=site, sure=sure)

    def _table_of_findings(self) -> list[Block]:
        say = self._say
        head = tuple(say(f"column_{each}") for each in ("number", "site", "first_seen", "verdict", "presence"))
        rows = tuple(
            (
                str(each.number),
                each.site or say("not_known"),
                self._moment(each.first_seen),
                self._sure(each.note.matches[0]) if each.note.matches else say("verdict_none"),
                say(f"presence_{each.sighting.presence}"),
            )
            for each in self._dossier.findings
        )
        return [Heading(say("part_findings")), Grid(head, rows, (0.4, 1.5, 2.6, 1.7, 1.1))]

    def _finding(self, finding: Finding, *, is_long: bool) -> list[Block]:
        say, sighting = self._say, finding.sighting
        rows = [
            (say("label_page"), self._short(sighting.page_address)),
            *((say("label_asked"), self._short(each)) for each in _asked(finding)),
            (say("label_page_title"), self._short(sighting.page_title or say("nothing"))),
            (say("label_picture"), self._short(sighting.picture_address)),
            (say("label_picture_size"), self._size(finding)),
            (say("label_picture_sha256"), sighting.picture_hash.hex()),
            (say("label_first_seen"), self._moment(finding.first_seen)),
            (say("label_last_seen"), self._moment(finding.last_seen)),
            (say("label_presence"), say(f"presence_{sighting.presence}")),
            (say("label_decided"), say("decided_mine") if sighting.is_kept else say("decided_nothing")),
            (say("label_came"), self._came(finding)),
        ]
        exchange = finding.fetched.exchange if finding.fetched else None
        if exchange and exchange.status is not None:
            at = Moment(exchange.began or finding.first_seen.at, finding.first_seen.utc_offset)
            answer = say("answer_words", status=exchange.status, reason=exchange.reason, when=self._moment(at))
            rows.append((say("label_answer"), self._short(answer)))
        blocks: list[Block] = [NewPage()] if is_long else []
        blocks += [Heading(say("part_finding", number=finding.number)), Fields(tuple(rows))]
        for compared in finding.compared:
            blocks.append(Heading(say("part_comparison", photo=self._short(compared.photo.name)), 2))
            blocks += self._compared(finding, compared, is_brief=is_long)
        return [*blocks, *self._page(finding), *self._timeline(finding)]

    def _compared(self, finding: Finding, compared: Compared, *, is_brief: bool) -> list[Block]:
        say, match, comparison = self._say, compared.match, compared.comparison
        blocks: list[Block] = [
            Fields(((say("label_sure"), self._sure(match)), (say("label_changes"), self._changes(match)))),
        ]
        if comparison is None:
            forgotten = compared.photo.state == "forgotten"
            words = say("no_comparison_forgotten" if forgotten else "no_comparison_unreadable", words=compared.trouble)
            return [*blocks, Paragraph(self._short(words))]
        caption = say("comparison_caption")
        blocks.append(Picture(comparison.sheet, say("comparison_description"), caption, _DRAWING_WIDTH))
        if not finding.is_original:
            blocks.append(Paragraph(say("comparison_small"), "small"))
        if _is_exact(match):
            blocks.append(Paragraph(say("comparison_exact")))
        elif comparison.measured is None:
            blocks.append(Paragraph(say("comparison_unmeasured")))
        else:
            blocks.append(
                self._numbers_in_brief(comparison.measured) if is_brief else self._numbers(comparison.measured)
            )
        return blocks

    def _numbers(self, measured: Measured) -> Grid:
        """With what each says."""
        say = self._say
        rows = tuple(
            (say(f"number_{name}"), value, say(f"number_{name}_reading")) for name, value in _values(measured).items()
        )
        return Grid((say("column_measure"), say("column_value"), say("column_reading")), rows, (1.5, 0.55, 3.6))

    def _numbers_in_brief(self, measured: Measured) -> Grid:
        """Two in a row; what each says is told once for all."""
        say = self._say
        cells = [(say(f"number_{name}"), value) for name, value in _values(measured).items()]
        pairs = [*cells, ("", "")] if len(cells) % 2 else cells
        rows = tuple((*first, *second) for first, second in zip(pairs[::2], pairs[1::2], strict=True))
        head = say("column_measure"), say("column_value")
        return Grid((*head, *head), rows, (2.0, 0.7, 2.0, 0.7))

    def _readings(self) -> Fields:
        return Fields(tuple((self._say(f"number_{name}"), self._say(f"number_{name}_reading")) for name in _NUMBERS))

    def _page(self, finding: Finding) -> list[Block]:
        say, capture = self._say, finding.capture
        if capture is None:
            return []
        rows = [(say("label_captured"), self._moment(capture.moment))]
        if capture.user_agent:
            rows.append((say("label_browser"), self._short(capture.user_agent)))
        blocks: list[Block] = [Heading(say("part_page"), 2), Fields(tuple(rows))]
        whole, html = finding.part("whole"), finding.part("html")
        if finding.screen:
            caption = say("screen_caption", file=whole_path(finding, whole)) if whole else say("screen_caption_alone")
            blocks.append(Picture(finding.screen, say("screen_description"), caption))
        elif whole:
            blocks.append(Paragraph(say("whole_note", file=whole_path(finding, whole))))
        if html:
            blocks.append(Paragraph(say("html_note", file=html_path(finding))))
        notes = tuple(self._short(each.words) for each in capture.parts if each.words)
        return [*blocks, Items(notes)] if notes else blocks

    def _timeline(self, finding: Finding) -> list[Block]:
        say = self._say
        if not finding.observations:
            return []
        rows = []
        for each in finding.observations:
            words = f": {each.words}" if each.words else ""
            state = say(f"presence_{each.presence}")
            rows.append((self._moment(each.moment), say(f"kind_{each.kind}"), self._short(f"{state}{words}")))
        head = say("column_when"), say("column_what"), say("column_presence")
        blocks: list[Block] = [Heading(say("part_timeline"), 2), Grid(head, tuple(rows), (1.9, 1.9, 1.3))]
        if finding.sighting.times_seen > 1:
            blocks.append(Paragraph(say("times_seen", count=finding.sighting.times_seen), "small"))
        return blocks

    def _photos(self) -> list[Block]:
        say, photos = self._say, self._dossier.photos
        if not photos:
            return []
        blocks: list[Block] = [Heading(say("part_original")), Paragraph(say("original_note"))]
        for photo in photos:
            blocks.append(Heading(self._short(photo.name), 2))
            blocks.append(Fields(tuple(self._photo_rows(photo))))
        return [*blocks, Paragraph(say("camera_note"), "small")]

    def _photo_rows(self, photo: OwnPhoto) -> list[tuple[str, str]]:
        say = self._say
        rows = [(say("label_state"), say(f"state_{photo.state}"))]
        if photo.sha256 is not None:
            rows.append((say("label_sha256"), photo.sha256.hex()))
            size = say("pixels", width=photo.width, height=photo.height)
            if photo.byte_size is not None:
                size = f"{size}, {say('bytes', count=f'{photo.byte_size:,}')}"
            rows.append((say("label_size"), size))
        camera = photo.camera
        for name in ("taken", "digitised", "changed", "camera"):
            rows += [(say(f"label_{name}"), self._short(text))] if (text := getattr(camera, name)) else []
        if photo.changed_at is not None:
            rows.append((say("label_file_time"), self._moment(Moment.here(photo.changed_at))))
        if photo.known_since is not None:
            when = self._moment(Moment.here(photo.known_since))
            rows.append((say("label_known"), say("known_since", when=when)))
        elif photo.found_first is not None:
            when = self._moment(Moment.here(photo.found_first))
            rows.append((say("label_known"), say("known_by", when=when)))
        if photo.manifests:
            rows.append((say("label_manifests"), "\n".join(photo.manifests)))
        return rows

    def _events(self) -> list[Block]:
        say = self._say
        rows = []
        for each in self._dossier.events:
            text = say(f"status_{each.text}") if each.kind == "status" else self._short(each.text)
            words = say(f"event_{each.kind}", text=text)
            if each.kind == "note":
                words = f"{words}: {text}"
            rows.append((self._moment(each.moment), words))
        if not rows:
            return []
        return [Heading(say("part_case")), Grid((say("column_when"), say("column_what")), tuple(rows), (1.0, 2.4))]

    def _absent(self) -> list[str]:
        say = self._say
        found: list[str] = []
        for each in self._dossier.findings:
            names: list[str] = []
            if each.capture is None:
                names.append("absent_capture")
            else:
                names += [f"absent_{kind}" for kind in _PARTS if each.part(kind) is None]
            if not each.is_original:
                names.append("absent_picture")
            if each.is_original and (each.fetched is None or each.fetched.exchange.by == "browser"):  # type: ignore[union-attr]
                names.append("absent_exchange")
            if any(compared.comparison is None for compared in each.compared):
                names.append("absent_comparison")
            found += [say(name, number=each.number) for name in names]
        return [*found, say("absent_photos"), say("absent_nothing_else")]

    def _came(self, finding: Finding) -> str:
        exchange = finding.fetched.exchange if finding.fetched else None
        return self._say("came_unknown" if exchange is None else f"came_{exchange.by}")

    def _size(self, finding: Finding) -> str:
        say, sighting = self._say, finding.sighting
        words = [say("pixels", width=sighting.width, height=sighting.height), finding.media_type.name]
        if sighting.original_bytes is not None:
            words.append(say("bytes", count=f"{sighting.original_bytes:,}"))
        return ", ".join(words)

    def _sure(self, match: MatchNote) -> str:
        if _is_exact(match):
            return self._say("sure_of_exact")
        verdict = self._say(f"verdict_{match.verdict}")
        return self._say("sure_of", verdict=verdict, percent=_percent(match.score))

    def _changes(self, match: MatchNote) -> str:
        edits = [self._edit(each) for each in match.edits]
        return self._say("list_joint").join(edits) if edits else self._say("edit_none")

    def _edit(self, edit: EditNote) -> str:
        name = f"edit_{edit.kind}"
        if name not in self._say.sentences:
            return self._say("edit_other")
        if edit.amount is None:
            return self._say(f"{name}_somehow" if f"{name}_somehow" in self._say.sentences else name)
        return self._say(name, percent=_percent(edit.amount), degrees=round(edit.amount))

    def _moment(self, moment: Moment) -> str:
        """2026-11-23 14:05:09 (UTC+08:00)"""
        return f"{moment.there:%Y-%m-%d %H:%M:%S (UTC%:z)}"

    def _short(self, text: str) -> str:
        if len(text) <= _LONGEST:
            return text
        return self._say("shortened", start=text[:_LONGEST], count=f"{len(text):,}")


_NUMBERS = (
    "points",
    "agreeing",
    "conflicting",
    "correlation",
    "similarity",
    "displacement",
    "difference",
    "share",
    "scale",
)
_PARTS: tuple[Literal["screen", "whole", "html"], ...] = ("screen", "whole", "html")


def _asked(finding: Finding) -> list[str]:
    """Where the browser was asked to go, where redirects led from there to the page."""
    found = [each.asked_address for each in finding.observations if each.asked_address]
    return [each for each in dict.fromkeys(found) if each != finding.sighting.page_address][:_MOST_ASKED]


def _values(measured: Measured) -> dict[str, str]:
    """What was measured, by its name among `_NUMBERS`; without what could not be."""
    values = (
        str(measured.points),
        _percent(measured.agreeing),
        _percent(measured.conflicting),
        f"{measured.correlation:.2f}",
        None if measured.similarity is None else f"{measured.similarity:.2f}",
        f"{100 * measured.displacement:.1f}%",
        f"{measured.difference:.0f}",
        _percent(measured.photo_share),
        _percent(measured.scale),
    )
    return {name: value for name, value in zip(_NUMBERS, values, strict=True) if value is not None}


def _is_exact(match: MatchNote) -> bool:
    return any(edit.kind == "exact" for edit in match.edits)


def _percent(share: float) -> str:
    """Never "100%" of what is not all, nor "0%" of what is not nothing."""
    percent = 100 * share
    if 99.5 <= percent < 100:
        return "99%" if percent < 99.9 else "99.9%"
    return "<1%" if 0 < percent < 1 else f"{percent:.0f}%"
