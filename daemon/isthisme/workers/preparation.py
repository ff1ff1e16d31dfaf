"""All that a worker will need, loaded before its door is shut: afterwards no file can be opened."""

import codecs
import contextlib
import io
from encodings.aliases import aliases
from pathlib import Path

import numpy as np
from PIL import Image

from isthisme.config import NO_MODEL, PACKAGED_MODEL
from isthisme.domain import Candidate, ReferencePreview
from isthisme.engine import raw
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.engine.formats import FORMATS, close_formats
from isthisme.scanning import page
from isthisme.workers.line import REMEMBERED

__all__ = ["page", "prepared", "raw"]


def prepared(model: str) -> Engine:
    """An engine that has done each thing once. Raises ModelUnusable."""
    close_formats()
    for encoding in set(aliases.values()):
        with contextlib.suppress(LookupError):  # Windows' own
            codecs.lookup(encoding)
    engine = Engine(_models(model), remembered=REMEMBERED)
    _practise(engine)
    return engine


def _practise(engine: Engine) -> None:
    """Libraries load some of their parts when these are first used: so they are used, on pictures of our own."""
    small = Image.fromarray((np.indices((48, 64)).sum(axis=0) % 251).astype(np.uint8)).convert("RGB")
    for name in FORMATS:
        data = io.BytesIO()
        small.save(data, name)
        engine.shrink(data.getvalue())
    query = data.getvalue()
    described = engine.describe_photo(query)
    engine.describe_query(query, deep=False)
    reference = ReferencePreview(Candidate(0, None, 1.0, 1.0), described.preview, described.width, described.height)
    engine.compare(query, reference, ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0)))
    engine.camera_notes(query)
    page.read_page(b"<title>A page</title><img src=a.jpg>", None, "https://site.example/")


def _models(name: str) -> Models:
    if name == PACKAGED_MODEL:
        return Models.packaged()
    return Models.none() if name == NO_MODEL else Models.from_file(Path(name).expanduser())
