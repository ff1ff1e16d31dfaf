"""Settings: what may be said, and the words for what may not."""

from dataclasses import fields
from pathlib import Path

import pytest

from isthisme.config import Settings, read_settings
from isthisme.errors import UsageError


def settings_of(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    return read_settings(tmp_path / "settings.toml")


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "settings.toml") == Settings()


def test_what_is_said_counts_and_the_rest_is_as_always(tmp_path: Path) -> None:
    found = settings_of(tmp_path, "index_on_battery = true\nindexing_cpu_percent = 100\n")
    assert found == Settings(index_on_battery=True, indexing_cpu_percent=100)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("index_on_batery = true", "there is no setting 'index_on_batery'; the settings are model, "),
        ("index_on_battery = 1", "index_on_battery is 1; it must be of type bool"),
        ("indexing_cpu_percent = 50.0", "indexing_cpu_percent is 50.0; it must be of type int"),
        ("indexing_cpu_percent = 0", "indexing_cpu_percent is 0; it must be from 1 to 100"),
        ("busy_percent = 101", "busy_percent is 101; it must be from 1 to 100"),
        ("workers = -1", "workers is -1; it must be from 0 to 64"),
        ("max_download_megabytes = 0", "max_download_megabytes is 0; it must be from 1 to 1,000"),
        ("busy_percent =", "cannot be read as TOML"),
    ],
)
def test_what_is_no_setting_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings_of(tmp_path, text)
    assert words in str(caught.value)
    assert str(tmp_path / "settings.toml") in str(caught.value)


def test_every_setting_stands_in_the_documentation_with_its_default() -> None:
    page = (Path(__file__).parents[1] / "docs" / "command-line.md").read_text(encoding="utf-8")
    for field in fields(Settings):
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        written = f'"{default}"' if isinstance(default, str) and not isinstance(field.default, bool) else default
        assert f"| `{field.name}` | `{written}` |" in page
