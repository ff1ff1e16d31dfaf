"""The page of the demonstration, served on the loopback address for as long as it lasts."""

import html
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from isthisme.demonstration.pictures import PagePicture

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sunny Corner Shop</title>
<style>
  body {{ font: 16px/1.5 "DejaVu Sans", system-ui, sans-serif; margin: 0; background: #faf7f2; color: #333 }}
  header {{ background: #c8553d; color: white; padding: 18px 32px }}
  h1 {{ font-size: 24px; margin: 0 }}
  main {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: 20px; padding: 28px 32px; max-width: 700px }}
  figure {{ margin: 0; background: white; border-radius: 8px; overflow: hidden; box-shadow: 0 1px 4px #0002 }}
  img {{ width: 100%; height: 170px; object-fit: cover; display: block }}
  figcaption {{ padding: 8px 12px; font-size: 13px }}
</style>
<header><h1>Sunny Corner Shop</h1>What our customers say</header>
<main>{figures}</main>
</html>
"""
_REVIEWS = ("Five stars!", "Arrived quickly", "So happy with it", "Would buy again", "My family loves it")


@contextmanager
def served(pictures: Sequence[PagePicture]) -> Iterator[str]:
    """The page's address while it is served."""
    by_path = {f"/{picture.name}": picture for picture in pictures}
    figures = "".join(
        f'<figure><img src="/{html.escape(picture.name)}" alt="">'
        f"<figcaption>★★★★★ {_REVIEWS[number % len(_REVIEWS)]}</figcaption></figure>"
        for number, picture in enumerate(pictures)
    )
    page = _PAGE.format(figures=figures).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            picture = by_path.get(self.path)
            if picture is None and self.path != "/":
                self.send_error(404)
                return
            body, kind = (page, "text/html; charset=utf-8") if picture is None else (picture.data, picture.media_type)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
