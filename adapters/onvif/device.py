"""The ONVIF device: a sink from which a VMS fetches events as from a camera."""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import os
import re
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from homeroom.errors import BadInput, HomeroomError
from homeroom.event import Event
from homeroom.ports import Dedup, Receipt, Site
from homeroom.scene import Scene

from . import soap
from .auth import Account, Guard, Unauthorized
from .device_service import DeviceService
from .events import EventService
from .framing import Request
from .http import HttpServer, Response
from .media import MediaService
from .media2 import Media2Service
from .notices import Narrator
from .service import Access, Answer, Call, Table
from .soap import Fault
from .subscriptions import PullPoints

Result = TypeVar("Result")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,64}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_CONTENT = ("Content-Type", "application/soap+xml; charset=utf-8")
_START = 30.0  # seconds
_STOP = 5.0
_SECRET = {"type": "string", "minLength": 1}


class OnvifDevice:
    """Serves a site's cameras and events to ONVIF clients; one media profile per camera."""

    schema: ClassVar[Mapping[str, Any]] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "An ONVIF device, which a video management system adds like a camera.",
        "examples": [
            {
                "id": "device",
                "type": "onvif-device",
                "listen": "0.0.0.0:8080",
                "username": "vms",
                "password": {"env": "HOMEROOM_ONVIF_PASSWORD"},
            }
        ],
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "type"],
        "properties": {
            "type": {"description": "This adapter.", "examples": ["onvif-device"], "const": "onvif-device"},
            "id": {
                "description": "Id of the entry; with the site's it makes the device's serial number.",
                "examples": ["device"],
                "type": "string",
                "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
            },
            "listen": {
                "description": "Address and port to listen at; port 0 takes any free one.",
                "examples": ["127.0.0.1:8080", "0.0.0.0:8080", "[::]:8080"],
                "type": "string",
                "pattern": r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$",
                "default": "127.0.0.1:8080",
            },
            "username": {
                "description": "The account that the video management system uses.",
                "examples": ["vms"],
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "default": "homeroom",
            },
            "password": {
                "description": (
                    "Its password, best in ASCII: clients encode other letters differently. "
                    "Without one everybody on this machine may ask, and nobody else."
                ),
                "examples": [{"env": "HOMEROOM_ONVIF_PASSWORD"}, {"file": "/etc/homeroom/onvif.pw"}],
                "oneOf": [
                    {"const": ""},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["env"],
                        "properties": {"env": _SECRET},
                    },
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["file"],
                        "properties": {"file": _SECRET},
                    },
                ],
                "default": "",
            },
            "alias": {
                "description": "Whether events also come on the standard topics that every system knows.",
                "examples": [True],
                "type": "boolean",
                "default": True,
            },
            "clock_window": {
                "description": "Seconds by which a client's clock may be off when it proves its password.",
                "examples": [300],
                "type": "number",
                "minimum": 5,
                "maximum": 86400,
                "default": 300,
            },
        },
    }

    def __init__(self, settings: Mapping[str, Any], /) -> None:
        """Settings as in `schema`, the password itself in its place. Raises BadInput."""
        self._name = str(settings["id"])
        self._host, self._wanted_port = _listen(self._name, str(settings.get("listen", "127.0.0.1:8080")))
        self._account = Account(str(settings.get("username", "homeroom")), str(settings.get("password", "")))
        self._alias = bool(settings.get("alias", True))
        self._window = timedelta(seconds=float(settings.get("clock_window", 300)))
        if self._account.open and not _is_loopback(self._host):
            raise BadInput(
                f"{self._name}: {self._host} can be reached from other machines: set a password, or listen at 127.0.0.1"
            )
        self.host, self.port = "", 0
        self._site: Site | None = None
        self._server: HttpServer | None = None
        self._points: PullPoints | None = None
        self._narrator: Narrator | None = None
        self._pool: ThreadPoolExecutor | None = None

    @property
    def name(self) -> str:
        """Id in the site manifest."""
        return self._name

    @property
    def dedup(self) -> Dedup:
        """A repeat carries the same EventId."""
        return "key"

    @property
    def address(self) -> str:
        """Host and port at which it listens, as in a URL; "" before `start`."""
        return _joined(self.host, self.port) if self.host else ""

    def check(self) -> str:
        """Says where it would listen. Raises BadInput where it cannot."""
        self._bind().close()
        return f"would listen on {self._where()}"

    def start(self, site: Site) -> None:
        """Listens; `host`, `port` and `address` say where. Not to be called on the site's own loop. Raises BadInput."""
        listening = self._bind()
        self.host, self.port = listening.getsockname()[:2]
        self._site = site
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"onvif-{self._name}")
        starting = asyncio.run_coroutine_threadsafe(self._start(site, listening), site.loop)
        try:
            starting.result(_START)
        except BaseException:
            starting.cancel()
            listening.close()
            self.close()
            raise

    def describe(self, scene: Scene) -> None:
        """Scenes are not told yet: there is no metadata stream."""

    def notify(self, event: Event) -> Receipt:  # noqa: ARG002
        """The event is in the site's log already, from which clients pull; this wakes those that wait."""
        if self._site is not None and self._points is not None:
            self._site.loop.call_soon_threadsafe(self._points.wake)
        return Receipt()

    def reconfigured(self) -> None:
        """Cameras, places and topics are others: says so from now on. Connections and pull points stay."""
        site, points = self._site, self._points
        if site is not None and points is not None:
            narrator = self._narrator = Narrator(site.behaviors, site.places, alias=self._alias, former=self._narrator)
            asyncio.run_coroutine_threadsafe(points.reword(narrator), site.loop).result(_START)

    def close(self) -> None:
        """Stops listening and ends every connection; pull points stay remembered. Safe to call twice."""
        site, server, pool = self._site, self._server, self._pool
        self._server = self._pool = self._points = None
        if site is not None and server is not None and site.loop.is_running():
            asyncio.run_coroutine_threadsafe(server.close(), site.loop).result(_STOP)
        if pool is not None:
            pool.shutdown()

    # On the loop.

    async def _start(self, site: Site, listening: socket.socket) -> None:
        narrator = self._narrator = Narrator(site.behaviors, site.places, alias=self._alias)
        points = PullPoints(site, self._name, narrator, self._ask)
        await points.restore()
        table = {
            **DeviceService(site, self._name, self._account.username, self.port).operations(),
            **MediaService(site).operations(),
            **Media2Service(site).operations(),
            **EventService(site, points).operations(),
        }
        desk = _Desk(Guard(self._account, site.now, self._window), table, narrator.catalog.namespaces)
        server = HttpServer(desk.serve)
        await server.start(listening)
        self._server, self._points = server, points

    async def _ask(self, call: Callable[..., Result], *arguments: object) -> Result:
        """Calls the site in a thread, for it may read or write a file; one after the other, as asked."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, call, *arguments)

    def _bind(self) -> socket.socket:
        """A socket that listens where the settings say. Raises BadInput."""
        try:
            return socket.create_server(
                (self._host, self._wanted_port),
                family=socket.AF_INET6 if ":" in self._host else socket.AF_INET,
                dualstack_ipv6=self._host == "::" and socket.has_dualstack_ipv6(),
                backlog=128,
            )
        except OSError as wrong:
            why = os.strerror(wrong.errno) if wrong.errno and wrong.errno > 0 else wrong
            raise BadInput(
                f"{self._name}: cannot listen on {self._where()}: {why}; choose another address or port"
            ) from None

    def _where(self) -> str:
        return _joined(self._host, self._wanted_port)


class _Desk:
    """Takes HTTP requests to the operation that they ask for."""

    def __init__(self, guard: Guard, table: Table, namespaces: Mapping[str, str]) -> None:
        self._guard, self._table, self._namespaces = guard, table, namespaces

    async def serve(self, request: Request) -> Response:
        """The answer to any request."""
        refused = self._turned_away(request)
        if refused is not None:
            return refused
        message: soap.Message | None = None
        try:
            message = soap.read(request.body)
            answer = await self._answer(request, message)
            return self._response(200, answer.body, soap.reply_headers(message), answer)
        except Unauthorized as wrong:
            challenges = self._guard.http.challenges(stale=wrong.stale)
            return Response(401, headers=tuple(("WWW-Authenticate", one) for one in challenges))
        except Fault as fault:
            return self._refusal(fault, message)
        except HomeroomError:
            return self._refusal(Fault("Receiver", "ter:Action", reason="The store does not answer now"), message)

    def _turned_away(self, request: Request) -> Response | None:
        """The answer to what is no operation at all."""
        if not request.path.startswith("/onvif/"):
            return Response(404)
        if request.method != "POST":
            return Response(405, headers=(("Allow", "POST"),))
        if self._guard.open and not _from_here(request):
            return Response(403)
        return None

    async def _answer(self, request: Request, message: soap.Message) -> Answer:
        operation = self._table.get(message.operation)
        user = ""
        if operation is None or operation.access is not Access.PRE_AUTH:
            authorization = request.headers.get("authorization", "")
            user = self._guard.admit(authorization, request.method, request.target, message.token)
        if operation is None:
            raise Fault("Receiver", "ter:ActionNotSupported", reason="Optional Action Not Implemented")
        made = operation.handler(Call(message, request.path, _base(request), user))
        if inspect.isawaitable(made):
            return await made
        return Answer(made)

    def _refusal(self, fault: Fault, message: soap.Message | None) -> Response:
        headers = [soap.el("wsa:Action", soap.FAULT_ACTION)] if fault.addressed else []
        if message is not None and message.message_id:
            headers.append(soap.el("wsa:RelatesTo", message.message_id))
        return self._response(fault.status, soap.fault_body(fault), headers)

    def _response(
        self, status: int, body: soap.Element, headers: list[soap.Element], answer: Answer | None = None
    ) -> Response:
        document = soap.envelope(body, headers, self._namespaces)
        return Response(status, document, (_CONTENT,), answer.receipt if answer else None)


def _from_here(request: Request) -> bool:
    """Whether a program on this machine asks, and no page in a browser on it.

    A page's name may be made to mean 127.0.0.1 (DNS rebinding), and then it stands in Host; what it sends elsewhere
    bears an Origin.
    """
    host = request.headers.get("host", "127.0.0.1").rsplit(":", 1)[0].strip("[]")
    return "origin" not in request.headers and (host == "localhost" or _is_loopback(host))


def _base(request: Request) -> str:
    """Our address as the client sees it: from its Host header where that is one, else our end of the connection."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        host = _joined(*request.local)
    return f"http://{host}"


def _listen(name: str, text: str) -> tuple[str, int]:
    """Host and port of a listen address. Raises BadInput."""
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise BadInput(f"{name}: listen is {text!r}; it must be an address and a port, as in 127.0.0.1:8080")
    host = host.removeprefix("[").removesuffix("]")
    return "127.0.0.1" if host == "localhost" else host, int(port)


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
