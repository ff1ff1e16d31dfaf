"""What a person's own index needs, and what it does not load."""

import subprocess
import sys

_MANY_MACHINES = "pymilvus milvus_lite grpc dask distributed pyarrow s3fs fsspec faiss"


def test_the_personal_product_loads_nothing_of_what_many_machines_need() -> None:
    """Everything that checks, indexes and serves is wired up in `wiring`; the commands import it when they run."""
    words = f"""
import pkgutil, sys
import isthisme.cli, isthisme.doctor, isthisme.live_index, isthisme.matcher, isthisme.wiring
for each in pkgutil.iter_modules(isthisme.cli.__path__):
    __import__(f"isthisme.cli.{{each.name}}")
print(*sorted(set("{_MANY_MACHINES}".split()) & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
