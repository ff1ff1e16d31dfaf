"""What is installed is what was locked, under licences that somebody agreed to, and listed."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from licences import ALLOWED, page_for
from locked_packages import LockedPackage, LockError, packages_of, read_lock, required_by

from tests.browser_driver import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
RUN = ROOT / "locks" / "run.txt"
only_on_312 = pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="the list is made with Python 3.12")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_line_of_a_lock_is_an_exact_version_or_a_hash(lock: Path) -> None:
    assert len(read_lock(lock)) >= 1
    assert "://" not in lock.read_text(encoding="utf-8")


def test_all_locks_agree_on_versions() -> None:
    known: dict[str, str] = {}
    for lock in LOCKS:
        for name, (version, _) in read_lock(lock).items():
            assert known.setdefault(name, version) == version, f"{name} in {lock.name}"


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    for lock, asked in (
        ("run", project["dependencies"]),
        ("demo", extras["demo"]),
        ("test", extras["test"]),
        ("release", extras["release"]),
    ):
        assert required_by(asked) <= set(read_lock(ROOT / "locks" / f"{lock}.txt")), lock


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "six>=1.17 \\",
        "six @ https://example.org/six.whl",
        "six==1.17.0",
        "    --hash=md5:5f363e0ba28a6e8ba1b6d5e8b0a9f8d1",
    ],
)
def test_a_lock_that_says_anything_else_is_refused(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"attrs==26.1.0 \\\n    --hash=sha256:{'a' * 64}\n{line}\n")
    with pytest.raises(LockError):
        read_lock(lock)


def test_a_package_without_a_hash_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"attrs==26.1.0 \\\nsix==1.17.0 \\\n    --hash=sha256:{'a' * 64}\n")
    with pytest.raises(LockError, match="attrs"):
        read_lock(lock)


def test_the_tools_of_the_extension_are_locked_by_hash() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert entry["dev"], "the extension ships nobody else's code"


@only_on_312
def test_the_list_of_licences_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/supply_chain/licences.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("licence", "is_agreed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND AGPL-3.0-only", False),
        ("LicenseRef-Proprietary", False),
    ],
)
def test_a_licence_that_nobody_agreed_to_is_refused(licence: str, is_agreed: bool) -> None:
    package = LockedPackage("newcomer", "1.0", ("a" * 64,), licence, frozenset())
    if is_agreed:
        assert f"| newcomer | 1.0 | {licence} |" in page_for([package], "")
    else:
        with pytest.raises(LockError, match="newcomer"):
            page_for([package], "")
    assert not any("GPL" in name for name in ALLOWED)


@only_on_312
def test_the_bill_of_materials_names_all_that_is_locked_and_no_registry(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx", reason="scripts/build installs what makes the bill of materials")
    made = []
    for seed in ("1", "2"):  # the order of sets differs
        target = tmp_path / f"{seed}.json"
        command = [sys.executable, ROOT / "scripts/supply_chain/bill_of_materials.py", RUN, target]
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, check=True)
        made.append(target.read_bytes())
    assert made[0] == made[1]
    bill = json.loads(made[0])
    packages = {package.name: package for package in packages_of(RUN)}
    assert {component["name"] for component in bill["components"]} == set(packages)
    for component in bill["components"]:
        package = packages[component["name"]]
        assert component["purl"] == package.purl
        listed = [each["content"] for each in component["externalReferences"][0]["hashes"]]
        assert sorted(listed) == sorted(package.sha256)
    addresses = set(re.findall(rb"https?://[^\"]*", made[0]))
    assert addresses == {b"http://cyclonedx.org/schema/bom-1.6.schema.json"}
    (ours,) = [each for each in bill["dependencies"] if each["ref"].startswith("pkg:pypi/isthisme@")]
    assert "pkg:pypi/aiohttp" in " ".join(ours["dependsOn"])
