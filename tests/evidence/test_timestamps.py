import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from isthisme.errors import TimestampRefused, UsageError
from isthisme.evidence.timestamps import ask_for_timestamp, known_roots, query, verify_timestamp
from tests.timestamp_authority import Authority, certify, make_authority, needs_openssl

_CONTENT = b"0" * 64 + b"  report.html\n"
pytestmark = needs_openssl


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path / "authority")


def _roots(authority: Authority) -> tuple[x509.Certificate, ...]:
    return (certify("Another root", is_authority=True).certificate, authority.root.certificate)


def test_a_timestamp_says_when_and_by_whom(authority: Authority) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    timestamp = ask_for_timestamp(_CONTENT, authority.answer, _roots(authority), datetime.now(UTC))
    assert before <= timestamp.at <= datetime.now(UTC)
    assert timestamp.authority == "Test authority"
    assert timestamp.policy == "1.3.6.1.4.1.13762.3"
    assert timestamp.root == authority.root.pem.decode()
    assert verify_timestamp(timestamp.tsr, _CONTENT, _roots(authority)) == timestamp


def test_only_a_hash_is_in_the_query(authority: Authority) -> None:
    content = b"my secret photo" * 100
    asked = query(content)
    assert len(asked.as_bytes()) < 100
    assert b"secret" not in asked.as_bytes()
    assert asked.nonce != query(content).nonce


def test_openssl_alone_can_check_it(authority: Authority, tmp_path: Path) -> None:
    timestamp = ask_for_timestamp(_CONTENT, authority.answer, _roots(authority), datetime.now(UTC))
    (tmp_path / "SHA256SUMS").write_bytes(_CONTENT)
    (tmp_path / "SHA256SUMS.tsr").write_bytes(timestamp.tsr)
    (tmp_path / "root.pem").write_text(timestamp.root)
    command = ["openssl", "ts", "-verify", "-in", "SHA256SUMS.tsr", "-data", "SHA256SUMS", "-CAfile", "root.pem"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert "Verification: OK" in checked.stdout
    (tmp_path / "SHA256SUMS").write_bytes(_CONTENT + b" ")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode != 0


def test_a_changed_content_is_refused(authority: Authority) -> None:
    timestamp = ask_for_timestamp(_CONTENT, authority.answer, _roots(authority), datetime.now(UTC))
    with pytest.raises(TimestampRefused, match="does not hold"):
        verify_timestamp(timestamp.tsr, _CONTENT + b" ", _roots(authority))


def test_an_answer_to_an_earlier_query_is_refused(authority: Authority) -> None:
    old = authority.answer(query(_CONTENT).as_bytes())
    with pytest.raises(TimestampRefused, match="Nonce"):
        ask_for_timestamp(_CONTENT, lambda _query: old, _roots(authority), datetime.now(UTC))


def test_an_answer_for_other_bytes_is_refused(authority: Authority) -> None:
    with pytest.raises(TimestampRefused, match="does not hold"):
        ask_for_timestamp(
            _CONTENT,
            lambda _query: authority.answer(query(b"other").as_bytes()),
            _roots(authority),
            datetime.now(UTC),
        )


def test_a_root_that_is_not_known_is_named_with_the_way_out(authority: Authority) -> None:
    with pytest.raises(TimestampRefused, match=r"Test root.*timestamp_roots"):
        ask_for_timestamp(_CONTENT, authority.answer, known_roots(), datetime.now(UTC))


def test_a_root_of_the_same_name_does_not_do(authority: Authority) -> None:
    impostor = certify("Test root", is_authority=True)
    with pytest.raises(TimestampRefused):
        ask_for_timestamp(_CONTENT, authority.answer, (impostor.certificate,), datetime.now(UTC))


def test_who_is_no_authority_cannot_make_one(tmp_path: Path) -> None:
    root = certify("Test root", is_authority=True)
    site = certify("shop.example", root)
    forged = make_authority(tmp_path / "forged", root=root, above=(site,))
    with pytest.raises(TimestampRefused, match="does not hold"):
        ask_for_timestamp(_CONTENT, forged.answer, (root.certificate,), datetime.now(UTC))


def test_a_certificate_that_had_ended_is_refused(tmp_path: Path) -> None:
    root = certify("Test root", is_authority=True)
    signer = certify("Ended", root, stamps=True, until=datetime.now(UTC) - timedelta(days=1))
    ended = make_authority(tmp_path / "ended", root=root, above=(), signer=signer)
    with pytest.raises(TimestampRefused, match="does not hold"):
        ask_for_timestamp(_CONTENT, ended.answer, (root.certificate,), datetime.now(UTC))


def test_a_changed_answer_is_refused_wherever_it_was_changed(authority: Authority) -> None:
    timestamp = ask_for_timestamp(_CONTENT, authority.answer, _roots(authority), datetime.now(UTC))
    tsr = timestamp.tsr
    accepted = 0
    for position in range(0, len(tsr), 7):
        changed = tsr[:position] + bytes([tsr[position] ^ 0x01]) + tsr[position + 1 :]
        try:
            again = verify_timestamp(changed, _CONTENT, _roots(authority))
        except TimestampRefused:
            continue
        # Certificates that nothing rests on may differ, what was signed may not.
        accepted += 1
        assert (again.at, again.authority, again.serial) == (timestamp.at, timestamp.authority, timestamp.serial)
    assert accepted < len(tsr) / 7 / 4


def test_certificates_may_come_in_any_order(tmp_path: Path) -> None:
    for number in range(6):  # the keys are random, and so is their order
        authority = make_authority(tmp_path / str(number))
        assert ask_for_timestamp(_CONTENT, authority.answer, _roots(authority), datetime.now(UTC)).serial


@pytest.mark.parametrize("answer", [b"", b"<html>no</html>", b"\x30\x03\x02\x01\x00", bytes(5000)])
def test_what_is_no_timestamp_is_refused(answer: bytes) -> None:
    with pytest.raises(TimestampRefused):
        ask_for_timestamp(_CONTENT, lambda _query: answer, known_roots(), datetime.now(UTC))


def test_a_refusal_is_told_in_the_words_of_the_authority(authority: Authority) -> None:
    builder = rfc3161_client.TimestampRequestBuilder().data(b"x").hash_algorithm(rfc3161_client.HashAlgorithm.SHA512)
    with pytest.raises(TimestampRefused, match="gave no timestamp"):
        ask_for_timestamp(
            _CONTENT,
            lambda _query: authority.answer(builder.build().as_bytes()),  # an algorithm that it does not take
            _roots(authority),
            datetime.now(UTC),
        )


def test_a_time_of_another_day_is_refused(authority: Authority) -> None:
    with pytest.raises(TimestampRefused, match="set the clock"):
        ask_for_timestamp(_CONTENT, authority.answer, _roots(authority), datetime.now(UTC) + timedelta(days=2))


def test_own_roots_are_read_from_a_file(tmp_path: Path) -> None:
    root = certify("Own root", is_authority=True).certificate
    file = tmp_path / "own.pem"
    file.write_bytes(root.public_bytes(Encoding.PEM))
    assert root in known_roots(file)
    assert len(known_roots()) > 50
    file.write_text("nothing")
    with pytest.raises(UsageError, match="timestamp_roots"):
        known_roots(file)
    with pytest.raises(UsageError, match="timestamp_roots"):
        known_roots(tmp_path / "not there.pem")
