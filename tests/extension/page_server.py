"""A local web server for pages under test: serves what it is given and remembers what was asked."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.picture_site import Listener

# Once this one was asked about, whatever else was to be found has been found: what comes last is looked at last.
ADD_LAST_PICTURE = """document.body.insertAdjacentHTML(
    "beforeend", "<div style='width: 90px; height: 90px; background: url(/end.png)'></div>")"""


class _Listener(Listener):
    request_queue_size = 64  # several browsers open all of their connections at once


@dataclass
class Served:
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    only_with: tuple[str, str] | None = None  # a header, and what must be in it; others get 403


class PageServer:
    """Serves `files` (by path, without query) on loopback, also under other host names that lead there."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = _Listener(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def add(self, path: str, body: str | bytes, content_type: str | None = None, **headers: str) -> str:
        """Serves this at `path` and returns its address. Underscores in header names stand for hyphens."""
        content = body.encode() if isinstance(body, str) else body
        kind = content_type or ("text/html; charset=utf-8" if isinstance(body, str) else "image/png")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.files[path] = Served(content, kind, named)
        return self.url(path)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        page_server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.split("?", 1)[0]
                page_server.requests.append((self.path, dict(self.headers.items())))
                served = page_server.files.get(path)
                status = 200 if served else 404
                if served and served.only_with and served.only_with[1] not in self.headers.get(served.only_with[0], ""):
                    served, status = None, 403
                body = served.body if served else b"not here"
                self.send_response(status)
                self.send_header("Content-Type", served.content_type if served else "text/plain")
                self.send_header("Content-Length", str(len(body)))
                for name, value in (served.headers if served else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass  # the requests are remembered instead

        return Handler
