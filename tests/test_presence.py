import errno
import os
from pathlib import Path

import pytest

from isthisme.answer_note import photo_is_there
from isthisme.catalog.folders import Root
from isthisme.presence import is_file, is_folder, is_same, is_there


def test_what_is_there_is_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert (is_there(file), is_file(file), is_folder(file)) == (True, True, False)
    assert (is_there(tmp_path), is_file(tmp_path), is_folder(tmp_path)) == (True, False, True)
    assert not is_there(tmp_path / "nothing")
    assert is_same(file, tmp_path / "." / "file")
    assert not is_same(file, tmp_path)


@pytest.mark.parametrize("number", [errno.ENOTCONN, errno.EIO, errno.ESTALE, errno.EHOSTDOWN, errno.EACCES])
def test_a_disk_that_was_torn_out_is_not_there(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("/media/stick/DCIM/1.jpg")
    real = os.stat

    def stat(asked: object, *rest: object, **named: object) -> os.stat_result:
        if str(asked).startswith("/media/stick"):
            raise OSError(number, os.strerror(number), str(asked))
        return real(asked, *rest, **named)  # type: ignore[arg-type, call-overload, no-any-return]

    monkeypatch.setattr(os, "stat", stat)
    assert not is_there(path)
    assert not is_file(path)
    assert not is_folder(path)
    assert not is_same(path, path)
    assert not photo_is_there(path)
    assert not Root(1, os.fsencode(path.parent)).is_present
