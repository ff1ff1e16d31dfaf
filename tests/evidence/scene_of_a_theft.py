"""A catalog with a photo of the user, pages that show it, captures of them; and an engine to draw with."""

import hashlib
import io
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from PIL import Image

from isthisme.answer_note import AnswerNote, EditNote, MatchNote
from isthisme.catalog import Catalog
from isthisme.catalog.captures import NewPart
from isthisme.catalog.observations import Observation
from isthisme.catalog.photos import FileState
from isthisme.catalog.sightings import SeenPicture
from isthisme.domain import Exchange, Moment
from isthisme.engine.descriptor import Models
from isthisme.engine.engine import Engine
from isthisme.evidence.gathering import Gathering, PhotoFile
from tests.pictures import drawn, encoded

PAGE = "https://shop.example/items/17?colour=blue"
PICTURE = "https://cdn.shop.example/p/17.jpg"
HTML = b"<html><script>alert(1)</script><p>Only 9.99!</p></html>"


def read_photo(path: Path) -> PhotoFile | None:
    if not path.exists():
        return None
    return PhotoFile(path.read_bytes(), path.stat().st_mtime)


def photo_with_exif(seed: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0132] = "Canon", "Canon EOS R6", "2024:05:17 14:10:00"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:17 14:03:22"
    exif.get_ifd(0x8769)[0x9011] = "+02:00"
    buffer = io.BytesIO()
    Image.open(io.BytesIO(encoded(drawn(seed)))).save(buffer, "JPEG", quality=92, exif=exif)
    return buffer.getvalue()


def copy_of(photo: bytes) -> bytes:
    """Mirrored, cropped, smaller."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(photo)) as image:
        width, height = image.size
        part = image.crop((width // 10, height // 10, width, height)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        part.thumbnail((400, 400))
        part.save(buffer, "JPEG", quality=75)
    return buffer.getvalue()


def screenshot() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1280, 800), (230, 236, 240)).save(buffer, "PNG")
    return buffer.getvalue()


@dataclass
class Scene:
    catalog: Catalog
    engine: Engine
    photo_path: Path
    photo: bytes
    photo_id: int

    @property
    def gathering(self) -> Gathering:
        return Gathering(self.catalog, self.engine, read_photo)

    def see(
        self,
        *,
        page: str = PAGE,
        title: str | None = "Blue dress, 9.99",
        picture_address: str = PICTURE,
        picture: bytes | None = None,
        exchange: Exchange | None = None,
        is_original_kept: bool = True,
        photo_id: int | None = None,
        edits: tuple[str, ...] = ("mirrored", "cropped"),
        verdict: str = "copy",
    ) -> int:
        data = copy_of(self.photo) if picture is None else picture
        matches = [
            MatchNote(
                self.photo_id if photo_id is None else photo_id,
                str(self.photo_path),
                verdict,
                0.9931,
                "Your photo, mirrored.",
                [EditNote(kind, 0.81 if kind == "cropped" else None) for kind in edits],
                [(0.0, 0.0), (400.0, 0.0), (400.0, 300.0), (0.0, 300.0)],
                [(48.0, 36.0), (480.0, 36.0), (480.0, 360.0), (48.0, 360.0)],
            )
        ]
        note = AnswerNote(verdict, 0.9931, None, matches, 400, 300, 1)
        digest = hashlib.sha256(data).digest()
        number = self.catalog.sightings.keep(
            SeenPicture(
                page,
                title,
                picture_address,
                digest,
                encoded(drawn(5)) if picture is not None else data,
                400,
                300,
                msgspec.json.encode(note).decode(),
                original=data if is_original_kept else None,
            )
        )
        moment = Moment(time.time() - 60, 8 * 3600)
        self.catalog.observations.add(number, Observation(moment, "page", "there", page, exchange))
        return number

    def capture(self, page: str = PAGE) -> None:
        parts = [
            NewPart("screen", "image/png", screenshot(), 1280, 800),
            NewPart("whole", "image/png", screenshot(), 1280, 4000, "Two parts of the page moved while it was taken."),
            NewPart("html", "text/html", HTML),
        ]
        self.catalog.captures.add(page, "Blue dress", Moment(time.time(), 8 * 3600), "Mozilla/5.0 (X11)", parts)


def fetched(address: str = PICTURE) -> Exchange:
    return Exchange(
        address,
        address,
        "companion",
        (("Host", "cdn.shop.example"), ("Accept", "image/*"), ("User-Agent", "Mozilla/5.0")),
        200,
        "OK",
        (
            ("Content-Type", "image/jpeg"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", "123"),
            ("Transfer-Encoding", "chunked"),
            ("Server", "nginx"),
        ),
        time.time() - 61,
    )


@contextmanager
def theft(folder: Path, photo: bytes | None = None, models: Models | None = None) -> Iterator[Scene]:
    """One photo in the index, and no sighting yet."""
    engine = Engine(models or Models.none())
    data = photo_with_exif() if photo is None else photo
    path = folder / "photos" / "me at the lake.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    with closing(Catalog(folder / "catalog.db")) as catalog:
        catalog.folders.add(path.parent)
        (place,) = catalog.folders.all()
        photo_id = catalog.photos.add(hashlib.sha256(data).digest(), engine.describe_photo(data), os.fsencode(path))
        catalog.photos.put_at(os.fsencode(path), place.folder_id, FileState(len(data), 1), photo_id)
        yield Scene(catalog, engine, path, data, photo_id)
