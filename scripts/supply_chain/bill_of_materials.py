"""bill_of_materials.py LOCK TARGET: what an installation consists of, as CycloneDX, checked against its schema.

The same lock gives the same bytes: no time and nothing random is in it, and no registry's address. Each package is
named with the hashes of all its files, of which every system takes one.
"""

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseAcknowledgement, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from locked_packages import LockedPackage, packages_of, required_by
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[2]
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "isthisme")


def bill(lock: Path) -> bytes:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = {package.name: package for package in packages_of(lock)}
    components = {name: _component(package) for name, package in packages.items()}
    product = Component(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        type=ComponentType.APPLICATION,
        bom_ref=f"pkg:pypi/{project['name']}@{project['version']}",
        licenses=[_licence(project["license"])],
    )
    made = Bom(components=components.values())
    made.metadata.component = product
    made.register_dependency(product, [components[name] for name in required_by(project["dependencies"])])
    for name, component in components.items():
        made.register_dependency(component, [components[other] for other in packages[name].requires])
    return _fixed(json.loads(JsonV1Dot6(made).output_as_string()))


def _component(package: LockedPackage) -> Component:
    # The files have hashes of their own, which only a reference can hold; it names the package instead of an address.
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(package.purl),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in package.sha256],
    )
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=package.purl,
        purl=PackageURL.from_string(package.purl),
        licenses=[_licence(package.licence)],
        external_references=[files],
    )


def _licence(expression: str) -> LicenseExpression:
    return LicenseExpression(expression, acknowledgement=LicenseAcknowledgement.DECLARED)


def _fixed(made: dict[str, Any]) -> bytes:
    """Without time and chance; the serial number follows from the rest."""
    del made["metadata"]["timestamp"], made["serialNumber"]
    rest = json.dumps(made, sort_keys=True)
    made["serialNumber"] = f"urn:uuid:{uuid.uuid5(_OURS, rest)}"
    text = json.dumps(made, indent=1, sort_keys=True) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"the bill of materials breaks its schema: {wrong}")
    return text.encode()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(bill(Path(sys.argv[1])))
