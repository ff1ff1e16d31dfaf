"""Looks in the built site for what would make a reader's browser ask another host."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

_POLICY = "Content-Security-Policy"
# Attributes that are loaded without a click, and links that are not.
_LOADED = {"src", "srcset", "poster", "data", "background", "action", "formaction"}
_LINKS_NOT_LOADED = {"canonical", "alternate", "prev", "next", "license", "author"}
_IN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.policy = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "meta" and given.get("http-equiv") == _POLICY:
            self.policy = given["content"]
        if tag == "link" and not _LINKS_NOT_LOADED & set(given.get("rel", "").split()):
            self.loaded.append(given.get("href", ""))
        self.loaded += [address for name in _LOADED & given.keys() for address in given[name].split(",")]
        self.loaded += _IN_STYLE.findall(given.get("style", ""))


def requests_elsewhere(site: Path) -> list[str]:
    """What pages and styles load from other hosts, and pages whose policy does not forbid scripts to do so."""
    return [
        f"{path.relative_to(site)}: {fault}"
        for path in sorted(site.rglob("*"))
        for fault in (_in_page(path) if path.suffix == ".html" else _in_style(path) if path.suffix == ".css" else ())
    ]


def _in_page(path: Path) -> Iterator[str]:
    page = _Page()
    text = path.read_text(encoding="utf-8")
    page.feed(text)
    yield from (f"loads {address.strip()}" for address in page.loaded if _is_elsewhere(address.strip()))
    yield from (
        f"loads {address}"
        for style in re.findall(r"<style.*?</style>", text, re.DOTALL)
        for address in _IN_STYLE.findall(style)
    )
    yield from (f"its policy says: {rule}" for rule in _loose_rules(page.policy))


def _in_style(path: Path) -> Iterator[str]:
    return (f"loads {address}" for address in _IN_STYLE.findall(path.read_text(encoding="utf-8")))


def _is_elsewhere(address: str) -> bool:
    return re.match(r"(?i)(?:[a-z][a-z0-9+.-]*:)?//", address) is not None


def _loose_rules(policy: str) -> list[str]:
    """Rules that let something be loaded from elsewhere; all of it where nothing is forbidden from the start."""
    rules = [rule.split() for rule in policy.split(";") if rule.strip()]
    if ["default-src", "'none'"] not in rules:
        return ["nothing of default-src 'none'"]
    allowed = {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}
    return [" ".join(rule) for rule in rules if not set(rule[1:]) <= allowed]
