import os
import unicodedata
from pathlib import Path

import pytest

from isthisme.catalog.folders import as_listed

DISK = {
    "/": ["media"],
    "/media": ["Stick", "stick 2"],
    "/media/Stick": ["DCIM", "Été", "photos", "Photos"],
    "/media/Stick/DCIM": ["100CANON"],
}


def names_in(folder: Path) -> list[str]:
    if str(folder) not in DISK:
        raise PermissionError(folder)
    return DISK[str(folder)]


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ("/media/Stick/DCIM/100CANON", "/media/Stick/DCIM/100CANON"),
        ("/Media/stick/dcim/100canon", "/media/Stick/DCIM/100CANON"),
        (unicodedata.normalize("NFD", "/media/Stick/été"), "/media/Stick/Été"),
        ("/media/Stick/photos", "/media/Stick/photos"),  # two folders whose names differ in case alone
        ("/media/Stick/PHOTOS", "/media/Stick/PHOTOS"),  # nobody knows which of the two
        ("/media/stick 2/Secret/Mine", "/media/stick 2/Secret/Mine"),  # may not be listed
        ("/media/gone/DCIM", "/media/gone/DCIM"),
    ],
)
def test_a_path_is_written_as_its_folders_list_it(given: str, listed: str) -> None:
    assert as_listed(Path(given), names_in) == Path(listed)


def test_real_folders_are_listed_too(tmp_path: Path) -> None:
    folder = tmp_path / "Photos"
    odd = folder / os.fsdecode(b"\xff\xfe odd")
    odd.mkdir(parents=True)
    assert as_listed(odd.resolve()) == odd.resolve()
    assert as_listed(tmp_path.resolve() / "photos") in {folder.resolve(), tmp_path.resolve() / "photos"}
