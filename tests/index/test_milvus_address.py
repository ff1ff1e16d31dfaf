from pathlib import Path

import pytest

from isthisme.errors import UsageError
from isthisme.index.milvus_address import Credentials, MilvusAddress, read_token


@pytest.mark.parametrize(
    ("setting", "uri"),
    [
        ("milvus+https://engine.example:19530", "https://engine.example:19530"),
        ("milvus+https://engine.example/", "https://engine.example:19530"),
        ("milvus+http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("milvus+http://localhost", "http://localhost:19530"),
        ("milvus+http://[::1]:4000", "http://[::1]:4000"),
    ],
)
def test_a_setting_names_a_server(setting: str, uri: str) -> None:
    assert MilvusAddress.parse(setting).uri == uri
    assert MilvusAddress.parse(str(MilvusAddress.parse(setting))).uri == uri


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "embedded",
        "https://engine.example",
        "milvus+https://",
        "milvus+https://engine.example:99999",
        "milvus+https://engine.example/database",
        "milvus+https://engine.example?token=abc",
        "milvus+ftp://engine.example",
        "milvus+file:/photos.db",
    ],
)
def test_what_names_no_server_is_refused(setting: str) -> None:
    with pytest.raises(UsageError):
        MilvusAddress.parse(setting)


@pytest.mark.parametrize("host", ["engine.example", "10.0.0.5", "localhost.example"])
def test_vectors_do_not_go_through_a_network_unencrypted(host: str) -> None:
    with pytest.raises(UsageError, match="unencrypted"):
        MilvusAddress.parse(f"milvus+http://{host}:19530")


def test_a_secret_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as refused:
        MilvusAddress.parse("milvus+https://root:hunter2@engine.example")
    assert "hunter2" not in str(refused.value)


def test_a_token_is_read_from_a_file_of_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("isthisme:abc\n")
    file.chmod(0o600)
    assert read_token(file) == "isthisme:abc"
    file.chmod(0o640)
    with pytest.raises(UsageError, match="can be read by others"):
        read_token(file)


@pytest.mark.parametrize("content", [b"", b"\n", b"a\nb", b"\xff", b"x" * 5000])
def test_a_file_that_holds_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(UsageError):
        read_token(file)
    with pytest.raises(UsageError):
        read_token(tmp_path / "not there")


def test_a_token_is_not_shown() -> None:
    assert "abc" not in repr(Credentials("isthisme:abc"))


def test_files_of_certificates_belong_together(tmp_path: Path) -> None:
    for name in ("root", "own", "key"):
        (tmp_path / name).write_text("PEM")
    (tmp_path / "key").chmod(0o600)
    Credentials(authority=tmp_path / "root", certificate=tmp_path / "own", key=tmp_path / "key")
    for wrong in (
        {"certificate": tmp_path / "own"},
        {"certificate": tmp_path / "own", "key": tmp_path / "key"},
        {"authority": tmp_path / "not there"},
    ):
        with pytest.raises(UsageError):
            Credentials(**wrong)
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(UsageError, match="can be read by others"):
        Credentials(authority=tmp_path / "root", certificate=tmp_path / "own", key=tmp_path / "key")
