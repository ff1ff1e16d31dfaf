"""What tests of searching a shelf share: the real engine, and the photos of some owners."""

from pathlib import Path

import pytest

from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from tests.bulk.owners import OWNERS, shelved


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Models.packaged())


@pytest.fixture(scope="module")
def shelf(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("shelf")
    shelved(made, engine, OWNERS)
    return made
