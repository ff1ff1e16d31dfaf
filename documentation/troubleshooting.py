"""The tables of the troubleshooting pages: doctor's texts, and those of the extension in the page's language."""

import json
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from documentation.doctor_texts import UNKNOWN, Text, doctor_texts
from documentation.floors import ROOT

LANGUAGES = {"en": "en", "zh": "zh_CN"}  # of the site, and of the extension
_HEADS = {"en": ("It says", "What to do"), "zh": ("它说", "怎么办")}
_IN_ITS_WORDS = {"en": "the words name it", "zh": "具体原因见原文"}
_AGAIN = {"en": "Try again", "zh": "再试一次"}
_NAMES = {"Windows"}  # the same in every language
_TRANSLATIONS = ROOT / "documentation" / "doctor.zh.toml"


def doctor_table(language: str) -> str:
    """What doctor finds, save that all is well; by what it is about."""
    texts = [
        text for text in dict.fromkeys(doctor_texts()) if text.level != "fine" and (_is_told(text) or text.way_out)
    ]
    abouts = dict.fromkeys(text.about for text in texts)
    return "\n".join(_section(about, [text for text in texts if text.about == about], language) for about in abouts)


def translations() -> dict[str, str]:
    """Doctor speaks English; what it means in Chinese, by its words."""
    with _TRANSLATIONS.open("rb") as file:
        return {str(key): str(value) for key, value in tomllib.load(file).items()}


def without_translation() -> list[str]:
    """What doctor says, and the Chinese page does not explain."""
    known = translations()
    return [
        words
        for text in dict.fromkeys(doctor_texts())
        if text.level != "fine"
        for words in (text.about, text.words, text.way_out)
        if words and words.strip(UNKNOWN + ": ") and words not in known and words not in _NAMES
    ]


def _is_told(text: Text) -> bool:
    """Whether the source has its words, and not only the computer that is examined."""
    return bool(text.words.strip(UNKNOWN + ": "))


def _section(about: str, texts: list[Text], language: str) -> str:
    known = translations() if language == "zh" else {}
    title = f"{known[about]}（{about}）" if about in known else about.capitalize()
    one, other = _HEADS[language]
    lines = [f"#### {title}", "", f"| {one} | {other} |", "|---|---|"]
    for text in texts:
        said = f"*{text.words}*" if _is_told(text) else _IN_ITS_WORDS[language]
        meant = f"<br>{known[text.words]}" if text.words in known else ""
        way_out = text.way_out or ""
        lines.append(_row(said + meant, known.get(way_out, way_out)))
    return "\n".join(lines) + "\n"


def extension_table(language: str, *, stops_everything: bool) -> str:
    """What popup, panel and answers say when something is wrong, and the way out that they offer."""
    path = ROOT / "extension" / "_locales" / LANGUAGES[language] / "messages.json"
    messages = {key: entry["message"] for key, entry in json.loads(path.read_text(encoding="utf-8")).items()}
    one, other = _HEADS[language]
    rows = [
        _row(_said(entry, messages), "<br>".join(_ways(entry["ways"], messages, language)))
        for entry in _entries()
        if ("title" in entry) == stops_everything
    ]
    return "\n".join([f"| {one} | {other} |", "|---|---|", *dict.fromkeys(rows)]) + "\n"


def _entries() -> list[dict[str, Any]]:
    """The extension's own table, as its own source gives it."""
    source = (ROOT / "extension" / "shared" / "troubles.js").as_uri()
    script = f"""import {{ troubleCodes, troubleOf }} from {json.dumps(source)};
        console.log(JSON.stringify(troubleCodes().map(troubleOf)));"""
    command = ["node", "--no-warnings", "--input-type=module", "--eval", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 our own source
    entries: list[dict[str, Any]] = json.loads(done.stdout)
    return entries


def _said(entry: dict[str, Any], messages: dict[str, str]) -> str:
    if "title" not in entry:
        return _plain(messages[entry["why"]])
    return f"**{_plain(messages[entry['title']])}**<br>{_plain(messages[entry['text']])}"


def _ways(ways: Iterable[dict[str, str]], messages: dict[str, str], language: str) -> Iterator[str]:
    for way in ways:
        if "command" in way:
            yield f"`{way['command']}`"
        elif "say" in way:
            yield _plain(messages[way["say"]])
        else:
            yield _plain(messages.get(way["label"], _AGAIN[language]))


def _plain(message: str) -> str:
    """Without the place for the companion's own words."""
    return message.replace(" ($1)", "").replace("（$1）", "").replace("$1", UNKNOWN)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
