"""The words of reports in the languages that there are: `words/*.toml`, read once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

type Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Words:
    """Sentences by their names. A name that is not there raises KeyError: the tests look for each."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.sentences = _sentences(language)

    def __call__(self, name: str, **values: object) -> str:
        return self.sentences[name].format(**values)


@cache
def _sentences(language: Language) -> dict[str, str]:
    text = files("isthisme.evidence").joinpath("words", f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)
