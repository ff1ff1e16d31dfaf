"""RFC 3161 timestamps: a third party signs that bytes existed at a time. Only their SHA-256 is ever in what is sent.

Nothing here knows the network: whoever asks hands in how a query is sent.
"""

import hashlib
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import rfc3161_client as rfc3161
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from isthisme.errors import TimestampRefused, UsageError
from isthisme.evidence.certificate_order import with_sorted_certificates

# A clock may be wrong by that much; a timestamp further away is of another day, and would prove another thing.
_MOST_DRIFT = timedelta(days=1)
_LONGEST_CHAIN = 8
# What reading a stranger's certificates and their signatures may end in.
_BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)

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


def known_roots(own: Path | None = None) -> tuple[x509.Certificate, ...]:
    """The roots that Mozilla trusts, and those of a PEM file of the user's. Raises UsageError for one without any."""
    with warnings.catch_warnings(category=CryptographyDeprecationWarning, action="ignore"):  # of roots' odd numbers
        roots = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    if own is not None:
        try:
            roots += x509.load_pem_x509_certificates(own.expanduser().read_bytes())
        except (OSError, ValueError) as error:
            raise UsageError(f"timestamp_roots: {own} holds no certificates in PEM form ({error})") from error
    return tuple(dict.fromkeys(roots))


def query(content: bytes) -> rfc3161.TimeStampRequest:
    """What asks for a timestamp: the content's SHA-256, a nonce, and that the certificates come along."""
    builder = rfc3161.TimestampRequestBuilder().data(content).hash_algorithm(rfc3161.HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def ask_for_timestamp(content: bytes, send: Send, roots: Iterable[x509.Certificate], now: datetime) -> Timestamp:
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


def verify_timestamp(tsr: bytes, content: bytes, roots: Iterable[x509.Certificate]) -> Timestamp:
    """What a kept timestamp says of the content. Raises TimestampRefused where it says nothing, or is not trusted."""
    return _checked(tsr, content, tuple(roots), None)


def _checked(tsr: bytes, content: bytes, roots: tuple[x509.Certificate, ...], nonce: int | None) -> Timestamp:
    try:
        answer = rfc3161.decode_timestamp_response(with_sorted_certificates(tsr))
    except _BROKEN as error:
        raise TimestampRefused("the authority's answer is no timestamp") from error
    if answer.status != rfc3161.PKIStatus.GRANTED:
        words = "; ".join(answer.status_string) or f"status {answer.status}"
        raise TimestampRefused(f"the authority gave no timestamp: {words[:200]}")
    try:
        info = answer.tst_info
        chain = _chain(answer, roots)
        verifier = rfc3161.VerifierBuilder(roots=[chain[-1]], nonce=nonce).build()
        verifier.verify(answer, hashlib.sha256(content).digest())
    except (rfc3161.VerificationError, *_BROKEN) as error:
        raise TimestampRefused(f"the timestamp does not hold: {error}") from error
    return Timestamp(
        tsr=tsr,
        at=info.gen_time.astimezone(UTC),
        authority=_name(chain[0]),
        policy=info.policy.dotted_string,
        serial=info.serial_number,
        root=chain[-1].public_bytes(Encoding.PEM).decode(),
    )


def _chain(answer: rfc3161.TimeStampResponse, roots: tuple[x509.Certificate, ...]) -> list[x509.Certificate]:
    """From the certificate that signed to a known root. Only names are followed: the verifier checks the signatures."""
    signed = answer.signed_data
    sent = [x509.load_der_x509_certificate(each) for each in signed.certificates]
    signers = {(each.issuer, each.serial_number) for each in signed.signer_infos}
    signing = [each for each in sent if (each.issuer, each.serial_number) in signers]
    if len(signing) != 1:
        raise TimestampRefused("the timestamp does not name the one certificate that signed it")
    chain = signing
    while len(chain) < _LONGEST_CHAIN:
        issuer = chain[-1].issuer
        for root in roots:
            if root.subject == issuer and _has_signed(root, chain[-1]):
                return [*chain, root]
        above = [each for each in sent if each.subject == issuer and each not in chain and _has_signed(each, chain[-1])]
        if not above:
            break
        chain = [*chain, above[0]]
    raise TimestampRefused(
        f"the certificate of the authority rests on {_name(chain[-1], of_issuer=True)}, which this computer does not "
        "know; get that root certificate from the authority's site and name its file in the setting timestamp_roots"
    )


def _has_signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except _BROKEN:
        return False
    return True


def _name(certificate: x509.Certificate, *, of_issuer: bool = False) -> str:
    name = certificate.issuer if of_issuer else certificate.subject
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()
