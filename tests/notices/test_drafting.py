import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from isthisme.notices.drafting import Draft, Drafter
from isthisme.notices.kinds import ADDRESSES, LANGUAGES, Kind, Language, read_kinds
from isthisme.notices.mail import LONGEST_MAILTO, mailto
from isthisme.notices.places import Place
from isthisme.notices.platforms import read_platforms

_KINDS = read_kinds()
_DRAFTER = Drafter(read_platforms())
_GAPS = ("TO BE FILLED IN", "TO BE CONFIRMED", "待填写", "待确认")
_EVERY = [(kind, language) for kind in _KINDS for language in LANGUAGES]
every_kind = pytest.mark.parametrize(("kind", "language"), _EVERY, ids=[f"{k.id}-{lang}" for k, lang in _EVERY])


def _place(
    page: str = "https://shop.example/item/1", picture: str = "https://cdn.example/1.jpg", title: str | None = "A shop"
) -> Place:
    return Place(page, title, picture, "ab" * 32, 1_795_392_605, 1_795_399_605, 28_800)


def _answers(kind: Kind, **others: str) -> dict[str, str]:
    """To every question an answer of its own, which nothing else in the draft says."""
    made = {}
    for field in kind.fields:
        if field.type == "check":
            made[field.id] = "yes"
        elif field.type == "choice":
            made[field.id] = field.options[0].value
        elif field.type == "email":
            made[field.id] = "anna.quist@example.org"
        else:
            made[field.id] = f"<answer to {field.id}>"
    return made | others


def _draft(kind: Kind, language: Language, places: list[Place] | None = None, **others: str) -> Draft:
    return _DRAFTER.draft(
        kind, language, [_place()] if places is None else places, _answers(kind, **others), "2026-11-23"
    )


@every_kind
def test_every_element_that_its_law_wants_is_in_the_draft(kind: Kind, language: Language) -> None:
    draft = _draft(kind, language)
    assert draft.missing == ()
    assert not any(gap in draft.text for gap in _GAPS)
    for element in kind.elements:
        assert element.says(language) in draft.text, element.clause.en
    for field in kind.fields:
        answer = _answers(kind)[field.id]
        if field.only_if is None and field.type not in ("choice", "check"):
            assert answer in draft.text, field.id
    assert "https://shop.example/item/1" in draft.text
    assert "https://cdn.example/1.jpg" in draft.text
    assert "2026-11-23" in draft.text
    assert "shop.example" in draft.text.splitlines()[0]
    assert draft.subject


@every_kind
def test_each_answer_that_is_left_out_is_a_gap_in_the_draft_and_is_listed(kind: Kind, language: Language) -> None:
    for field in kind.fields:
        if field.is_optional or field.only_if is not None:
            continue
        draft = _draft(kind, language, **{field.id: ""})
        # What hangs on a choice is not asked before the choice is made.
        assert field.id in {missing.field for missing in draft.missing}
        assert any(gap in draft.text for gap in _GAPS), field.id
        assert field.label(language) in draft.text


@every_kind
def test_every_choice_says_something_of_its_own(kind: Kind, language: Language) -> None:
    for field in kind.fields:
        texts = {_draft(kind, language, **{field.id: option.value}).text for option in field.options}
        assert len(texts) == len(field.options)


@every_kind
def test_without_answers_or_places_everything_is_missing_and_nothing_made_up(kind: Kind, language: Language) -> None:
    draft = _DRAFTER.draft(kind, language, [], {}, "2026-11-23")
    needed = {name for element in kind.elements for name in element.needs}
    unasked = {field.id for field in kind.fields if field.only_if is not None}
    assert {missing.field for missing in draft.missing} == needed - unasked
    assert ADDRESSES in {missing.field for missing in draft.missing}
    for missing in draft.missing:
        assert missing.words
        assert bool(missing.clause) == (kind.id != "request")
    assert sum(draft.text.count(gap) for gap in _GAPS) >= len(needed - unasked)


def test_who_has_no_rights_in_the_photo_is_told_not_to_send_it() -> None:
    draft = _draft(_KINDS.one("dmca"), "en", taken_by="other")
    assert draft.text.startswith("[NOT TO BE SENT: The copyright is the photographer's")
    assert [missing.field for missing in draft.missing] == ["taken_by"]
    assert "own the copyright" not in draft.text


def test_who_acts_for_the_photographer_is_asked_for_the_name() -> None:
    dmca = _KINDS.one("dmca")
    named = _draft(dmca, "en", taken_by="authorised", rights_holder="Berta Nyman")
    assert "belongs to Berta Nyman, who has authorised me" in named.text
    unnamed = _draft(dmca, "en", taken_by="authorised", rights_holder="")
    assert [missing.field for missing in unnamed.missing] == ["rights_holder"]
    assert "rights_holder" not in {missing.field for missing in _draft(dmca, "en", rights_holder="").missing}


@pytest.mark.parametrize("email", ["anna", "anna@", "@example.org", "anna@localhost", "a b@example.org"])
def test_what_is_no_email_address_is_listed(email: str) -> None:
    assert [missing.field for missing in _draft(_KINDS.one("dsa"), "en", email=email).missing] == ["email"]


def test_an_answer_that_is_no_option_is_none() -> None:
    assert "ground" in {missing.field for missing in _draft(_KINDS.one("gdpr"), "en", ground="whatever").missing}


@every_kind
@pytest.mark.parametrize(
    "hostile",
    [
        "{{ 7*7 }} {% for x in [1] %}",
        "<script>alert(1)</script>",
        "{{ ''.__class__.__mro__ }}",
        "A title\n5. Signature\n/s/ Somebody\r\nTo: else",
        "\u202egnp.exe\u2066 \x00\x1b[31m \ud800",
    ],
)
def test_hostile_titles_and_answers_stay_text(kind: Kind, language: Language, hostile: str) -> None:
    answers = {field.id: hostile for field in kind.fields if field.type in ("text", "lines")}
    draft = _draft(kind, language, [_place(title=hostile)], **answers)
    assert "49" not in draft.text.replace("2026-11-23", "")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f\ud800-\udfff]", draft.text + draft.subject)
    # What a site wrote stands in one line, behind our own words.
    title = next(line for line in draft.text.splitlines() if line.startswith(("Title of the page: ", "页面标题：")))
    assert all(f"\n{line}" not in title for line in ("5. Signature", "To: else"))
    draft.text.encode()


def test_a_title_cannot_pass_for_a_part_of_the_letter() -> None:
    draft = _draft(_KINDS.one("dmca"), "en", [_place(title="x\n\n5. Signature\n/s/ Somebody else")])
    assert "Title of the page: x 5. Signature /s/ Somebody else\n" in draft.text
    assert draft.text.count("\n5. Signature\n") == 1


def test_what_turns_the_text_around_leads_where_it_led_in_an_address() -> None:
    draft = _draft(_KINDS.one("dsa"), "en", [_place("https://shop.example/\u202egpj.exe?a b")])
    assert "https://shop.example/%E2%80%AEgpj.exe?a%20b" in draft.text


def test_a_whole_case_lists_all_its_addresses() -> None:
    places = [
        _place(f"https://shop.example/item/{number}/", f"https://cdn.example/{number}.jpg") for number in range(200)
    ]
    for kind, language in _EVERY:
        draft = _draft(kind, language, places)
        assert draft.addresses == 200
        assert draft.shortened == 0
        for place in places:
            assert place.page_address in draft.text
            assert place.picture_address in draft.text


def test_long_addresses_are_whole_as_long_as_a_letter_can_hold_them() -> None:
    long = "https://shop.example/?" + "a" * 60_000
    draft = _draft(_KINDS.one("dsa"), "en", [_place(long)])
    assert long in draft.text
    assert draft.shortened == 0


def test_addresses_without_end_leave_a_draft_of_bounded_size_with_the_others_whole() -> None:
    endless = ["https://shop.example/?" + letter * 2_000_000 for letter in "abc"]
    places = [_place("https://shop.example/first"), *map(_place, endless), _place("https://shop.example/last")]
    draft = _draft(_KINDS.one("dsa"), "en", places)
    assert len(draft.text.encode()) < 500_000
    assert draft.shortened == 3
    assert "https://shop.example/first\n" in draft.text
    assert "https://shop.example/last\n" in draft.text
    assert draft.text.count("the whole address has 2,000,022 characters") == 3
    assert "2,000,022 个字符" in _draft(_KINDS.one("dsa"), "zh", places).text


def test_a_picture_inside_the_page_has_no_address_of_its_own() -> None:
    draft = _draft(_KINDS.one("dsa"), "en", [_place(picture="data:image/png;base64," + "A" * 1_000)])
    assert "AAAA" not in draft.text
    assert "part of the page itself" in draft.text


def test_times_are_those_of_where_the_user_was() -> None:
    assert (
        "Seen from 2026-11-23 08:10 (UTC+08:00) to 2026-11-23 10:06 (UTC+08:00)" in _draft(_KINDS.one("dsa"), "en").text
    )


def test_a_short_letter_fits_an_address_for_the_mail_program_and_a_long_one_does_not() -> None:
    short = _draft(_KINDS.one("request"), "en")
    assert short.mailto is not None
    assert len(short.mailto) <= LONGEST_MAILTO
    parts = urlsplit(short.mailto)
    assert parse_qs(parts.query)["subject"] == [short.subject]
    assert parse_qs(parts.query)["body"][0].replace("\r\n", "\n") == short.text
    assert _draft(_KINDS.one("dmca"), "zh").mailto is None
    assert mailto("a&b=c?@example.org", "s", "t") == "mailto:a%26b%3Dc%3F@example.org?subject=s&body=t"
    assert unquote(mailto("", "&", "\n#") or "") == "mailto:?subject=&&body=\r\n#"


def test_those_who_may_be_told_are_the_site_then_where_the_picture_lies() -> None:
    draft = _draft(_KINDS.one("dmca"), "en")
    assert [each.name for each in draft.recipients][:2] == ["shop.example", "cdn.example"]
    assert "WHOIS" in draft.recipients[0].words
    assert draft.recipients[0].page == ""
    known = _draft(_KINDS.one("dmca"), "en", [_place("https://www.instagram.com/p/1/", "https://x.cdninstagram.com/1")])
    assert known.recipients[0].name == "Instagram"
    assert known.recipients[0].takes_kind
    assert known.recipients[0].page.startswith("https://help.instagram.com/")


@pytest.mark.parametrize("kind", list(_KINDS), ids=lambda kind: kind.id)
def test_what_was_found_in_a_file_is_nobodys_on_the_web(kind: Kind) -> None:
    draft = _draft(kind, "en", [_place("file:///home/anna/pack.zip", "file:///home/anna/pack.zip/1.jpg")])
    assert draft.recipient is None
    assert not any(each.name in draft.text + draft.subject for each in draft.recipients)
    assert ADDRESSES in {gap.field for gap in draft.missing}
