"""Which files and folders below a photo folder are left out: patterns in the manner of .gitignore."""

import re
from collections.abc import Iterable

from isthisme.errors import UsageError

# Copies, caches and waste of other programs.
DEFAULT_PATTERNS = (
    "@eaDir/",
    "#recycle/",
    "$RECYCLE.BIN/",
    "System Volume Information/",
    "lost+found/",
    ".Trash/",
    ".Trash-*/",
    ".Trashes/",
    ".dtrash/",
    ".trashed-*",
    ".cache/",
    ".git/",
    "node_modules/",
    "__MACOSX/",
    ".Spotlight-V100/",
    ".thumbnails/",
    ".comments/",
    "*.lrdata/",
    "*.photoslibrary/resources/",
    "._*",
)


class Exclusions:
    """Whether paths below a folder are left out. Letters match in both cases, since drives come from all systems.

    `*` and `?` stand for anything but a slash, `[abc]` for one of these, `**` for any folders. A pattern with a slash
    before its end begins at the photo folder; another one matches at any depth. One that ends with a slash matches
    folders alone. Raises UsageError for a pattern that cannot be.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        parsed = [_Pattern(pattern) for pattern in patterns]
        self._folder_names = _any(each.regex for each in parsed if not each.is_anchored)
        self._file_names = _any(each.regex for each in parsed if not each.is_anchored and not each.is_for_folders)
        self._folder_paths = _any(each.regex for each in parsed if each.is_anchored)
        self._file_paths = _any(each.regex for each in parsed if each.is_anchored and not each.is_for_folders)

    def leave_out_file(self, path: bytes) -> bool:
        """Whether a file's path, relative to the photo folder, is excluded; the folders above it are not looked at."""
        return _matches(self._file_names, self._file_paths, path)

    def leave_out_folder(self, path: bytes) -> bool:
        return _matches(self._folder_names, self._folder_paths, path)

    def cover(self, path: bytes) -> bool:
        """Whether a file is excluded, or a folder above it. A folder's path ends with a slash here."""
        above = [path[:position] for position, byte in enumerate(path) if byte == ord("/")]
        return any(self.leave_out_folder(folder) for folder in above) or (
            not path.endswith(b"/") and self.leave_out_file(path)
        )


class _Pattern:
    def __init__(self, pattern: str) -> None:
        body = pattern.removesuffix("/")
        if not body.strip("/") or "\0" in body or ".." in body.split("/"):
            raise UsageError(f"{pattern!r} is no pattern; give one such as 'Screenshots/' or '*.gif'")
        self.is_for_folders = pattern.endswith("/")
        self.is_anchored = "/" in body
        self.regex = _translated(body.removeprefix("/"))


_TOKEN = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)


def _translated(glob: str) -> str:
    return "".join(_token(token) for token in _TOKEN.findall(glob))


def _token(token: str) -> str:
    match token[0], token:
        case _, "**/":
            return "(?:.*/)?"
        case _, "/**":
            return "/.*"
        case "*", _:
            return "[^/]*"
        case _, "?":
            return "[^/]"
        case "[", _ if len(token) > 1:
            inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
        case _:
            return re.escape(token)


def _any(regexes: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(regexes)
    try:
        return re.compile(joined, re.IGNORECASE | re.DOTALL) if joined else None
    except re.error as error:  # [z-a]
        raise UsageError(f"a pattern cannot be read: {error}; mind the square brackets") from error


def _matches(names: re.Pattern[str] | None, paths: re.Pattern[str] | None, path: bytes) -> bool:
    if names is not None and names.fullmatch(path[path.rfind(b"/") + 1 :].decode("utf-8", "surrogateescape")):
        return True
    return paths is not None and paths.fullmatch(path.decode("utf-8", "surrogateescape")) is not None
