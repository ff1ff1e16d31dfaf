"""What a person's own index needs, and what it does without."""

import subprocess
import sys
from pathlib import Path

_MANY_MACHINES = "pymilvus milvus_lite grpc dask distributed pyarrow pandas s3fs fsspec faiss"
_ENCRYPTION = "keyring sqlcipher3 isthisme.encryption.sealing"  # wanted by homes that are encrypted


def test_the_personal_product_needs_nothing_of_what_many_machines_need() -> None:
    """Everything that checks, indexes and serves is wired up in `wiring`; commands import the rest when they run."""
    words = f"""
import pkgutil, sys
sys.modules |= dict.fromkeys("{_MANY_MACHINES}".split())  # importing one of them fails, as where none is installed
import isthisme.cli, isthisme.doctor, isthisme.live_index, isthisme.matcher, isthisme.wiring
for each in pkgutil.iter_modules(isthisme.cli.__path__):
    __import__(f"isthisme.cli.{{each.name}}")
"""
    subprocess.run([sys.executable, "-c", words], check=True)


def test_help_does_not_speak_of_many_machines_where_nothing_for_them_is_installed() -> None:
    words = f"""
import sys
sys.modules |= dict.fromkeys("{_MANY_MACHINES}".split())
from isthisme.cli import program
for asked in ([], ["scan"]):
    program([*asked, "--help"], standalone_mode=False)
"""
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert "rebuild" in done.stdout
    assert not {"ingest", "team", "--on", "--shelf"} & set(done.stdout.split())


def test_a_home_that_is_not_encrypted_needs_and_loads_nothing_of_encryption(tmp_path: Path) -> None:
    words = f"""
import os, sys
os.environ["ISTHISME_HOME"] = sys.argv[1]
sys.modules |= dict.fromkeys("{_ENCRYPTION}".split())
from isthisme.cli import program
from isthisme.wiring import open_home
with open_home() as home:
    assert home.catalog.photos.count() == 0
program(["status"], standalone_mode=False)
"""
    subprocess.run([sys.executable, "-c", words, str(tmp_path / "home")], check=True, capture_output=True)


def test_none_of_it_is_loaded_where_it_is_installed_for_other_work() -> None:
    """A library may load by itself what it finds: pandas alone took two seconds of every start."""
    words = f"import sys, isthisme.cli, isthisme.wiring; print(*set('{_MANY_MACHINES}'.split()) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"fsspec"}  # which warcio takes where it is: a file of little weight
