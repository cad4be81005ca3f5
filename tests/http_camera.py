"""A real HTTP camera on this machine: it serves a JPEG behind a password, over TLS or not, well or badly."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np

from tests.lab import need

USER, PASSWORD, REALM = "Łukasz", "p@ss:w/rd", "Kamera für 7b"


@cache
def jpeg(width: int = 1920, height: int = 1080) -> bytes:
    """A picture of soft colors, darker at the left."""
    across = np.linspace(40, 215, width, dtype=np.float32)
    down = np.linspace(0, 255, height, dtype=np.float32)[:, None]
    picture = np.stack(
        [np.broadcast_to(across, (height, width)), np.broadcast_to(down, (height, width)), 255 - across + 0 * down],
        axis=2,
    )
    done, data = cv2.imencode(".jpg", picture.astype(np.uint8))
    assert done
    return data.tobytes()


class HttpCamera(ThreadingHTTPServer):
    """Serves `picture` at /snap.jpg. `asks` lists the challenges that it offers, `fault` names what goes wrong."""

    daemon_threads = True

    def __init__(self, *asks: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asks = asks
        self.picture = jpeg()
        self.fault = ""
        self.elsewhere = ""  # where a redirect leads
        self.scheme = "http"
        self.connections = 0
        self.requests: list[tuple[str, str]] = []  # path and Authorization
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Address of the picture."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}/snap.jpg"

    def process_request(self, request: object, client_address: object) -> None:
        self.connections += 1
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: who does not trust the certificate hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HttpCamera

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        said = self.headers.get("Authorization", "")
        self.server.requests.append((self.path, said))
        if self.server.asks and not any(self._opens(kind, said) for kind in self.server.asks):
            self._refuse()
            return
        with suppress(OSError):  # the client has had enough
            self._answer(self.server.fault)

    def _answer(self, fault: str) -> None:
        if fault.isdigit():
            self._send(int(fault), b"no")
        elif fault == "hung":
            self.server.over.wait(30)
        elif fault == "dripping headers":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        elif fault == "dripping body":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        elif fault == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.server.over.is_set():
                self.wfile.write(bytes(2**16))
        elif fault == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf")
            self.close_connection = True
        elif fault == "garbage":
            self.wfile.write(bytes(range(256)) * 4)
            self.close_connection = True
        elif fault == "gzip":
            self._send(200, b"\x1f\x8b", Content_Encoding="gzip")
        elif fault == "elsewhere" and self.path == "/snap.jpg":
            self._send(302, b"", Location=self.server.elsewhere)
        else:
            self._send(200, self.server.picture)
            self.close_connection = fault == "hangs up"  # without a word of it

    def _drip(self, head: bytes) -> None:
        self.wfile.write(head)
        while not self.server.over.wait(0.02):
            self.wfile.write(b"x")

    def _send(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refuse(self) -> None:
        self.send_response(401)
        for kind in self.server.asks:
            digest = f'Digest realm="{REALM}", nonce="n{kind}", qop="auth", algorithm={kind}'
            said = f'Basic realm="{REALM}"' if kind == "Basic" else digest
            self.send_header("WWW-Authenticate", said.encode().decode("latin-1"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _opens(self, kind: str, said: str) -> bool:
        """Whether an Authorization is right (RFC 7616 §3.4)."""
        scheme, _, rest = said.encode("latin-1").decode().partition(" ")
        if kind == "Basic":
            return scheme == "Basic" and b64decode(rest).decode() == f"{USER}:{PASSWORD}"
        fields = dict(item.split("=", 1) for item in rest.replace('"', "").split(", ")) if scheme == "Digest" else {}
        hashed = hashlib.sha256 if kind == "SHA-256" else hashlib.md5

        def h(*parts: str) -> str:
            return hashed(":".join(parts).encode()).hexdigest()

        if fields.get("algorithm") != kind or fields.get("nonce") != f"n{kind}":
            return False
        middle = (fields["nonce"], fields["nc"], fields["cnonce"], "auth")
        expected = h(h(USER, REALM, PASSWORD), *middle, h(self.command, self.path))
        return fields["response"] == expected and fields["uri"] == self.path


@contextmanager
def http_camera(
    *asks: str, certificate: Path | None = None, kind: Callable[..., HttpCamera] = HttpCamera
) -> Iterator[HttpCamera]:
    """A running camera that asks for a password by "SHA-256", "MD5" or "Basic"; over TLS with a PEM file."""
    with kind(*asks) as camera:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            camera.socket = context.wrap_socket(camera.socket, server_side=True, do_handshake_on_connect=False)
            camera.scheme = "https"
        thread = threading.Thread(target=camera.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield camera
        finally:
            camera.over.set()
            camera.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate with its key, in one PEM file, and its SHA-256."""

    path: Path
    fingerprint: str


def certificate(folder: Path, name: str, alternative: str = "IP:127.0.0.1") -> Certificate:
    """Made by openssl."""
    key, made, both = folder / f"{name}.key", folder / f"{name}.crt", folder / f"{name}.pem"
    kind = ["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run([need("openssl"), *kind, *names, *files], check=True, capture_output=True)
    both.write_bytes(made.read_bytes() + key.read_bytes())
    der = ssl.PEM_cert_to_DER_cert(made.read_text())
    return Certificate(both, hashlib.sha256(der).hexdigest())
