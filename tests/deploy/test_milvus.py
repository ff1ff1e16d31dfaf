"""The files with which Milvus is set up: of the right form, pinned, without passwords; and what they make works."""

import base64
import json
import re
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import jsonschema
import pytest
import yaml
from compose_spec import PyCompose
from cryptography import x509
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc

from isthisme.errors import IndexServerUnusable, IndexUnavailable
from isthisme.index.milvus_address import Credentials, MilvusAddress, read_token
from isthisme.index.milvus_server import LEAST_VERSION, MilvusServer, Patience

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "milvus"
VALUES = ("values-standalone.yaml", "values-cluster.yaml")


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([FOLDER / "make-secrets", "localhost", folder], check=True)
    return folder


def test_the_compose_file_is_one(secrets: Path) -> None:
    text = (FOLDER / "compose.yaml").read_text()
    parsed = PyCompose.from_yaml(text)
    parsed.validate()
    assert set(parsed.service_names()) == {"etcd", "minio", "milvus"}
    for each in read("compose.yaml")["secrets"].values():
        assert (secrets / Path(each["file"]).name).is_file(), "make-secrets makes each of them"


def test_only_milvus_own_port_is_open_and_that_to_this_machine_until_an_address_is_named() -> None:
    services = read("compose.yaml")["services"]
    assert [name for name, service in services.items() if "outside" in service["networks"]] == ["milvus"]
    assert services["milvus"]["ports"] == ["127.0.0.1:19530:19530", "127.0.0.1:9091:9091"]


def test_nothing_grows_without_bound_or_stays_down() -> None:
    for service in read("compose.yaml")["services"].values():
        assert service["mem_limit"]
        assert service["restart"] == "unless-stopped"
        assert service["logging"]["options"]["max-size"]
        assert service["healthcheck"]["test"]


def test_no_password_stands_on_a_command_line() -> None:
    """Whoever is on the machine can read those of all processes, in containers, too."""
    for service in read("compose.yaml")["services"].values():
        words = [*service.get("command", []), *service["healthcheck"]["test"]]
        assert not [each for each in words if re.search(r"(--user|-u|--password|-p)[ =]", each)]


@pytest.mark.parametrize("name", VALUES)
def test_values_for_helm_have_the_form_that_we_use(name: str) -> None:
    schema = json.loads((FOLDER / "values.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    values = read(name)
    jsonschema.validate(values, schema)
    for wrong in ({"minio": {"rootPassword": "minioadmin"}}, {"image": {"all": {"tag": "latest"}}}, {"surprise": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(values | wrong, schema)
    asked = yaml.safe_load(values["extraConfigFiles"]["user.yaml"])
    assert asked["common"]["security"] == {"authorizationEnabled": True, "tlsMode": 1}
    assert asked["etcd"]["auth"]["enabled"]


def test_every_form_runs_the_same_versions_and_the_page_names_them() -> None:
    services = read("compose.yaml")["services"]
    images = {name: service["image"] for name, service in services.items()}
    page = (ROOT / "docs" / "scale" / "milvus.md").read_text()
    for image in images.values():
        name, _, tag = image.partition(":")
        assert tag[-1].isalnum() and tag != "latest"  # noqa: PT018
        assert "." not in name.partition("/")[0], "no registry is named"
        assert f"`{image}`" in page
    for values in map(read, VALUES):
        assert images["milvus"] == f"milvusdb/milvus:{values['image']['all']['tag']}"
        assert images["etcd"] == f"milvusdb/etcd:{values['etcd']['image']['tag']}"
        assert images["minio"] == f"minio/minio:{values['minio']['image']['tag']}"
    told = images["milvus"].rpartition("v")[2].split(".")
    assert tuple(map(int, told[:2])) >= LEAST_VERSION


def test_passwords_are_drawn_once_for_their_owner_alone_and_stay(secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    subprocess.run([FOLDER / "make-secrets", "localhost", secrets], check=True)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700, "nobody else comes past the folder"
    shown = {Path(each["file"]).name for each in read("compose.yaml")["secrets"].values()}  # to other users' processes
    for path in secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o644 if path.name in shown else 0o600), path.name
    settings = yaml.safe_load(before["user.yaml"])
    drawn = [
        settings["etcd"]["auth"]["password"],
        settings["minio"]["secretAccessKey"],
        settings["common"]["security"]["defaultRootPassword"],
    ]
    assert len(set(drawn)) == 3
    assert all(len(each) == 48 for each in drawn)
    for name, shown in zip(("etcd_password", "minio_password", "root_password"), drawn, strict=True):
        assert before[name] == shown.encode(), "byte for byte, for Kubernetes takes the file as it is"
    assert before["minio_user"] == settings["minio"]["accessKeyID"].encode()
    assert settings["common"]["security"]["authorizationEnabled"]
    authority, server = (x509.load_pem_x509_certificate(before[name]) for name in ("authority.crt", "server.crt"))
    server.verify_directly_issued_by(authority)


def test_a_folder_that_lay_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    subprocess.run([FOLDER / "make-secrets", "localhost", folder], check=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_certificate_is_for_the_name_or_address_that_is_asked_for_and_renewed_under_the_same_root(
    tmp_path: Path,
) -> None:
    made, authorities = tmp_path / "secrets" / "server.crt", set()
    for host, kind in (("dead.beef", x509.DNSName), ("10.0.0.5", x509.IPAddress), ("fd00::5", x509.IPAddress)):
        subprocess.run([FOLDER / "make-secrets", host, made.parent], check=True)
        certificate = x509.load_pem_x509_certificate(made.read_bytes())
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert [str(each) for each in named.get_values_for_type(kind)] == [host]
        authorities.add((made.parent / "authority.crt").read_bytes())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(next(iter(authorities))))
        asked = [FOLDER / "make-secrets", "other.example", made.parent]
        refused = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert refused.returncode == 1
        assert "is for another name than other.example" in refused.stderr
        made.unlink()
    assert len(authorities) == 1


def test_the_certificate_and_the_token_that_it_makes_open_an_encrypted_door_and_nothing_else_does(
    secrets: Path, tmp_path: Path
) -> None:
    token = (secrets / "isthisme_token").read_text().strip()

    class Door(milvus_pb2_grpc.MilvusServiceServicer):
        def Connect(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
            shown = dict(context.invocation_metadata()).get("authorization", "")
            if base64.b64decode(shown).decode() != token:
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")
            return milvus_pb2.ConnectResponse(status=common_pb2.Status(), identifier=1)

        def GetVersion(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
            return milvus_pb2.GetVersionResponse(status=common_pb2.Status(), version="v2.6.11")

    listener = grpc.server(ThreadPoolExecutor(2))
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(Door(), listener)
    pair = [((secrets / "server.key").read_bytes(), (secrets / "server.crt").read_bytes())]
    port = listener.add_secure_port("localhost:0", grpc.ssl_server_credentials(pair))
    listener.start()
    address = MilvusAddress.parse(f"milvus+https://localhost:{port}")
    authority = secrets / "authority.crt"
    wrong_token = tmp_path / "token"
    wrong_token.write_text("root:Milvus")
    wrong_token.chmod(0o600)

    def version(token_file: Path, root: Path | None, patience: Patience) -> str:
        server = MilvusServer(address, lambda: Credentials(read_token(token_file), root), patience)
        try:
            return server.version()
        finally:
            server.close()

    try:
        assert version(secrets / "isthisme_token", authority, Patience(question=60, attempt=20)) == "v2.6.11"
        with pytest.raises(IndexServerUnusable, match="does not let us in"):
            version(wrong_token, authority, Patience(question=60, attempt=20))
        with pytest.raises(IndexUnavailable):
            version(secrets / "isthisme_token", None, Patience(question=0.5, attempt=0.3))
    finally:
        listener.stop(grace=0).wait()


def test_every_alert_says_what_it_is_about_and_stands_on_the_page() -> None:
    page = (ROOT / "docs" / "scale" / "milvus.md").read_text()
    for group in read("alerts.yaml")["groups"]:
        for rule in group["rules"]:
            assert rule.keys() == {"alert", "expr", "for", "labels", "annotations"}
            assert rule["labels"]["severity"] in ("page", "ticket")
            assert f"`{rule['alert']}`" in page
