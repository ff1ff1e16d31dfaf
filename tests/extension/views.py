"""Every screen of ours in every state, for whoever walks through all of them: accessibility, pictures, translations.

A view says what the companion has to say, which page is opened, and what shows that it is there. A new page or state is
a new line in VIEWS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

PROGRESS: dict[str, Any] = {
    "task": "indexing",
    "step": "describing",
    "done": 1234,
    "total": 5000,
    "photos_per_second": 21.5,
    "seconds_left": 175,
    "unreadable": 2,
    "waits_because": None,
    "cpu_percent": None,
}
EDITS = [{"kind": "mirrored"}, {"kind": "cropped", "amount": 0.6}, {"kind": "overlaid"}]
REGION = [[60, 40], [330, 40], [330, 260], [60, 260]]
SUGGESTIONS = [
    {"path": "/home/anna/Pictures", "kind": "pictures", "pictures": 1234, "is_more": False, "is_added": True},
    {"path": "/home/anna/DCIM", "kind": "phone", "pictures": 1, "is_more": False, "is_added": False},
    {"path": "/home/anna/OneDrive/Pictures", "kind": "cloud", "pictures": 10_000, "is_more": True, "is_added": False},
    {"path": "/home/anna/Downloads", "kind": "downloads", "pictures": 51, "is_more": False, "is_added": False},
]
FOLDERS = [
    {"path": "/home/anna/Pictures", "photos": 1200, "unreadable": 3, "is_present": True},
    {"path": "/media/anna/a drive with a long name/2019", "photos": 0, "unreadable": 0, "is_present": False},
]
REHEARSALS = [
    {"verdict": "copy", "edits": EDITS, "query_region": REGION},
    {},
    {"verdict": "possible_copy", "edits": []},
]
SIGHTING: dict[str, Any] = {
    "sighting_id": 9,
    "page_address": "https://dating.example/profile/<b>anna</b>",
    "page_title": "<i>Anna</i>, 29",
    "picture_address": "https://cdn.dating.example/p/1.jpg",
    "first_seen": 1_790_000_000,
    "last_seen": 1_790_500_000,
    "times_seen": 3,
    "verdict": "copy",
    "score": 0.98,
    "width": 400,
    "height": 300,
    "matches": [
        {
            "photo_id": 7,
            "photo": "/home/user/Pictures/harbour.jpg",
            "verdict": "copy",
            "score": 0.98,
            "explanation": "",
            "edits": EDITS,
            "query_region": REGION,
            "photo_region": REGION,
        }
    ],
}


def _event(number: int, kind: str, text: str, after: int) -> dict[str, Any]:
    moment = {"at": 1_790_000_000 + after, "utc_offset": 7_200}
    return {"event_id": number, "case_id": 2, "kind": kind, "text": text} | moment


def _another(number: int, title: str | None, **more: Any) -> dict[str, Any]:
    return SIGHTING | {"sighting_id": number, "page_title": title, "times_seen": 1} | more


_POSSIBLE = [SIGHTING["matches"][0] | {"verdict": "possible_copy", "score": 0.6, "edits": []}]
_SHOP = "https://shop.example/customers?page=2"
# Sightings, cases and what happened, as somebody might have them after some weeks.
FOUND: dict[str, Any] = {
    "sightings": [
        _another(13, "Ein Titel, der auf keine Zeile passt, weil er gar nicht aufhören will: " + "und weiter " * 20),
        _another(12, None, page_address=_SHOP, verdict="possible_copy", score=0.6, matches=_POSSIBLE),
        _another(
            11, "What our customers say", page_address=_SHOP, case_id=2, presence="gone", checked_at=1_790_560_000
        ),
        _another(10, "我们的顾客怎么说", page_address=_SHOP, case_id=2, is_kept=True),
        SIGHTING | {"utc_offset": 28_800, "picture_sha256": "3f" * 32, "original_bytes": 48_213, "presence": "there"},
        _another(8, "Anna on a forum", page_address="https://forum.example/t/1", verdict="possible_copy"),
        _another(7, "Best villas 2026", page_address="https://villas.example/a"),
    ],
    "cases": [
        {
            "case_id": 2,
            "name": "shop.example",
            "offender": "shop.example",
            "status": "reported",
            "created_at": 1_790_010_000,
            "utc_offset": 7_200,
            "changed_at": 1_790_560_000,
        },
        {
            "case_id": 3,
            "name": "The one who calls himself \u202eBob <b>",
            "offender": "",
            "status": "came_back",
            "created_at": 1_790_010_000,
            "utc_offset": -12_600,
            "changed_at": 1_790_010_000,
        },
    ],
    "timeline": [
        _event(1, "made", "shop.example", 10_000),
        _event(2, "note", "Wrote to them by e-mail.\nThey do not answer.", 90_000),
        _event(3, "notice", "dsa", 95_000),
        _event(4, "evidence", "shop.zip", 96_000),
        _event(5, "status", "reported", 100_000),
        _event(6, "merged", "An older one", 200_000),
        _event(7, "split", "2", 210_000),
        _event(8, "recheck", "the site answered 404", 560_000) | {"sighting_id": 11, "presence": "gone"},
    ],
    "suggested": [
        {"reason": "account", "offender": "dating.example/bob", "name": "bob on Dating", "sighting_ids": [9, 13]},
        {"reason": "same_picture", "offender": "", "name": "shop.example", "sighting_ids": [12], "case_id": 2},
    ],
}
HOSTILE = [
    _another(number, title, page_address=address, picture_address="data:image/png;base64," + "A" * 3_000)
    for number, title, address in (
        (22, "a" * 5_000, "https://" + "a" * 60 + ".example/" + "b" * 50_000),
        (21, "<img src=x onerror=alert(1)>\u202egnp.exe\u0000\n\n\u2066", "https://x.example/\u202e/<script>"),
        (20, "\u200b\u200b", "javascript:alert(1)"),
        (19, "Z" + "\u0336\u0489\u0301" * 200, "https://xn--80ak6aa92e.example/"),
    )
]
PROBLEMS = [
    {"code": code, "message": f"what the companion says of {code}"}
    for code in (
        "disk_full",
        "disk_nearly_full",
        "catalog_unusable",
        "catalog_damaged",
        "model_unusable",
        "indexing_failed",
        "index_locked",
        "no_model",
        "folder_absent",
        "folder_unreadable",
        "folder_unwatched",
        "photos_unreadable",
        "brand_new",
    )
]


def _decision(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"decision_id": number, "kind": kind, "decided_at": 1_790_000_000, "sighting_ids": []} | more


DECISIONS = [
    _decision(5, "not_me", photo_id=7, photo="/home/user/Pictures/harbour.jpg", sighting_ids=[3]),
    _decision(
        4, "mine", sighting_ids=[9], page_title="\u202e<i>Anna</i>,\n29", page_address="https://dating.example/anna"
    ),
    _decision(3, "fine", pattern="forum.example/thread?id=7", reach="page"),
    _decision(2, "fine", pattern="news.example", reach="below"),
    _decision(1, "own_place", pattern="instagram.com/anna.b", reach="below"),
]
PAUSED = {"everywhere": False, "until": None, "sites": [{"site": "a.example", "until": 1_990_000_000}]}

BUNDLE = {
    "bundle_id": 4,
    "at": 1_790_500_000,
    "path": "/home/anna/.isthisme/evidence/2026-09-27 dating.example.zip",
    "name": "2026-09-27 dating.example.zip",
    "bytes": 3_456_789,
    "sha256": "ab" * 32,
}
EVIDENCE: dict[str, Any] = {
    "save_evidence": {"type": "evidence", **BUNDLE, "files": ["report.html", "report.pdf", "manifest.json"]},
    "bundles": {
        "type": "bundles",
        "bundles": [BUNDLE, BUNDLE | {"bundle_id": 2, "name": "2026-09-01 <b>.zip", "is_encrypted": True}],
    },
    "verify_evidence": {
        "type": "verified",
        "is_intact": False,
        "lines": [
            {"file": "report.html", "state": "altered", "words": "its hash is not the one that was noted"},
            {"file": "manifest.json", "state": "intact", "words": ""},
            {"file": f"a/{'very/' * 12}long/name.warc.gz", "state": "missing", "words": ""},
        ],
    },
    "show_bundle": {"type": "ok"},
}

type Script = Mapping[str, Any]


def _status(**fields: Any) -> Script:
    return {"status": fields}


def _stop(code: str, cause: str) -> Script:
    return {"greeting": {"code": code, "cause": cause, "message": f"what the companion says of {cause}"}}


@dataclass(frozen=True)
class View:
    name: str  # of its pictures, too
    path: str  # of the page in the extension
    shows: str  # a selector of what is there when it is whole
    script: Script = field(default_factory=dict)
    width: int = 900
    prepare: Callable[[Any], None] = lambda _page: None
    reconnects: bool = False  # the companion's first words make the state


def _question(field: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    common = {"field": field, "type": kind, "label": label, "is_required": True, "is_about_user": False, "options": []}
    return common | more


NOTICE_KINDS = [
    {
        "kind": "dmca",
        "name": "Copyright notice (USA)",
        "law": "17 U.S.C. § 512(c)(3), Digital Millennium Copyright Act",
        "about": "For hosts and platforms that fall under US law. Only the holder of the copyright may send it.",
        "fields": [
            _question(
                "taken_by",
                "choice",
                "Who took the photo?",
                help="A photo that you took of yourself is yours.",
                options=[
                    {"value": "me", "label": "I did"},
                    {"value": "authorised", "label": "Somebody else, who has authorised me"},
                    {"value": "other", "label": "Somebody else", "stops": "The copyright is the photographer's."},
                ],
            ),
            _question("holder", "text", "Its holder", only_if={"field": "taken_by", "is": ["authorised"]}),
            _question("work", "lines", "Which photo it is", help="What it shows, and when."),
            _question("email", "email", "E-mail address", is_about_user=True),
            _question("accuracy", "check", "The information is accurate, and under penalty of perjury I may act."),
            _question("details", "lines", "What else", is_required=False),
        ],
    },
    {"kind": "request", "name": "Plain request", "law": "No particular law", "about": "A polite letter.", "fields": []},
]
NOTICE = {
    "type": "notice",
    "subject": "Notice of infringement: <b>harbour</b>",
    "text": "To whom it may concern\n\n1. The photo “harbour” is mine.\n"
    + "2. It is shown at https://dating.example/anna.\n" * 4,
    "missing": [
        {
            "field": "email",
            "words": "How to reach you: address, telephone number, e-mail",
            "clause": "§ 512(c)(3)(A)(iv)",
        }
    ],
    "recipients": [
        {
            "name": "Dating Example, Legal",
            "address": "legal@dating.example",
            "page": "https://dating.example/legal/report",
            "checked": "2026-11-23",
            "words": "It takes this kind of notice.",
        },
        {"name": "Search Example", "page": "https://search.example/remove", "words": "It may show the page."},
    ],
    "shortened": 1,
    "disclaimer": "This is a draft and no legal advice.",
}
NOTICES: dict[str, Any] = {
    "notice_kinds": {"type": "notice_kinds", "kinds": NOTICE_KINDS, "longest_mailto": 2_000},
    "draft_notice": NOTICE,
    "note_notice": {"type": "ok"},
    "save_notice": {"type": "saved", "replaced": 0, "path": "/home/anna/.isthisme/notices/2026-11-23 dmca.pdf"},
}


def _choose_kind(page: Any) -> None:
    page.check("#kind-dmca")
    page.check("#field-taken_by-me")


def _draft_notice(page: Any) -> None:
    _choose_kind(page)
    page.click("#draft")


def _press_look(page: Any) -> None:
    page.click("#look:enabled")
    page.wait_for_selector("#found > :nth-child(3)")


def _filter_and_select(page: Any) -> None:
    page.click("#as-list")
    page.click("#filters > summary")
    page.fill("#site", "https://Shop.example/")
    page.wait_for_function("() => document.querySelectorAll('#collection .sighting').length === 3")
    _select_two(page)


def _select_two(page: Any) -> None:
    for place in (1, 2):
        page.click(f"#collection .sighting:nth-child({place}) .pick")


def _as_gallery(page: Any) -> None:
    page.click("#as-gallery")


def _to_end(page: Any) -> None:
    page.wait_for_selector("#collection .sighting")
    page.keyboard.press("End")


def _merge(page: Any) -> None:
    page.click("#case-screen > .row-of-actions button:nth-child(5)")


def _delete(page: Any) -> None:
    _select_two(page)
    page.click("#collection .selection .grave")


def _popup(name: str, shows: str, script: Script | None = None, **more: Any) -> View:
    return View(f"popup-{name}", "popup/popup.html?tab=-1", shows, script or {}, width=400, **more)


def _welcome(name: str, path: str, shows: str, script: Script | None = None, **more: Any) -> View:
    return View(f"welcome-{name}", f"welcome/welcome.html#{path}", shows, script or {}, **more)


def _sightings(name: str, path: str, shows: str, script: Script | None = None, **more: Any) -> View:
    # The page is whole when what it reads first is shown; `shows` is looked for after `prepare`.
    return View(f"sightings-{name}", f"sightings/sightings.html{path}", shows, script or {}, **more)


# What stops everything, by the code that the screen speaks of.
STOPS: dict[str, Script] = {
    "update_extension": {"greeting": "update_extension"},
    "update_companion": {"greeting": "update_companion"},
    "unreachable": {"greeting": "crash"},
    **{
        cause: _stop("daemon_unreachable", cause)
        for cause in ("catalog_damaged", "catalog_unusable", "disk_full", "busy", "home_refused", "usage")
    },
    "caller_refused": _stop("caller_refused", ""),
}

VIEWS = [
    _popup("no-page", "body[data-screen=no_page]"),
    _popup("no-folders", "#folder:not([hidden])", _status(state="no_folders", folders=0, photos=0)),
    _popup("indexing", "#progress:not([hidden])", _status(state="indexing", progress=PROGRESS)),
    _popup(
        "waiting", "#index-now:not([hidden])", _status(state="indexing", progress=PROGRESS | {"waits_because": "busy"})
    ),
    _popup("problems", ".problem:nth-of-type(13)", _status(problems=PROBLEMS)),
    _popup("pause-menu", "#pause[open]", prepare=lambda page: page.click("#pause > summary")),
    _popup("starting", "body[data-screen=starting]", {"greeting": "starting"}, reconnects=True),
    *(
        _popup(f"stop-{code}", f"#notice[data-trouble={code}] .way", script, reconnects=True)
        for code, script in STOPS.items()
    ),
    _welcome("folders", "folders", "#added-folders li", {"suggestions": SUGGESTIONS, "folders": FOLDERS}),
    _welcome("folders-none", "folders", "#folders-news:not(:empty)", _status(state="no_folders", folders=0)),
    _welcome(
        "folders-refused",
        "folders",
        "#folders-trouble:not(:empty)",
        {"suggestions": SUGGESTIONS, "errors": {"add_folder": "not_a_folder"}},
        prepare=lambda page: page.click("#add"),
    ),
    _welcome("growth", "growth", "#progress:not([hidden])", _status(state="indexing", progress=PROGRESS)),
    _welcome(
        "growth-waits",
        "growth",
        "#index-now:not([hidden])",
        _status(state="indexing", progress=PROGRESS | {"waits_because": "on_battery"}),
    ),
    _welcome("growth-problems", "growth", "#problems li:nth-child(13)", _status(problems=PROBLEMS)),
    _welcome("rehearsal", "rehearsal", "#look:enabled", {"photos": [{"photo_id": 7}]}),
    _welcome(
        "rehearsal-found",
        "rehearsal",
        "#found img",
        {"photos": [{"photo_id": 7}], "rehearsals": REHEARSALS},
        prepare=_press_look,
    ),
    _welcome("rehearsal-none", "rehearsal", "#rehearsal-none:not([hidden])", _status(photos=0)),
    _welcome("stop", "folders", "body[data-screen=catalog_damaged] .way", STOPS["catalog_damaged"], reconnects=True),
    View("answer-gone", "answer/answer.html?question=nobody", "body[data-answer=undecided]", width=480),
    View(
        "options",
        "options/options.html",
        "body[data-is-ready] #pauses li",
        {"decisions": DECISIONS, "folders": FOLDERS, **_status(paused=PAUSED, photos=1200)},
    ),
    View("options-empty", "options/options.html", "body[data-is-ready]"),
    View(
        "options-rebuild",
        "options/options.html",
        "#rebuild-question:not([hidden])",
        prepare=lambda page: page.click("#rebuild"),
    ),
    View(
        "panel-indexing",
        "panel/panel.html?tab=-1",
        "#progress:not([hidden])",
        _status(state="indexing", progress=PROGRESS),
        width=400,
    ),
    View(
        "panel-stop",
        "panel/panel.html?tab=-1",
        "#notice[data-trouble=disk_full] .way",
        STOPS["disk_full"],
        width=400,
        reconnects=True,
    ),
    View("elsewhere", "elsewhere/elsewhere.html?sightings=9", "#engines li", {"sightings": [SIGHTING]}),
    View("elsewhere-none", "elsewhere/elsewhere.html?sightings=8", "#news:not(:empty)"),
    View("notices", "notices/notices.html?case=3", "body[data-is-ready] #kinds input", {"answers": NOTICES}),
    View("notices-questions", "notices/notices.html?case=3", "#field-work", {"answers": NOTICES}, prepare=_choose_kind),
    View(
        "notices-stopped",
        "notices/notices.html?case=3",
        "#stopped:not([hidden])",
        {"answers": NOTICES},
        prepare=lambda page: (page.check("#kind-dmca"), page.check("#field-taken_by-other")),
    ),
    View("notices-draft", "notices/notices.html?case=3", "#result", {"answers": NOTICES}, prepare=_draft_notice),
    View("notices-none", "notices/notices.html", "#news:not(:empty)"),
    View("help", "help/help.html", "#places li"),
    View("help-europe", "help/help.html", "#places li", prepare=lambda page: page.select_option("#country", "EU")),
    View("evidence-saved", "evidence/evidence.html?sightings=9", "#saved .card", {"answers": EVIDENCE}),
    View(
        "evidence-checked",
        "evidence/evidence.html?case=3",
        ".verified details[open]",
        {"answers": EVIDENCE},
        width=560,
        prepare=lambda page: page.click("#saved button:nth-of-type(2)"),
    ),
    View(
        "evidence-trouble",
        "evidence/evidence.html?sightings=9",
        "#trouble:not([hidden])",
        {"answers": EVIDENCE, "errors": {"save_evidence": "disk_full"}},
        width=560,
    ),
    View(
        "evidence-page-gone",
        "evidence/evidence.html?sightings=9&page=https://dating.example/",
        "body[data-state=saved] #notes:not([hidden])",
        {"answers": EVIDENCE},
        width=560,
    ),
    _sightings("list", "", "#collection .selection:not([hidden])", FOUND, prepare=_filter_and_select),
    _sightings("gallery", "", ".gallery .sighting:nth-child(3) img", {"sightings": HOSTILE}, prepare=_as_gallery),
    _sightings("many", "", ".portion:nth-child(2) .sighting img", {"many_sightings": 5_000}, prepare=_to_end),
    _sightings("none", "", "#collection .empty:not(:empty)"),
    _sightings("error", "", "#collection .more:not([hidden])", {"errors": {"sightings": "disk_full"}}),
    _sightings("one", "#sighting=9", ".overlay canvas + canvas", FOUND),
    _sightings("one-hostile", "#sighting=21", "#sighting-screen .timeline", {"sightings": HOSTILE}),
    _sightings("cases", "#cases", ".offer img", FOUND),
    _sightings("case", "#case=2", "#case-screen .sighting img", FOUND),
    _sightings("case-merge", "#case=2", "dialog", FOUND, prepare=_merge),
    _sightings("delete", "", "dialog", FOUND, prepare=_delete),
]
