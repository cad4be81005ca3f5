"""The labelling page: what is answered to a request, as a pure function of it and of the collection.

Whoever knows the token sees children. So it is asked before anything else, and names of hosts and origins that are not
this very server's are turned away, lest a page elsewhere reaches it through the browser (DNS rebinding, CSRF).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from homeroom.behaviors import UNCERTAIN
from homeroom.clock import Clock
from homeroom.errors import BadInput
from homeroom.manifest import parse_json
from homeroom.site import SiteSettings

from .collection import Collection
from .marks import axes_of, checked

MAX_BODY = 2**20  # bytes of what is posted
_ASSETS = {
    "": ("page.html", "text/html; charset=utf-8"),
    "page.css": ("page.css", "text/css; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
}
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser asks. Headers that it left out are empty."""

    method: str
    path: str
    host: str
    origin: str = ""
    kind: str = ""  # content type
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What it gets; HEADERS go with each."""

    status: int
    body: bytes = field(default=b"", repr=False)
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one site, under one token, at one port of loopback. Safe from any thread."""

    collection: Collection
    settings: SiteSettings
    clock: Clock
    token: str
    port: int

    @property
    def address(self) -> str:
        """Where a person finds it."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def answer(self, request: Request) -> Response:
        """The answer to a request, be it from our page or from an enemy."""
        if request.host not in self._hosts:
            return _said(421, "not this server's name")
        token, _, rest = request.path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return _said(404, "nothing here")
        try:
            if request.method == "GET":
                return self._shown(rest)
            if request.method == "POST":
                return self._posted(rest, request)
        except BadInput as error:
            return _said(400, str(error))
        return _said(405, "GET or POST")

    @property
    def _hosts(self) -> Sequence[str]:
        return [f"{name}:{self.port}" for name in ("127.0.0.1", "localhost")]

    def _shown(self, rest: str) -> Response:
        if rest in _ASSETS:
            name, kind = _ASSETS[rest]
            return Response(200, files("homeroom").joinpath("label", name).read_bytes(), kind)
        if rest == "set":
            return _json(self._set())
        id_ = rest.removeprefix("frames/")
        if rest == id_ or id_ not in self.collection.ids():
            return _said(404, "no such frame: it expired, or was erased")
        return Response(200, self.collection.still(id_).jpeg, "image/jpeg")

    def _posted(self, rest: str, request: Request) -> Response:
        if request.origin not in [f"http://{host}" for host in self._hosts]:
            return _said(403, "not from this page")
        if request.kind.partition(";")[0].strip() != "application/json":
            return _said(415, "application/json alone")
        if len(request.body) > MAX_BODY:
            return _said(413, "too large")
        id_ = rest.removeprefix("frames/")
        if rest == id_ or id_ not in self.collection.ids():
            return _said(404, "no such frame: it expired, or was erased")
        try:
            document = parse_json(request.body.decode(), "labels")
        except UnicodeDecodeError:
            return _said(400, "labels: not UTF-8 text")
        self.collection.mark(id_, checked(document, axes_of(self.settings.vocabulary.axes)))
        return _json(self._left())

    def _set(self) -> dict[str, Any]:
        stills = sorted(self.collection.stills(), key=lambda one: (one.camera, one.utc))
        excluded = {camera.id: camera.exclude for _, camera in self.settings.cameras}
        shown = []
        for one in stills:
            made = self.collection.marks(one.id)
            shown.append(
                {
                    "id": one.id,
                    "room": one.room,
                    "camera": one.camera,
                    "utc": one.utc.isoformat(),
                    "width": one.width,
                    "height": one.height,
                    "exclude": excluded.get(one.camera, ()),
                    "done": bool(made and made.done),
                    "people": list(made.people if made else one.proposed),
                }
            )
        axes = axes_of(self.settings.vocabulary.axes)
        return {"site": self.settings.name, "axes": axes, "uncertain": UNCERTAIN, "frames": shown, **self._left()}

    def _left(self) -> dict[str, Any]:
        """How long the first frame still has, in seconds."""
        ends = self.collection.ends()
        return {"seconds": max(0, round((ends[0] - self.clock.now()).total_seconds())) if ends else 0}


def _said(status: int, text: str) -> Response:
    return Response(status, text.encode())


def _json(document: Any) -> Response:
    return Response(200, json.dumps(document).encode(), "application/json")
