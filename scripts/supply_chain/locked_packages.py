"""What a lock file names, and what each of those packages says about itself where it is installed."""

import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ENTRY = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH = re.compile(r"    --hash=sha256:([0-9a-f]{64})(?: \\)?$")

# What packages wrote before licences had names of their own (SPDX), as a classifier or in free words.
_SPDX_OF = {
    "2-clause BSD License": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Public Domain": "LicenseRef-Public-Domain",
}


class LockError(Exception):
    """A lock file says what it must not, or what it names is not installed."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    name: str
    version: str
    sha256: tuple[str, ...]  # of each file of this version, in hexadecimal
    licence: str  # an SPDX expression
    requires: frozenset[str]  # the names of other packages of the lock

    @property
    def purl(self) -> str:
        """The package as bills of materials name it, which is no address."""
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(path: Path) -> dict[str, tuple[str, list[str]]]:
    """Version and SHA-256 hashes of each package by name. Raises LockError where a line says anything else."""
    locked: dict[str, tuple[str, list[str]]] = {}
    hashes: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if entry := _ENTRY.fullmatch(line):
            hashes = []
            locked[entry["name"]] = (entry["version"], hashes)
        elif (listed := _HASH.fullmatch(line)) and locked:
            hashes.append(listed[1])
        else:
            raise LockError(f"{path}, line {number}: {line!r} is neither an exact version nor a SHA-256 hash")
    without = [name for name, (_, listed) in locked.items() if not listed]
    if without or not locked:
        raise LockError(f"{path} has no hash for: {', '.join(without) or 'anything'}")
    return locked


def packages_of(path: Path) -> list[LockedPackage]:
    """Every package of a lock, by name. Raises LockError where one is not installed in the version that is locked."""
    locked = read_lock(path)
    return [_described(name, version, hashes, frozenset(locked)) for name, (version, hashes) in sorted(locked.items())]


def _described(name: str, version: str, hashes: list[str], known: frozenset[str]) -> LockedPackage:
    try:
        installed = distribution(name)
    except PackageNotFoundError as error:
        raise LockError(f"{name} is locked and not installed here; its licence cannot be read") from error
    if installed.version != version:
        raise LockError(f"{name} {version} is locked and {installed.version} is installed; install the lock")
    return LockedPackage(name, version, tuple(hashes), _licence(installed), required_by(installed.requires) & known)


def required_by(requirements: list[str] | None) -> frozenset[str]:
    """The names of what is required without any extra."""
    parsed = [Requirement(text) for text in requirements or []]
    return frozenset(
        canonicalize_name(each.name) for each in parsed if each.marker is None or "extra" not in str(each.marker)
    )


def _licence(installed: Distribution) -> str:
    """The licence that a package names: as an expression, else in words, else as a classifier."""
    metadata = installed.metadata
    classifiers = [
        text.split(" :: ")[-1] for text in metadata.get_all("Classifier") or [] if text.startswith("License")
    ]
    for said in (metadata.get("License-Expression"), metadata.get("License"), *classifiers):
        if said:
            try:
                return str(canonicalize_license_expression(_SPDX_OF.get(said, said)))
            except InvalidLicenseExpression:
                continue  # a whole text, or words that nobody has translated yet
    raise LockError(f"{metadata['Name']} names no licence that is known; read it, and add its words to {__file__}")
