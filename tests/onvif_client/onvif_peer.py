"""A small ONVIF camera on this machine: made well or badly, with the faults that a test names."""

from __future__ import annotations

import hashlib
import threading
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from tests.http_camera import PASSWORD, REALM, USER, HttpCamera, _Handler, http_camera

SOAP = "http://www.w3.org/2003/05/soap-envelope"
TDS, TRT, TR2 = (f"http://www.onvif.org/ver{each}/wsdl" for each in ("10/device", "10/media", "20/media"))
PREFIX = {TDS: "tds", TRT: "trt", TR2: "tr2"}
FREE = {"GetSystemDateAndTime", "GetServices", "GetCapabilities"}
HEAD = (
    f'<e:Envelope xmlns:e="{SOAP}" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="{TDS}" '
    f'xmlns:trt="{TRT}" xmlns:tr2="{TR2}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>'
)
TAIL = "</e:Body></e:Envelope>"
BOMB = '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
ODD = {  # answers that a test names: status and body
    **{str(status): (status, b"<html><body>No such page</body></html>") for status in (404, 405, 503)},
    "web page": (200, b"<html><body>Log in</body></html>"),
    "bomb": (200, f"{BOMB}{HEAD}&c;&b;{TAIL}".encode()),
    "deep": (200, f"{HEAD}{'<a>' * 5000}{'</a>' * 5000}{TAIL}".encode()),
    "wide": (200, f"{HEAD}{'<a/>' * 60000}{TAIL}".encode()),
    "half": (200, HEAD.encode()),
    "other": (200, f"{HEAD}<tds:RebootResponse/>{TAIL}".encode()),
}


@dataclass(frozen=True)
class Video:
    """A profile of the camera; a profile without a source is one of sound or metadata."""

    token: str
    source: str = "source"
    width: int = 1920
    height: int = 1080
    encoding: str = "H264"


@dataclass
class Manner:
    """How the camera is. `faults` says by operation what goes wrong; `forbidden` names what the user may not do.

    `tokens` and `digest` say by what the user proves itself; `ahead` seconds is how far its clock is off, `claims` how
    far it says that it is. `host` is what it takes for its own address.
    """

    videos: tuple[Video, ...] = (Video("main"), Video("sub", width=640, height=360), Video("tiny", "source", 352, 288))
    media: tuple[str, ...] = (TR2, TRT)
    services: bool = True  # whether it knows GetServices
    tokens: bool = True
    digest: bool = True
    strict: bool = False  # asks for a password even for its time
    ahead: float = 0.0
    claims: float | None = None
    date: bool = True  # whether it sends a Date header
    host: str = ""
    stream_port: int = 554
    stream: str = ""  # in place of the address that it would tell
    forbidden: frozenset[str] = frozenset()
    faults: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        """By its own clock."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


class OnvifPeer(HttpCamera):
    """Serves SOAP besides pictures. `asked` counts operations; `proofs` passwords, right and wrong."""

    def __init__(self, *asks: str) -> None:
        super().__init__(*asks)
        self.RequestHandlerClass = _Soap
        self.manner = Manner()
        self.asked: Counter[str] = Counter()
        self.proofs: Counter[bool] = Counter()
        self.counting = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """As in a site manifest."""
        return f"onvif{'s' if self.scheme == 'https' else ''}://127.0.0.1:{self.port}"


class _Soap(_Handler):
    disable_nagle_algorithm = True
    server: OnvifPeer

    @property
    def manner(self) -> Manner:
        return self.server.manner

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.manner.now(), usegmt=True) if self.manner.date else "soon"

    def do_POST(self) -> None:  # noqa: N802
        envelope = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
        body = envelope.find(f"{{{SOAP}}}Body")
        assert body is not None
        asked = etree.QName(body[0])
        operation = asked.localname
        with self.server.counting:
            self.server.asked[operation] += 1
        with suppress(OSError):  # the client has had enough
            if not self._known(envelope) and (self.manner.strict or operation not in FREE):
                self._turn_away(envelope)
            elif operation in self.manner.forbidden:
                self._fault("NotAuthorized", 400)
            else:
                self._respond(operation, str(asked.namespace), body[0], self.manner.faults.get(operation, ""))

    def _known(self, envelope: etree._Element) -> bool:
        """Whether what came proves the password, by any way that this camera takes."""
        proofs = []
        said = self.headers.get("Authorization", "")
        if self.manner.digest and said:
            proofs.append(self._opens("MD5", said))
        token = envelope.find(".//{*}UsernameToken")
        if self.manner.tokens and token is not None:
            proofs.append(self._believes(token))
        if proofs:
            with self.server.counting:
                self.server.proofs[any(proofs)] += 1
        return any(proofs)

    def _believes(self, token: etree._Element) -> bool:
        def text(name: str) -> str:
            return token.findtext(f"{{*}}{name}") or ""

        created = text("Created")
        digest = hashlib.sha1(
            b64decode(text("Nonce")) + created.encode() + PASSWORD.encode(), usedforsecurity=False
        ).digest()
        off = abs((datetime.fromisoformat(created) - self.manner.now()).total_seconds())
        right = text("Password") == b64encode(digest).decode() and text("Username") == USER
        return right and off < 5 and created.endswith("Z")

    def _turn_away(self, envelope: etree._Element) -> None:
        """As Core §5.9.1 has it: a challenge for who shows nothing, a fault for who shows something wrong."""
        shows = envelope.find(".//{*}UsernameToken") is not None and self.manner.tokens
        if self.manner.digest and not shows:
            challenge = f'Digest realm="{REALM}", nonce="nMD5", qop="auth", algorithm=MD5'
            self._send(401, b"", WWW_Authenticate=challenge.encode().decode("latin-1"))
        else:
            self._fault("NotAuthorized", 400)

    def _fault(self, code: str, status: int) -> None:
        fault = (  # ter: is declared here and by some cameras nowhere
            f"<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:{code}</e:Value></e:Subcode></e:Code>"
            '<e:Reason><e:Text xml:lang="en">No.\nReally not.</e:Text></e:Reason></e:Fault>'
        )
        self._soap(fault, status)

    def _soap(self, content: str, status: int = 200) -> None:
        self._send(status, (HEAD + content + TAIL).encode(), Content_Type="application/soap+xml; charset=utf-8")

    def _respond(self, operation: str, namespace: str, request: etree._Element, fault: str) -> None:
        if fault in ODD:
            status, data = ODD[fault]
            self._send(status, data)
        elif fault == "hung":
            self.server.over.wait(30)
        elif fault in ("tls", "elsewhere"):
            self._send(302, b"", Location="https://127.0.0.1/" if fault == "tls" else "http://192.0.2.66/")
        elif fault == "dripping":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        elif fault == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.server.over.is_set():
                self.wfile.write(bytes(2**16))
        elif fault == "empty":
            self._soap(f"<{PREFIX[namespace]}:{operation}Response/>")
        elif fault:
            self._fault(fault, 500)
        else:
            content = getattr(self, f"_{operation}", self._unknown)(namespace, request)
            self._soap(f"<{PREFIX[namespace]}:{operation}Response>{content}</{PREFIX[namespace]}:{operation}Response>")

    def _unknown(self, _namespace: str, _request: etree._Element) -> str:
        raise AssertionError(f"nobody should ask a camera for {self.server.asked}")

    def _at(self, path: str) -> str:
        return f"{self.server.scheme}://{self.manner.host or f'127.0.0.1:{self.server.port}'}{path}"

    def _GetSystemDateAndTime(self, _namespace: str, _request: etree._Element) -> str:  # noqa: N802
        claims = self.manner.ahead if self.manner.claims is None else self.manner.claims
        at = datetime.now(UTC) + timedelta(seconds=claims)
        time = f"<tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute><tt:Second>{at.second}</tt:Second>"
        date = f"<tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day>"
        return (
            "<tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:UTCDateTime>"
            f"<tt:Time>{time}</tt:Time><tt:Date>{date}</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
        )

    def _GetServices(self, _namespace: str, _request: etree._Element) -> str:  # noqa: N802
        if not self.manner.services:
            return ""
        return "".join(
            f"<tds:Service><tds:Namespace>{each}</tds:Namespace><tds:XAddr>{self._at('/onvif/' + PREFIX[each])}"
            "</tds:XAddr><tds:Version><tt:Major>2</tt:Major></tds:Version></tds:Service>"
            for each in (TDS, *reversed(self.manner.media), "http://www.onvif.org/ver10/events/wsdl")
            if each in PREFIX
        )

    def _GetCapabilities(self, _namespace: str, _request: etree._Element) -> str:  # noqa: N802
        device, media = (f"<tt:XAddr>{self._at(path)}</tt:XAddr>" for path in ("/onvif/tds", "/onvif/trt"))
        told = f"<tt:Device>{device}</tt:Device>" + (
            f"<tt:Media>{media}</tt:Media>" if TRT in self.manner.media else ""
        )
        return f"<tds:Capabilities>{told}</tds:Capabilities>"

    def _GetDeviceInformation(self, _namespace: str, _request: etree._Element) -> str:  # noqa: N802
        return "<tds:Manufacturer>Acme</tds:Manufacturer><tds:Model>\tDome &#x85; 7</tds:Model>"

    def _GetProfiles(self, namespace: str, _request: etree._Element) -> str:  # noqa: N802
        return "".join(_profile2(each) if namespace == TR2 else _profile(each) for each in self.manner.videos)

    def _GetStreamUri(self, namespace: str, request: etree._Element) -> str:  # noqa: N802
        host = (self.manner.host or "127.0.0.1").partition(":")[0]
        token = request.findtext("{*}ProfileToken") or ""
        uri = self.manner.stream or f"rtsp://{host}:{self.manner.stream_port}/{token}?transport=tcp"
        return _uri(namespace, uri)

    def _GetSnapshotUri(self, namespace: str, _request: etree._Element) -> str:  # noqa: N802
        return _uri(namespace, self._at("/snap.jpg"))


def _uri(namespace: str, uri: str) -> str:
    inner = f"{escape(uri)}"
    if namespace == TR2:
        return f"<tr2:Uri>{inner}</tr2:Uri>"
    return f"<trt:MediaUri><tt:Uri>{inner}</tt:Uri><tt:Timeout>soon</tt:Timeout></trt:MediaUri>"


def _source(name: str, video: Video) -> str:
    if not video.source:
        return ""
    return f'<{name} token="vs"><tt:Name>VS</tt:Name><tt:SourceToken>{video.source}</tt:SourceToken></{name}>'


def _encoder(name: str, video: Video) -> str:
    size = f"<tt:Width>{video.width}</tt:Width><tt:Height>{video.height}</tt:Height>"
    # a real camera's order, a value that is none, an element of the maker's own and a type that nobody knows
    return (
        f'<{name} token="ve"><tt:Acme/><tt:Encoding>{video.encoding}</tt:Encoding>'
        f'<tt:Resolution xsi:type="tt:Acme">{size}</tt:Resolution><tt:Quality>best</tt:Quality>'
        f"<tt:RateControl><tt:FrameRateLimit>12.5</tt:FrameRateLimit></tt:RateControl></{name}>"
    )


def _profile(video: Video) -> str:
    configured = _source("tt:VideoSourceConfiguration", video) + _encoder("tt:VideoEncoderConfiguration", video)
    name = f"<tt:Name>{video.token} profile</tt:Name>"
    return f'<trt:Profiles token="{escape(video.token)}" fixed="true">{name}{configured}</trt:Profiles>'


def _profile2(video: Video) -> str:
    configured = _source("tr2:VideoSource", video) + _encoder("tr2:VideoEncoder", video)
    return (
        f'<tr2:Profiles token="{escape(video.token)}" fixed="true"><tr2:Name>{video.token} profile</tr2:Name>'
        f"<tr2:Configurations>{configured}<tr2:PTZ/></tr2:Configurations></tr2:Profiles>"
    )


@contextmanager
def onvif_peer(certificate: Path | None = None) -> Iterator[OnvifPeer]:
    """A running camera, over TLS with a PEM file."""
    with http_camera(certificate=certificate, kind=OnvifPeer) as camera:
        assert isinstance(camera, OnvifPeer)
        yield camera
