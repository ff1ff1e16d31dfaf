import pytest

from isthisme.errors import UsageError
from isthisme.notices.kinds import ADDRESSES, LANGUAGES, Kind, Text, read_kinds

_KINDS = read_kinds()


def _texts(kind: Kind) -> list[Text]:
    fields = [text for field in kind.fields for text in (field.label, *(option.label for option in field.options))]
    elements = [text for element in kind.elements for text in (element.what, element.says)]
    return [kind.name, kind.law, kind.about, *fields, *elements]


def test_there_is_one_kind_for_each_law_and_a_plain_request() -> None:
    assert [kind.id for kind in _KINDS] == ["dmca", "prc", "dsa", "gdpr", "request"]
    with pytest.raises(UsageError, match="dmca, prc, dsa"):
        _KINDS.one("none")


@pytest.mark.parametrize("kind", _KINDS.all, ids=lambda kind: kind.id)
def test_every_text_is_there_in_both_languages(kind: Kind) -> None:
    for text in [*_texts(kind), _KINDS.disclaimer]:
        assert text.en
        assert text.zh
        assert text.en != text.zh
    for field in kind.fields:
        assert bool(field.help.en) == bool(field.help.zh)


@pytest.mark.parametrize("kind", _KINDS.all, ids=lambda kind: kind.id)
def test_what_elements_need_is_asked_for_and_what_is_asked_for_is_needed(kind: Kind) -> None:
    asked = {field.id for field in kind.fields if not field.is_optional}
    needed = {name for element in kind.elements for name in element.needs}
    assert needed - {ADDRESSES} == asked
    assert ADDRESSES in needed


@pytest.mark.parametrize("kind", _KINDS.all, ids=lambda kind: kind.id)
def test_conditions_name_fields_asked_before_and_values_that_these_have(kind: Kind) -> None:
    asked: dict[str, set[str]] = {}
    for field in kind.fields:
        if field.only_if is not None:
            assert set(field.only_if.is_) <= asked[field.only_if.field]
        assert bool(field.options) == (field.type == "choice")
        asked[field.id] = {option.value for option in field.options}


def test_the_dmca_has_its_six_elements_and_asks_first_who_took_the_photo() -> None:
    dmca = _KINDS.one("dmca")
    assert [element.clause.en[-5:].strip("A()") for element in dmca.elements] == ["i", "ii", "iii", "iv", "v", "vi"]
    assert dmca.fields[0].id == "taken_by"


def test_every_element_of_a_law_names_its_clause() -> None:
    for kind in _KINDS:
        for element in kind.elements:
            for language in LANGUAGES:
                assert bool(element.clause(language)) == (kind.id != "request")
