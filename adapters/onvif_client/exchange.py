"""What lies below zeep: HTTP with one camera, who asks, and answers that are safe to read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any, cast

from lxml import etree
from requests import Response

from homeroom.adapters.markup import Element, Malformed, parse
from homeroom.adapters.web import CameraSession
from homeroom.adapters.wire import Deadline
from homeroom.clock import Clock
from homeroom.errors import Unavailable

from .token import security

MAX_ANSWER = 2**20  # bytes; the profiles of a recorder with 32 cameras take some 300 KiB
MAX_ELEMENTS = 50_000
# What anybody may ask (PRE_AUTH, Core §5.9.4.3); many cameras want to know who asks all the same
_FREE = frozenset({"GetSystemDateAndTime", "GetServices", "GetCapabilities"})
_SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_REFUSED = frozenset({"NotAuthorized", "FailedAuthentication", "OperationProhibited"})  # Core §5.8.2, WS-Security §12
_REASON = 120  # characters of a fault's own words that are repeated
_SILENT = (
    "the camera answers, but not as an ONVIF device: switch ONVIF on in its settings, or correct port and path of "
    "its address"
)


class Refused(Unavailable):
    """The camera does not do this for this user."""


class Faulted(Unavailable):
    """The camera answers with a SOAP fault: it does not know the operation, or cannot do it."""


class Garbled(Unavailable):
    """The camera answers with what is no answer to the question."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks; an empty name for nobody."""

    username: str
    password: str = field(repr=False)


class Exchange:
    """Takes zeep's envelopes to a camera and brings back answers. Safe from any thread; one operation at a time.

    A UsernameToken goes along, and the session answers a Digest challenge besides. A camera that refuses both together
    is asked once more without the token; what it took then is kept to. What anybody may ask is asked by nobody first.
    A wrong password is shown twice at most before Refused is raised, and once with each operation after it: cameras
    lock an account after some five.
    """

    def __init__(self, session: CameraSession, login: Login, clock: Clock, until: Deadline) -> None:
        self._session, self._login, self._clock, self._until = session, login, clock, until
        self._token: bool | None = None  # whether to send one, once that is known
        self._turn = threading.Lock()
        self.offset: timedelta | None = None  # the camera's clock minus this machine's

    def post_xml(self, address: str, envelope: Element, headers: dict[str, str]) -> Any:
        """What zeep's Transport.post_xml does. Raises Unavailable: Refused, Faulted, or what went wrong on the way."""
        body = envelope.find(f"{_SOAP}Body")
        asked = "" if body is None else str(body[0].tag)
        with self._turn:
            root = self._answer(address, envelope, headers, free=asked.rpartition("}")[2] in _FREE)
        body = root.find(f"{_SOAP}Body")
        if body is None or len(body) == 0 or body[0].tag != f"{asked}Response":
            raise Garbled("the camera answers with something else: update its firmware")
        return SimpleNamespace(
            status_code=200,
            content=etree.tostring(root),
            headers={"Content-Type": "application/soap+xml"},
            encoding="utf-8",
        )

    def _answer(self, address: str, envelope: Element, headers: dict[str, str], *, free: bool) -> Element:
        for number, token in enumerate(self._ways(free=free)):
            sent = self._signed(envelope) if token else envelope
            answer = self._post(address, etree.tostring(sent, xml_declaration=True, encoding="utf-8"), headers)
            root = _accepted(answer)
            if root is not None:
                if number:
                    self._token = token
                return root
            if "Authorization" in answer.request.headers and (answer.status_code == 401 or not token):
                break  # it was not the token: the password is wrong, and each try brings a lock on the account nearer
        self._token = bool(self._login.username)
        raise Refused("the camera refuses the user name or password")

    def _ways(self, *, free: bool) -> Iterator[bool]:
        """Whether to send a token: first so, then otherwise."""
        if not self._login.username:
            yield False
        elif self._token is not None:
            yield self._token
        else:
            yield not free
            yield free

    def _signed(self, envelope: Element) -> Element:
        made = deepcopy(envelope)
        header = made.find(f"{_SOAP}Header")
        if header is None:
            header = etree.Element(f"{_SOAP}Header")
            made.insert(0, header)
        created = self._clock.now() + (self.offset or timedelta(0))
        header.append(security(self._login.username, self._login.password, created))
        return made

    def _post(self, address: str, data: bytes, headers: dict[str, str]) -> Response:
        before, until = self._clock.now(), cast(Any, self._until)  # the session's own kind of timeout
        answer = self._session.post(address, data, headers=headers, timeout=until, allow_redirects=False)
        if self.offset is None:
            self.offset = _dated(answer, before, self._clock.now())
        return answer


def _accepted(answer: Response) -> Element | None:
    """The root of an answer, or None for a refusal. Raises Unavailable for one that is neither."""
    if answer.status_code in {401, 403}:
        return None
    root = _read(answer)
    codes, reason = _fault(root)
    if _REFUSED & set(codes):
        return None
    if codes:
        raise Faulted(f"the camera says {codes[-1]} ({reason})" if reason else f"the camera says {codes[-1]}")
    return root


def _dated(answer: Response, before: datetime, after: datetime) -> timedelta | None:
    """A first idea of a camera's clock, for one that wants a token before it tells the time (RFC 9110 §6.6.1)."""
    try:
        said = parsedate_to_datetime(answer.headers.get("Date", ""))
        return said.replace(tzinfo=UTC) + timedelta(seconds=0.5) - (before + (after - before) / 2)
    except (TypeError, ValueError, OverflowError):
        return None


def _read(answer: Response) -> Element:
    """The root of an envelope. Raises Unavailable."""
    status = answer.status_code
    if 300 <= status < 400:
        tls = answer.headers.get("Location", "").lower().startswith("https:") and answer.url.startswith("http:")
        raise Unavailable(
            "the camera wants TLS: write its address as onvifs://"
            if tls
            else "the camera leads elsewhere: correct its address"
        )
    try:
        root = parse(answer.content)
    except Malformed as wrong:
        if status == 200 and answer.content.lstrip()[:1] == b"<" and b"<html" not in answer.content[:1024].lower():
            raise Unavailable(f"the camera's answer {wrong}: update its firmware") from None
        raise Unavailable(_SILENT) from None
    if root.tag != f"{_SOAP}Envelope":
        raise Unavailable(_SILENT)
    for count, element in enumerate(root.iter()):
        if count >= MAX_ELEMENTS:
            raise Unavailable(f"the camera's answer has more than {MAX_ELEMENTS} elements: update its firmware")
        for name in ("type", "nil"):  # would make zeep read it as something else
            element.attrib.pop(f"{_XSI}{name}", "")
    return root


def _fault(root: Element) -> tuple[list[str], str]:
    """Codes of a fault, outermost first and without prefixes, and its reason in the camera's words; none for none."""
    fault = root.find(f"{_SOAP}Body/{_SOAP}Fault")
    if fault is None:
        return [], ""
    code = fault.find(f"{_SOAP}Code")
    values = [] if code is None else list(code.iter(f"{_SOAP}Value"))
    codes = [printable((value.text or "").rpartition(":")[2]) for value in values]
    return codes or ["fault"], printable(fault.findtext(f"{_SOAP}Reason/{_SOAP}Text") or "")


def printable(text: str, most: int = _REASON) -> str:
    """A camera's words on one line, without control characters and not too long."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * most]).split())[:most]
