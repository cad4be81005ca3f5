"""A real web server on this machine that serves files, well or badly."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Mirror(ThreadingHTTPServer):
    """Serves `content` (path -> bytes); `fault` names what goes wrong; `asked` collects the paths."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content: dict[str, bytes] = {}
        self.fault = ""
        self.asked: list[str] = []
        self.over = threading.Event()
        self.scheme = "http"

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Mirror

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        data = self.server.content.get(self.path)
        if self.server.fault == "busy":
            self.send_error(503)
        elif data is None:
            self.send_error(404)
        elif self.server.fault == "silent":
            self.server.over.wait(30)
        else:
            self.send(data)

    def send(self, data: bytes) -> None:
        """Sends the file with the server's fault."""
        fault = self.server.fault
        endless = fault in ("endless", "dripping")
        self.send_response(200)
        if not endless:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            if endless:
                while not self.server.over.wait(0.01 if fault == "dripping" else 0):
                    self.wfile.write(data[:1] if fault == "dripping" else data)
            else:
                self.wfile.write(data[: len(data) // 2] if fault == "truncated" else data)
        except OSError:
            pass  # the client has had enough


@contextmanager
def mirror(certificate: Path | None = None) -> Iterator[Mirror]:
    """A running mirror; with a certificate (PEM with key), over TLS."""
    with Mirror() as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            server.scheme = "https"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
