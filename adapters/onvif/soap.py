"""SOAP 1.2 as ONVIF speaks it: reading what an enemy may have sent, building answers with literal prefixes.

Clients exist that look for `tns1:` and `tt:` as text, so every prefix below stands on the wire as it stands here.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lxml import etree

from homeroom.adapters import markup

NAMESPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "wsrf-bf": "http://docs.oasis-open.org/wsrf/bf-2",
    "wsrf-r": "http://docs.oasis-open.org/wsrf/r-2",
    "tns1": "http://www.onvif.org/ver10/topics",
    "ter": "http://www.onvif.org/ver10/error",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
FAULT_ACTION = "http://www.w3.org/2005/08/addressing/soap/fault"  # Core §9.9
Element = markup.Element
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
_DURATION = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_TOKEN_TEXT = 256  # longest header value that is looked at


class Fault(Exception):
    """A SOAP fault to answer with. `addressed` faults carry the wsa:Action that event clients ask for."""

    def __init__(
        self, code: str, *subcodes: str, reason: str, detail: Element | None = None, addressed: bool = False
    ) -> None:
        super().__init__(reason)
        self.code, self.subcodes, self.reason, self.detail, self.addressed = code, subcodes, reason, detail, addressed

    @property
    def status(self) -> int:
        """HTTP status that goes with it."""
        return 400 if self.code == "Sender" else 500  # SOAP 1.2 part 2 §7.4.2


def invalid(reason: str, *subcodes: str) -> Fault:
    """The fault for an argument that cannot be used."""
    return Fault("Sender", "ter:InvalidArgVal", *subcodes, reason=reason)


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """WS-Security UsernameToken as sent, not yet believed."""

    username: str
    password: str = field(repr=False)
    digest: bool
    nonce: bytes = field(repr=False)
    created: str


@dataclass(frozen=True, slots=True)
class Message:
    """A request: its operation's element, and what its header says."""

    body: Element
    action: str = ""
    message_id: str = ""
    token: UsernameToken | None = None

    @property
    def operation(self) -> str:
        """Name of the operation in Clark notation: {namespace}local."""
        return str(self.body.tag)


def clark(name: str) -> str:
    """`tt:Name` as {namespace}Name; a name without prefix as it is."""
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local


def plain(value: object) -> str:
    """A value in XML's lexical form, without the characters that XML forbids."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _UNFIT.sub("\ufffd", str(value))


def el(
    name: str, *content: Element | str | float | None, attributes: Mapping[str, object] | None = None, **more: object
) -> Element:
    """An element by prefixed name; content is text or children (None is left out), the rest attributes."""
    prefix = name.rpartition(":")[0]
    made = etree.Element(clark(name), nsmap={prefix: NAMESPACES[prefix]} if prefix else None)
    for key, value in {**(attributes or {}), **more}.items():
        made.set(clark(key), plain(value))
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif part is not None:
            made.text = plain(part)
    return made


def moment(utc: datetime) -> str:
    """xs:dateTime in UTC with Z."""
    exact = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return utc.astimezone(UTC).isoformat(timespec=exact).replace("+00:00", "Z")


def read_duration(text: str) -> timedelta:
    """An xs:duration that is not negative; a year counts 365 days, a month 30. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise ValueError(f"not a duration: {text[:40]!r}")
    years, months, days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=365 * years + 30 * months + days, hours=hours, minutes=minutes, seconds=seconds)


def read_moment(text: str) -> datetime:
    """An xs:dateTime as aware UTC; without a zone it is taken for UTC. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError as wrong:
        raise ValueError(f"not a time: {text[:40]!r}") from wrong


def text_of(parent: Element, path: str, default: str = "") -> str:
    """Stripped text of a descendant given as `tev:Timeout` (steps joined by /), or the default."""
    found = parent.find("/".join(clark(step) for step in path.split("/")))
    return default if found is None else (found.text or "").strip()


def parse(raw: bytes) -> Element:
    """The root element of a request. Raises Fault."""
    try:
        return markup.parse(raw)
    except markup.Malformed as wrong:
        raise Fault("Sender", "ter:WellFormed", reason=f"Request {wrong}") from None


def read(raw: bytes) -> Message:
    """Reads a request's envelope. Raises Fault."""
    root = parse(raw)
    if root.tag != clark("s:Envelope"):
        if str(root.tag).endswith("}Envelope"):
            raise Fault("VersionMismatch", reason="Only SOAP 1.2 is spoken here")
        raise Fault("Sender", "ter:WellFormed", reason="Request is no SOAP envelope")
    body = root.find(clark("s:Body"))
    if body is None or len(body) == 0:
        raise Fault("Sender", "ter:WellFormed", reason="Request has an empty body")
    header = root.find(clark("s:Header"))
    if header is None:
        return Message(body[0])
    return Message(body[0], _entry(header, "Action"), _entry(header, "MessageID"), _token(header))


def _entry(header: Element, local: str) -> str:
    """A WS-Addressing header, whatever the version of its namespace; "" where absent or too long."""
    value = (header.findtext(f"{{*}}{local}") or "").strip()
    return value if len(value) <= _TOKEN_TEXT else ""


def _token(header: Element) -> UsernameToken | None:
    token = header.find("{*}Security/{*}UsernameToken")
    if token is None:
        return None
    password = token.find("{*}Password")
    try:
        nonce = b64decode((token.findtext("{*}Nonce") or "")[:_TOKEN_TEXT].strip(), validate=True)
    except (binascii.Error, ValueError):
        nonce = b""  # as good as none: refused later
    return UsernameToken(
        username=token.findtext("{*}Username") or "",
        password="" if password is None else password.text or "",
        digest=password is not None and password.get("Type", "").endswith("#PasswordDigest"),
        nonce=nonce,
        created=(token.findtext("{*}Created") or "")[:_TOKEN_TEXT].strip(),
    )


def envelope(body: Element, headers: Iterable[Element] = (), more: Mapping[str, str] | None = None) -> bytes:
    """The document around an answer. Every prefix is declared at its root, since texts in it use them too."""
    root = etree.Element(clark("s:Envelope"), nsmap={**NAMESPACES, **(more or {})})
    above = list(headers)
    if above:
        etree.SubElement(root, clark("s:Header")).extend(above)
    etree.SubElement(root, clark("s:Body")).append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def reply_headers(request: Message) -> list[Element]:
    """WS-Addressing headers of an answer, for clients that sent theirs."""
    made = []
    if request.action:
        made.append(el("wsa:Action", request.action.removesuffix("Request") + "Response"))
    if request.message_id:
        made.append(el("wsa:RelatesTo", request.message_id))
    return made


def fault_body(fault: Fault) -> Element:
    """The s:Fault element."""
    code = el("s:Code", el("s:Value", f"s:{fault.code}"))
    parent = code
    for subcode in fault.subcodes:
        inner = el("s:Subcode", el("s:Value", subcode))
        parent.append(inner)
        parent = inner
    return el(
        "s:Fault",
        code,
        el("s:Reason", _reason(fault.reason)),
        None if fault.detail is None else el("s:Detail", fault.detail),
    )


def _reason(text: str) -> Element:
    made = el("s:Text", text)
    made.set(_LANG, "en")
    return made
