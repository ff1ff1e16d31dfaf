"""What an authority answers, or what lies in a bundle in its place."""

from pathlib import Path

from cryptography import x509

from isthisme.errors import TimestampRefused
from isthisme.evidence.certificate_order import with_sorted_certificates
from isthisme.evidence.timestamps import verify_timestamp
from tests.fuzz.target import Target, promise

SEEDS = Path(__file__).parent / "seeds"  # an answer of the tests' own authority, and its root
CONTENT = b"0" * 64 + b"  report.html\n"


def target(_scratch: Path) -> Target:
    roots = x509.load_pem_x509_certificates((SEEDS / "timestamp_root.pem").read_bytes())
    sound = (SEEDS / "timestamp.tsr").read_bytes()

    def attack(data: bytes) -> int:
        """A timestamp that the known root vouches for, of the very content; else TimestampRefused, in a few words."""
        promise(len(with_sorted_certificates(data)) <= 2 * len(data) + 16, "sorting made more of it")
        try:
            found = verify_timestamp(data, CONTENT, roots)
        except TimestampRefused as error:
            promise(len(str(error)) < 2_000, "an error repeats the answer")
            return 1
        promise(found.authority == "Test authority", "another authority was believed")
        return 1

    return Target(
        name="timestamps",
        attack=attack,
        seeds=(sound, sound[:40], b"0\x03\x02\x01\x02", b"0\x80" * 60, b"\x30\x84\xff\xff\xff\xff"),
        covers=(
            "isthisme.evidence.timestamps",
            "isthisme.evidence.certificates",
            "isthisme.evidence.certificate_order",
        ),
        runs_in_ci=600,
        words=(
            b"0\x80",
            b"0\x84\xff\xff\xff\xff",
            b"\xa0\x00",
            b"\x02\x01\x00",
            b"\x05\x00",
            b"\x18\x0f99991231235959Z",
            b"\x06\t*\x86H\x86\xf7\r\x01\x07\x02",
            b"\x02\x14" + b"\xff" * 20,
            b"0\x00",
            b"1\x00",
        ),
        largest=6_000,
    )
