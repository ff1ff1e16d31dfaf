"""A timestamp authority for tests: its certificates, answers by openssl, and a server on the loopback address."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl answers as the authority")

_POLICY = "1.3.6.1.4.1.13762.3"
_CONFIG = f"""
[tsa]
serial = serial.txt
default_policy = {_POLICY}
digests = sha256
accuracy = secs:1
signer_digest = sha256
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True)
class Holder:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def certify(
    name: str,
    issuer: Holder | None = None,
    *,
    is_authority: bool = False,
    stamps: bool = False,
    until: datetime | None = None,
) -> Holder:
    """A new key and its certificate; signed by itself where no issuer is named."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(until or now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if stamps:
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return Holder(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@dataclass(slots=True)
class Authority:
    """Root, intermediate and the one that signs; `folder` is its own."""

    folder: Path
    root: Holder
    above: tuple[Holder, ...]  # between the root and the one that signs
    signer: Holder
    address: str = ""
    queries: int = 0

    def answer(self, query: bytes) -> bytes:
        self.queries += 1
        (self.folder / "query.tsq").write_bytes(query)
        command = "openssl ts -reply -config tsa.cnf -section tsa -queryfile query.tsq -signer signer.pem"
        command += " -inkey signer.key -chain above.pem -out answer.tsr"
        subprocess.run(command.split(), cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "answer.tsr").read_bytes()


def make_authority(
    folder: Path,
    *,
    root: Holder | None = None,
    above: tuple[Holder, ...] | None = None,
    signer: Holder | None = None,
) -> Authority:
    root = root or certify("Test root", is_authority=True)
    if above is None:
        above = (certify("Test intermediate", root, is_authority=True),)
    signer = signer or certify("Test authority", (above or (root,))[-1], stamps=True)
    folder.mkdir(exist_ok=True)
    (folder / "tsa.cnf").write_text(_CONFIG)
    (folder / "serial.txt").write_text("01\n")
    (folder / "signer.pem").write_bytes(signer.pem)
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "signer.key").write_bytes(key)
    (folder / "above.pem").write_bytes(b"".join(holder.pem for holder in above) or signer.pem)
    (folder / "root.pem").write_bytes(root.pem)
    return Authority(folder, root, above, signer)


@contextmanager
def serve(authority: Authority, *, status: int = 200, body: bytes | None = None) -> Iterator[Authority]:
    """The authority on the loopback address; with `body` it answers that instead."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            is_query = self.headers["Content-Type"] == "application/timestamp-query"
            answer = body if body is not None else authority.answer(query)
            self.send_response(status if is_query else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.address = f"http://127.0.0.1:{server.server_port}/tsa"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
