"""A notice, filled in as far as its answers go. What is missing stands in the draft as a gap, and is listed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from isthisme.notices import cleaning
from isthisme.notices.kinds import ADDRESSES, Field, Kind, Language
from isthisme.notices.mail import mailto
from isthisme.notices.places import Place, shown_places
from isthisme.notices.platforms import Page, Platform, Platforms, host_of

_AGREED = "yes"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the notice needs and does not have."""

    field: str  # or "addresses"
    words: str
    clause: str  # of the law that wants it; '' where none does


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    page: str  # '' where none is known
    email: str
    checked: str  # when and how page or address were known
    takes_kind: bool  # whether the page is known to take this kind of notice
    words: str


@dataclass(frozen=True, slots=True)
class Draft:
    subject: str
    text: str
    missing: tuple[Missing, ...]
    recipient: Recipient | None  # the site itself; None where no page on the web is meant
    recipients: tuple[Recipient, ...]  # who may be told, the site itself first
    addresses: int  # that it lists
    shortened: int  # of which it holds the beginning alone
    mailto: str | None  # None: too long for an address; the text has to be pasted


class Drafter:
    """Fills in templates. Needs neither network nor disk after it was made."""

    def __init__(self, platforms: Platforms) -> None:
        self._platforms = platforms
        # Plain text: nothing to escape. Where HTML is made of it, that is the maker's to do.
        self._templates = ImmutableSandboxedEnvironment(
            loader=PackageLoader("isthisme.notices"),
            autoescape=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def draft(
        self, kind: Kind, language: Language, places: Sequence[Place], answers: Mapping[str, str], today: str
    ) -> Draft:
        """`today` is a date as the letter shows it; answers to `check` questions are "yes"."""
        given = _Given(kind, language, answers)
        shown, shortened = shown_places(places, language)
        asked = self._of_pages(kind, language, places)
        # Of what was found in a file nobody on the web can be asked: then the letter has a gap there.
        recipient = next(iter(asked.values()), None)
        text = self._templates.get_template(f"{language}/{kind.id}.txt").render(
            places=shown,
            today=today,
            recipient=recipient.name if recipient else given.gap(ADDRESSES),
            law=kind.law(language),
            given=given.text,
            has=given.has,
            chosen=given.value,
            agreed=lambda name: given.value(name) == _AGREED,
            gap=given.gap,
            stop=given.stop(),
        )
        text = text.strip() + "\n"
        subject = self._templates.get_template(f"{language}/subjects.txt").make_module(
            {"recipient": recipient.name if recipient else "", "count": len(shown)}
        )
        line = cleaning.line(str(getattr(subject, kind.id)()).strip())
        email = recipient.email if recipient else ""
        return Draft(
            subject=line,
            text=text,
            missing=tuple(given.missing(has_places=bool(asked))),
            recipient=recipient,
            recipients=tuple((asked | self._everywhere(kind, language, asked)).values()),
            addresses=len(shown),
            shortened=shortened,
            mailto=mailto(email, line, text),
        )

    def _of_pages(self, kind: Kind, language: Language, places: Sequence[Place]) -> dict[str, Recipient]:
        """The sites that the pages are of, then those where their pictures lie."""
        addresses = [place.page_address for place in places] + [place.picture_address for place in places]
        found: dict[str, Recipient] = {}
        for address in addresses:
            platform, host = self._platforms.of(address), host_of(address)
            if platform is not None:
                found.setdefault(platform.name, _known(platform, kind, language))
            elif host and not any(host == other or host.endswith(f".{other}") for other in found):
                found.setdefault(host, _unknown(host, language))
        return found

    def _everywhere(self, kind: Kind, language: Language, asked: Collection[str]) -> dict[str, Recipient]:
        """Who may be told whatever the site: searches that show its pages, public offices."""
        platforms = self._platforms.everywhere(kind.id)
        return {each.name: _known(each, kind, language) for each in platforms if each.name not in asked}


class _Given:
    """The answers of the user, clean, with a visible gap for each that is not there."""

    def __init__(self, kind: Kind, language: Language, answers: Mapping[str, str]) -> None:
        self._kind, self._language = kind, language
        self._answers = {
            field.id: clean
            for field in kind.fields
            if field.is_asked(answers) and (clean := _cleaned(field, answers.get(field.id, "")))
        }

    def value(self, name: str) -> str:
        """'' where there is none."""
        return self._answers.get(name, "")

    def has(self, name: str) -> bool:
        return name in self._answers

    def text(self, name: str) -> str:
        """What the user answered, or a gap."""
        return self._answers.get(name) or self.gap(name)

    def gap(self, name: str) -> str:
        what = self._label(name)
        is_statement = name != ADDRESSES and self._kind.field(name).type == "check"
        if self._language == "zh":
            return f"【待确认：{what}】" if is_statement else f"【待填写：{what}】"
        return f"[TO BE CONFIRMED: {what}]" if is_statement else f"[TO BE FILLED IN: {what}]"

    def stop(self) -> str:
        """Why this notice must not be sent by this user; '' where nothing stands against it."""
        for field in self._kind.fields:
            option = field.option(self.value(field.id))
            if option is not None and option.stops is not None:
                return option.stops(self._language)
        return ""

    def missing(self, *, has_places: bool) -> list[Missing]:
        found = []
        for element in self._kind.elements:
            for name in element.needs:
                words = self._wrong(name, has_places=has_places)
                if words:
                    found.append(Missing(name, words, element.clause(self._language)))
        return found

    def _wrong(self, name: str, *, has_places: bool) -> str:
        """What is wrong with an answer; '' where nothing is."""
        if name == ADDRESSES:
            return "" if has_places else self._label(name)
        field = self._kind.field(name)
        if not field.is_asked(self._answers) or field.is_optional:
            return ""
        value = self.value(name)
        option = field.option(value)
        if option is not None and option.stops is not None:
            return option.stops(self._language)
        if not value or (field.options and option is None) or (field.type == "check" and value != _AGREED):
            return self._label(name)
        if field.type == "email" and not _is_email(value):
            return f"{self._label(name)}: {value}"
        return ""

    def _label(self, name: str) -> str:
        if name == ADDRESSES:
            return "图片所在的网址" if self._language == "zh" else "The addresses of the pictures"
        return self._kind.field(name).label(self._language)


def _cleaned(field: Field, answer: str) -> str:
    return cleaning.lines(answer) if field.type == "lines" else cleaning.line(answer, 1_000)


def _is_email(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return bool(name and at and "." in host and " " not in text)


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "takes": "{name} takes such notices here.",
        "other": "{name} takes reports here; choose the kind there.",
        "nowhere": "No reporting page of {name} is known here. Look at the foot of its pages for a contact, an "
        "imprint, a line on copyright or privacy; else a look-up of the domain (WHOIS or RDAP) names where its host "
        "takes reports of abuse.",
        "pages": "{day}, from public pages that describe it; not opened",
        "documentation": "{day}, from its public documentation; not opened",
    },
    "zh": {
        "takes": "{name} 在此处受理此类通知。",
        "other": "{name} 在此处受理投诉，请在页面中选择类型。",
        "nowhere": "暂无 {name} 的投诉页面信息。请查看其页面底部的联系方式、版权或隐私声明；"
        "也可查询域名（WHOIS 或 RDAP）取得其托管商的投诉渠道。",
        "pages": "{day}，依据介绍它的公开网页；未实际打开",
        "documentation": "{day}，依据其公开文档；未实际打开",
    },
}


def _known(platform: Platform, kind: Kind, language: Language) -> Recipient:
    page = platform.page_for(kind.id) or Page([])
    takes = kind.id in page.takes
    words = _WORDS[language]["takes" if takes else "other" if page.page or page.email else "nowhere"]
    how = platform.how(language)
    # Where only the way through the app is known, that is what is said.
    said = how if how and not page.page else f"{words.format(name=platform.name)} {how}".strip()
    checked = _WORDS[language][platform.source].format(day=platform.checked) if page.page or page.email else ""
    return Recipient(platform.name, page.page, page.email, checked, takes_kind=takes, words=said)


def _unknown(host: str, language: Language) -> Recipient:
    words = _WORDS[language]["nowhere"].format(name=host)
    return Recipient(host, "", "", "", takes_kind=False, words=words)
