"""A web site for tests, on the loopback address: pictures by path, with a record of what was asked."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ports: set[int] = set()  # of all sites that there were


@dataclass
class Site:
    """`files` maps a path to its media type and bytes, and may be changed while the site is served."""

    address: str
    files: dict[str, tuple[str, bytes]]
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    moments: list[tuple[float, str]] = field(default_factory=list)  # when which path was asked for; seconds, monotonic
    only_with: dict[str, tuple[str, str]] = field(default_factory=dict)  # path: a header, and what must be in it
    cookies: dict[str, str] = field(default_factory=dict)  # path: what Set-Cookie says there
    to_programs: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)  # path: what no browser is answered
    redirects: dict[str, str] = field(default_factory=dict)  # path: where it leads
    held: set[str] = field(default_factory=set)  # paths that get no answer while the site is served
    slow_seconds: float = 0.0
    slow_to_programs_seconds: float = 0.0  # the same, only for those who are no page in a browser

    def url(self, path: str) -> str:
        return self.address + path.lstrip("/")

    def asked(self, path: str) -> int:
        return sum(each == path for each, _ in self.requests)


def asks_as_program(headers: dict[str, str]) -> bool:
    """Whether the daemon asked and not a browser: it keeps no connection to this computer."""
    return headers.get("Connection", "").lower() == "close"


@contextmanager
def picture_site(files: dict[str, tuple[str, bytes]] | None = None) -> Iterator[Site]:
    site = Site("", files or {})
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.moments.append((time.monotonic(), self.path))
            site.requests.append((self.path, dict(self.headers)))
            is_program = asks_as_program(dict(self.headers))
            slow_seconds = max(site.slow_seconds, site.slow_to_programs_seconds if is_program else 0.0)
            closing.wait(None if self.path in site.held else slow_seconds)
            kind, body = site.files.get(self.path, ("", b""))
            header, part = site.only_with.get(self.path, ("", ""))
            if part not in self.headers.get(header, ""):
                kind, body = "", b""
            status = 200 if kind else 403 if part else 404
            if self.path in site.redirects:
                status = 302
            if is_program and self.path in site.to_programs:
                status, kind, body = site.to_programs[self.path]
            self.send_response(status)
            if self.path in site.redirects:
                self.send_header("Location", site.redirects[self.path])
            if self.path in site.cookies:
                self.send_header("Set-Cookie", site.cookies[self.path])
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = server_at_a_new_port(Handler)
    site.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Listener(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who left hears nothing more
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def server_at_a_new_port(handler: type[BaseHTTPRequestHandler]) -> Listener:
    """At one that no site had before: a daemon that many tests share remembers what it saw there.

    The system gives a port again soon. Of some ten sites two had one port in every hundredth run.
    """
    with ExitStack() as known:
        while (server := Listener(("127.0.0.1", 0), handler)).server_port in _ports:
            known.callback(server.server_close)
    _ports.add(server.server_port)
    server.daemon_threads = True
    return server
