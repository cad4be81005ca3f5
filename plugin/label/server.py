"""The labelling page over HTTP, on loopback alone."""

from __future__ import annotations

import os
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from homeroom.clock import Clock
from homeroom.errors import BadInput
from homeroom.site import SiteSettings

from .collection import Collection
from .page import HEADERS, MAX_BODY, Page, Request, Response

HOST = "127.0.0.1"
PATIENCE = 10  # seconds for a request to come in


class _Handler(BaseHTTPRequestHandler):
    """Reads one bounded request and writes the page's answer."""

    server: LabelServer
    timeout = PATIENCE
    server_version, sys_version = "homeroom", ""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._write(Response(411, b"say how long it is"))
        elif len(length) > 9 or int(length) > MAX_BODY:
            self._write(Response(413, b"too large"))
        else:
            self._answer(self.rfile.read(int(length)))

    def log_message(self, *_: Any) -> None:
        """Nothing: the path holds the token."""

    def _answer(self, body: bytes) -> None:
        given = {name: self.headers.get(name, "") for name in ("Host", "Origin", "Content-Type")}
        asked = Request(self.command, self.path, given["Host"], given["Origin"], given["Content-Type"], body)
        self._write(self.server.page.answer(asked))

    def _write(self, made: Response) -> None:
        self.send_response(made.status)
        for name, value in {**HEADERS, "Content-Type": made.kind, "Content-Length": str(len(made.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(made.body)


class LabelServer(ThreadingHTTPServer):
    """Serves the page of a collection until there is none any more."""

    daemon_threads = True

    def __init__(self, collection: Collection, settings: SiteSettings, clock: Clock, port: int) -> None:
        """Listens at once, at any free port where `port` is 0. Raises BadInput where it cannot."""
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "this is no port"
            raise BadInput(f"--port {port}: cannot listen there: {why}; choose another") from None
        self.timeout = 1.0  # seconds from one look at the clock to the next
        self.page = Page(collection, settings, clock, secrets.token_urlsafe(32), self.server_port)

    def serve(self) -> None:
        """Answers until all frames are over; destroys each that is."""
        while self.page.collection.ids():
            self.handle_request()
            self.page.collection.expire()
        self.page.collection.expire()  # what was over since the last look

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no error of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
