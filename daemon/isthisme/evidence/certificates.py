"""Certificates of timestamp authorities, up to the roots that are known."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning

from isthisme.errors import TimestampRefused, UsageError

_LONGEST_CHAIN = 8
# What reading a stranger's certificates and their signatures may end in.
BROKEN = (
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


def read_roots(own: Path | None) -> tuple[x509.Certificate, ...]:
    """The roots that Mozilla trusts, and those of a PEM file. Raises UsageError for one without any."""
    with warnings.catch_warnings(category=CryptographyDeprecationWarning, action="ignore"):  # of roots' odd numbers
        roots = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    if own is not None:
        try:
            roots += x509.load_pem_x509_certificates(own.expanduser().read_bytes())
        except (OSError, ValueError) as error:
            raise UsageError(f"timestamp_roots: {own} holds no certificates in PEM form ({error})") from error
    return tuple(dict.fromkeys(roots))


def chain_to_root(
    sent: Iterable[bytes], signers: set[tuple[x509.Name, int]], roots: tuple[x509.Certificate, ...]
) -> list[x509.Certificate]:
    """From the certificate that signed, known by its issuer and number, to a known root.

    Raises TimestampRefused, or one of BROKEN. That the signatures of the chain hold at the time is not checked here.
    """
    known = [x509.load_der_x509_certificate(each) for each in sent]
    chain = [each for each in known if (each.issuer, each.serial_number) in signers]
    if len(chain) != 1:
        raise TimestampRefused("the timestamp does not name the one certificate that signed it")
    while len(chain) < _LONGEST_CHAIN:
        last = chain[-1]
        for root in roots:
            if root.subject == last.issuer and _has_signed(root, last):
                return [*chain, root]
        above = [
            each for each in known if each not in chain and each.subject == last.issuer and _has_signed(each, last)
        ]
        if not above:
            break
        chain.append(above[0])
    raise TimestampRefused(
        f"the certificate of the authority rests on {name_of(chain[-1].issuer)}, which this computer does not know; "
        "get that root certificate from the authority's site and name its file in the setting timestamp_roots"
    )


def name_of(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _has_signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except BROKEN:
        return False
    return True
