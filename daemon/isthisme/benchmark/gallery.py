"""A site of galleries, served on the loopback address: every page shows pictures that were never shown before."""

import asyncio
import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from aiohttp import web
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
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_serving(gallery), loop).result()
    try:
        yield gallery
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serving(gallery: Gallery) -> web.ServerRunner:
    """By a server that is quick: what it takes of the processor, those who are measured do not have."""

    async def answer(request: web.BaseRequest) -> web.Response:
        found = gallery.answer(request.path)
        if found is None:
            return web.Response(status=404)
        kind, body = found
        return web.Response(body=body, headers={"Content-Type": kind})

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    gallery.address = f"http://{host}:{port}"
    return runner


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
