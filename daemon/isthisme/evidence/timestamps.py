"""RFC 3161 timestamps: a third party signs that bytes existed at a time. Only their SHA-256 is ever in what is sent.

Nothing here knows the network: whoever asks hands in how a query is sent. The libraries that read certificates take
20 MB and are loaded with the first timestamp, since most people never ask for one.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from isthisme.errors import TimestampRefused
from isthisme.evidence.certificate_order import with_sorted_certificates

if TYPE_CHECKING:
    import rfc3161_client as rfc3161
    from cryptography.x509 import Certificate

# A clock may be wrong by that much; a timestamp further away is of another day, and would prove another thing.
_MOST_DRIFT = timedelta(days=1)

type Send = Callable[[bytes], bytes]  # a query to the authority's answer, both DER


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What an authority signed, checked."""

    tsr: bytes  # the authority's whole answer, as `openssl ts -verify -in` takes it
    at: datetime  # in UTC
    authority: str  # the name in the certificate that signed
    policy: str  # the authority's number for the rules that it follows
    serial: int
    root: str  # PEM: the certificate that the signature rests on, as `openssl ts -verify -CAfile` takes it


def known_roots(own: Path | None = None) -> "tuple[Certificate, ...]":
    """The roots that Mozilla trusts, and those of a PEM file of the user's. Raises UsageError for one without any."""
    from isthisme.evidence.certificates import read_roots

    return read_roots(own)


def query(content: bytes) -> "rfc3161.TimeStampRequest":
    """What asks for a timestamp: the content's SHA-256, a nonce, and that the certificates come along."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def ask_for_timestamp(content: bytes, send: Send, roots: "Iterable[Certificate]", now: datetime) -> Timestamp:
    """A timestamp over the content, checked on receipt. Raises TimestampRefused, and what `send` raises.

    `now` is the time of this computer, with its offset.
    """
    asked = query(content)
    timestamp = _checked(send(asked.as_bytes()), content, tuple(roots), asked.nonce)
    if abs(timestamp.at - now) > _MOST_DRIFT:
        raise TimestampRefused(
            f"the timestamp says {timestamp.at:%Y-%m-%d %H:%M} UTC and this computer "
            f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC; set the clock right, or choose another authority"
        )
    return timestamp


def verify_timestamp(tsr: bytes, content: bytes, roots: "Iterable[Certificate]") -> Timestamp:
    """What a kept timestamp says of the content. Raises TimestampRefused where it says nothing, or is not trusted."""
    return _checked(tsr, content, tuple(roots), None)


def _checked(tsr: bytes, content: bytes, roots: "tuple[Certificate, ...]", nonce: int | None) -> Timestamp:
    import rfc3161_client as rfc3161
    from cryptography.hazmat.primitives.serialization import Encoding

    from isthisme.evidence.certificates import BROKEN, chain_to_root, name_of

    try:
        answer = rfc3161.decode_timestamp_response(with_sorted_certificates(tsr))
    except BROKEN as error:
        raise TimestampRefused("the authority's answer is no timestamp") from error
    if answer.status != rfc3161.PKIStatus.GRANTED:
        words = "; ".join(answer.status_string) or f"status {answer.status}"
        raise TimestampRefused(f"the authority gave no timestamp: {words[:200]}")
    try:
        info, signed = answer.tst_info, answer.signed_data
        signers = {(each.issuer, each.serial_number) for each in signed.signer_infos}
        chain = chain_to_root(signed.certificates, signers, roots)
        verifier = rfc3161.VerifierBuilder(roots=[chain[-1]], nonce=nonce).build()
        verifier.verify(answer, hashlib.sha256(content).digest())
    except (rfc3161.VerificationError, *BROKEN) as error:
        raise TimestampRefused(f"the timestamp does not hold: {error}") from error
    return Timestamp(
        tsr=tsr,
        at=info.gen_time.astimezone(UTC),
        authority=name_of(chain[0].subject),
        policy=info.policy.dotted_string,
        serial=info.serial_number,
        root=chain[-1].public_bytes(Encoding.PEM).decode(),
    )
