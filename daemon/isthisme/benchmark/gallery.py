"""A site of galleries, served on the loopback address: every page shows pictures that were never shown before."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image, ImageEnhance

_WIDTH, _HEIGHT = 1060, 800  # pixels; some 200 kB at this quality
_QUALITY = 93
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Gallery</title>
<style>
  main {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px }}
  img {{ width: 100%; aspect-ratio: {width} / {height} }}
</style>
<input aria-label="Search">
<main>{images}</main>
</html>
"""


class Gallery:
    """The pictures of the page that is being visited."""

    def __init__(self, pictures: int) -> None:
        self.pictures = pictures
        self.address = ""
        self._shown: dict[str, bytes] = {}

    def hang(self, visit: int, pictures: Sequence[bytes]) -> str:
        """Shows these and no others; the address of their page."""
        self._shown = {f"/{visit}/{number}.jpg": data for number, data in enumerate(pictures)}
        return f"{self.address}/{visit}/"

    def answer(self, path: str) -> tuple[str, bytes] | None:
        if path.endswith("/"):
            images = "".join(f'<img src="{number}.jpg" alt="">' for number in range(self.pictures))
            return "text/html; charset=utf-8", _PAGE.format(images=images, width=_WIDTH, height=_HEIGHT).encode()
        data = self._shown.get(path)
        return None if data is None else ("image/jpeg", data)


@contextmanager
def opened(pictures: int) -> Iterator[Gallery]:
    """A gallery with so many pictures on each page, while it is served."""
    gallery = Gallery(pictures)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = gallery.answer(self.path)
            kind, body = found or ("text/plain", b"")
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gallery.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gallery
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_shown(photo: bytes, random: np.random.Generator) -> bytes:
    """A photo as a site shows it: a part of it, in other light, in the gallery's size."""
    with Image.open(io.BytesIO(photo)) as opened_photo:
        picture = opened_photo.convert("RGB")
    share = random.uniform(0.8, 1)
    width, height = int(picture.width * share), int(picture.height * share)
    left = int(random.integers(picture.width - width + 1))
    top = int(random.integers(picture.height - height + 1))
    picture = picture.crop((left, top, left + width, top + height)).resize((_WIDTH, _HEIGHT))
    picture = ImageEnhance.Brightness(picture).enhance(random.uniform(0.85, 1.15))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
