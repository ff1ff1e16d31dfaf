"""Vectors leave only after the owner read what they reveal, and typed that they agree."""

import hashlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from isthisme.cli import program
from isthisme.errors import TransientError, UsageError
from isthisme.team import consent_words
from isthisme.team.consent import (
    FILE_NAME,
    ConsentMissing,
    check_granted,
    consents,
    grant,
    granted,
    server_name,
    withdraw,
)

SERVER = "https://vectors.example:19530"
# The words of each version, so that nobody changes them without raising it.
WORDS = {1: "bd80093ae26b1b9ca510102b65b0da4a8bcf290c36a5f1a896aa07dace255428"}


def test_the_words_are_those_of_their_version() -> None:
    both = "\0".join(consent_words.consent_words(language, "SERVER", "OWNER") for language in ("en", "zh"))
    assert {consent_words.VERSION: hashlib.sha256(both.encode()).hexdigest()}.items() <= WORDS.items()


@pytest.mark.parametrize(
    ("language", "said"), [("en", ("cut or edited", "nudity", "names of files")), ("zh", ("裸露",))]
)
def test_the_words_name_the_server_the_owner_and_what_is_revealed(language: consent_words.Language, said: str) -> None:
    words = consent_words.consent_words(language, SERVER, "anna")
    assert SERVER in words
    assert "anna" in words
    assert "isthisme team withdraw" in words
    assert all(each in words for each in said)


def test_nothing_is_granted_until_it_is_and_for_nobody_else(tmp_path: Path) -> None:
    assert not granted(tmp_path, SERVER, "anna")
    with pytest.raises(ConsentMissing, match=re.escape(f"isthisme team consent --server {SERVER}")):
        check_granted(tmp_path, SERVER, "anna")
    grant(tmp_path, SERVER, "anna", "en")
    check_granted(tmp_path, SERVER, "anna")
    assert not granted(tmp_path, SERVER, "zoe")
    assert not granted(tmp_path, "https://other.example:19530", "anna")
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "address",
    [
        "milvus+https://vectors.example:19530",
        "HTTPS://Vectors.Example:19530/",
        "milvus+https://vectors.example",
    ],
)
def test_a_server_is_the_same_however_it_is_written(tmp_path: Path, address: str) -> None:
    grant(tmp_path, address, "anna", "en")
    assert granted(tmp_path, SERVER, "anna")


@pytest.mark.parametrize(
    "address",
    ["", "https://[half", "https://a:port", "a\nb", "vectors.example", "http://vectors.example", "https://u:token@v"],
)
def test_what_is_no_address_is_refused_and_never_granted(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError):
        server_name(address)
    assert not granted(tmp_path, address, "anna")


def test_a_consent_to_other_words_does_not_hold(tmp_path: Path) -> None:
    grant(tmp_path, SERVER, "anna", "zh")
    kept = json.loads((tmp_path / FILE_NAME).read_text())
    kept["consents"][0]["version"] += 1
    (tmp_path / FILE_NAME).write_text(json.dumps(kept))
    assert not granted(tmp_path, SERVER, "anna")


@pytest.mark.parametrize("content", [b"", b"{", b'{"consents": [{}]}', b"\xff", b"[" * 100_000])
def test_a_record_that_cannot_be_read_grants_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert not granted(tmp_path, SERVER, "anna")
    with pytest.raises(UsageError, match="Move it away"):
        grant(tmp_path, SERVER, "anna", "en")


def test_a_record_behind_a_link_grants_nothing(tmp_path: Path) -> None:
    grant(tmp_path, SERVER, "anna", "en")
    (tmp_path / FILE_NAME).rename(tmp_path / "elsewhere")
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    assert not granted(tmp_path, SERVER, "anna")


def test_withdrawing_stops_the_sending_before_it_deletes_and_may_be_repeated(tmp_path: Path) -> None:
    grant(tmp_path, SERVER, "anna", "en")
    grant(tmp_path, SERVER, "zoe", "en")
    seen: list[bool] = []

    def unreachable() -> None:
        seen.append(granted(tmp_path, SERVER, "anna"))
        raise TransientError("nobody answers")

    with pytest.raises(TransientError):
        withdraw(tmp_path, SERVER, "anna", unreachable)
    assert not granted(tmp_path, SERVER, "anna")
    assert [each.is_being_withdrawn for each in consents(tmp_path)] == [True, False]
    with pytest.raises(UsageError, match="finish that first"):  # or what is left there would count as agreed to
        grant(tmp_path, SERVER, "anna", "en")
    withdraw(tmp_path, SERVER, "anna", lambda: seen.append(granted(tmp_path, SERVER, "anna")))
    assert seen == [False, False]
    assert not consents(tmp_path)[0].is_being_withdrawn
    assert granted(tmp_path, SERVER, "zoe")
    with pytest.raises(UsageError, match="has not agreed"):
        withdraw(tmp_path, SERVER, "anna", lambda: None)
    grant(tmp_path, SERVER, "anna", "en")  # a change of mind is theirs
    assert granted(tmp_path, SERVER, "anna")


def on_a_terminal(home: Path, typed: bytes, *words: str) -> tuple[int, str]:
    """The exit code, and what a person saw who typed that."""
    ours, theirs = pty.openpty()
    command = (sys.executable, "-m", "isthisme", "team", "consent", "--server", SERVER, "--owner", "anna", *words)
    environment = {**os.environ, "ISTHISME_HOME": str(home)}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, typed)
        shown = b""
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # Linux: the other end has ended
            pass
        os.close(ours)
        return process.wait(60), shown.decode()


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"y\n", 1)])
def test_only_the_whole_word_typed_after_the_words_agrees(tmp_path: Path, typed: bytes, code: int) -> None:
    home = tmp_path / "home"
    ended, shown = on_a_terminal(home, typed)
    assert ended == code
    assert "roughly what a photo shows" in shown
    assert granted(home, SERVER, "anna") == (code == 0)


def test_a_script_cannot_agree(tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = ("team", "consent", "--server", SERVER, "--owner", "anna")
    ended = CliRunner().invoke(program, words, input="yes\n", env={"ISTHISME_HOME": str(home)})
    assert isinstance(ended.exception, UsageError)
    assert "on a terminal" in str(ended.exception)
    assert not granted(home, SERVER, "anna")
