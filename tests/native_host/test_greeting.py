"""Who may call."""

from pathlib import Path

import pytest

from isthisme_host.greeting import CallerRefusedError, Identity, check_caller, read_identity

OURS = "a" * 32
ADDON = "isthisme@example.org"
IDENTITY = Identity("isthisme.host", [OURS], [ADDON])


@pytest.mark.parametrize(
    "arguments",
    [
        [f"chrome-extension://{OURS}/"],
        [f"chrome-extension://{OURS}/", "--parent-window=0"],
        ["/home/ann/.mozilla/native-messaging-hosts/isthisme.host.json", ADDON],
    ],
)
def test_our_extensions_may_call(arguments: list[str]) -> None:
    check_caller(arguments, IDENTITY)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        [OURS],
        [f"chrome-extension://{OURS}"],
        [f"chrome-extension://{OURS}/page.html"],
        [f"chrome-extension://{'b' * 32}/"],
        [f"chrome-extension://{'b' * 32}/", f"chrome-extension://{OURS}/"],
        [f"chrome-extension://{'b' * 32}/", ADDON],
        [f"https://{OURS}/"],
        [ADDON],
        ["/manifest.json", "stranger@example.org"],
        ["/manifest.json", ADDON, "stranger@example.org"],
        ["/manifest.json", "stranger@example.org", ADDON],
        ["/manifest.json", f"chrome-extension://{OURS}/"],
        ["/manifest.json", ADDON.upper()],
    ],
)
def test_nobody_else_may_call(arguments: list[str]) -> None:
    with pytest.raises(CallerRefusedError):
        check_caller(arguments, IDENTITY)


def test_the_refusal_names_the_caller_briefly() -> None:
    with pytest.raises(CallerRefusedError) as refusal:
        check_caller(["chrome-extension://" + "z" * 5000], IDENTITY)
    assert "zzz" in str(refusal.value)
    assert len(str(refusal.value)) < 500


def test_the_identity_that_ships_can_be_read() -> None:
    identity = read_identity()
    assert identity.host_name
    assert identity.chromium_origins
    assert identity.firefox_addon_ids


@pytest.mark.parametrize("content", [None, "", "[]", '{"host_name": "x"}', "\x00"])
def test_without_an_identity_everybody_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "identity.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CallerRefusedError, match="install the companion program again"):
        read_identity(str(path))
