"""HTTP(S) to one camera: bounded in time and size, TLS verified, and every error one line that names the cure."""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException, RemoteDisconnected
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from homeroom.errors import BadInput, Denied, Unavailable

from .challenge import CameraAuth
from .settings import number, place
from .wire import Deadline, Lines, pools

MAX_BODY = 16 * 2**20  # bytes; a JPEG of 8 Mpixel at the best quality takes some 8 MiB
MAX_REDIRECTS = 3
_PIECE = 256 * 2**10  # bytes
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}")


class CameraSession(requests.Session):
    """An HTTP session with one camera and with nobody else. Used by one thread at a time; close() by any.

    Each request has one time limit for all that it takes (but for looking up a host's name), redirects and passwords
    included. Proxies, cookies and netrc of the environment count for nothing. What goes wrong on the way is
    Unavailable; what the camera answers is the caller's, see `refusal`. It fits zeep's Transport(session=...).
    """

    def __init__(self, camera: str, settings: Mapping[str, Any], address: str, *, limit: int = MAX_BODY) -> None:
        """Settings username, password, timeout, ca and fingerprint; `address` begins with http:// or https://.

        `limit` is the largest answer in bytes. Raises BadInput; no network yet.
        """
        super().__init__()
        parts = place(camera, address, ("http", "https"))
        self._camera = camera
        self._secure, self._host = parts.scheme == "https", parts.hostname
        self._timeout = number(camera, settings, "timeout", 10, largest=600)
        self._lines = Lines()
        self.trust_env = False
        self.max_redirects = MAX_REDIRECTS
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # a camera could fill the jar without end
        # A compressed answer would be as large as its sender likes.
        self.headers.update({"User-Agent": "Homeroom", "Accept-Encoding": "identity"})
        username, password = str(settings.get("username") or ""), str(settings.get("password") or "")
        if not username.isprintable():
            raise BadInput(f"{camera}: the user name has characters that cannot be sent: correct it")
        if username:
            self.auth = CameraAuth(camera, username, password)
        fingerprint = str(settings.get("fingerprint") or "")
        self.verify = not fingerprint
        context = trust(camera, settings)
        self.adapters.clear()
        self.mount("http://", _Adapter(self._lines, limit))
        self.mount(
            "https://", _Adapter(self._lines, limit, ssl_context=context, assert_fingerprint=fingerprint or None)
        )

    def read(self, url: str, timeout: float) -> requests.Response:
        """The whole answer to a GET, within `timeout` seconds. Raises Unavailable, or Denied for a wrong password."""
        answer = self.get(url, timeout=timeout)
        refused = refusal(answer)
        if refused is not None:
            raise refused
        return answer

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As in requests. Raises Unavailable for whatever goes wrong on the way."""
        self._allowed(str(request.url))
        timeout = kwargs.get("timeout") or self._timeout
        kwargs["timeout"] = timeout if isinstance(timeout, Deadline) else Deadline.after(float(timeout))
        try:
            return super().send(request, **kwargs)
        except requests.RequestException as error:
            raise Unavailable(_reason(error, self._host or "", kwargs["timeout"].seconds)) from None

    def close(self) -> None:
        """Hangs up, for good; a waiting call ends at once."""
        self._lines.cut()
        super().close()

    def _allowed(self, url: str) -> None:
        """Password and trust are this camera's: wherever it leads, we go nowhere else."""
        parts = urlsplit(url)
        if parts.hostname != self._host:
            raise Unavailable("the camera leads to another host: correct its address")
        if self._secure and parts.scheme != "https":
            raise Unavailable("the camera leads from https to plain http: correct its address")


class _Adapter(HTTPAdapter):
    """Sends one request and reads the whole answer, by a deadline."""

    def __init__(self, lines: Lines, limit: int, **tls: Any) -> None:
        self._lines, self._limit, self._tls = lines, limit, tls
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **_: Any) -> None:
        """The pools of our own connections."""
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **self._tls)
        self.poolmanager.pool_classes_by_scheme = pools(self._lines)

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Leaves trust to our own context: requests would add the authorities that it ships."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  as in requests
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """`timeout` is a Deadline. A camera may have hung up on an idle connection: then once more, on a new one."""
        deadline: Deadline = timeout
        host = urlsplit(str(request.url)).hostname or ""
        for last in (False, True):
            try:
                left = Timeout(total=deadline.left())
                answer = super().send(request, True, left, verify, cert, proxies)  # type: ignore[arg-type] # noqa: FBT003
                answer.raw = io.BytesIO(self._body(answer))
            except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
                if self._lines.closed:
                    raise Unavailable("the connection was closed") from None
                if last or not any(isinstance(each, RemoteDisconnected) for each in causes(error)):
                    raise Unavailable(_reason(error, host, deadline.seconds)) from None
            else:
                return answer
        raise AssertionError("the second try returns or raises")

    def _body(self, answer: requests.Response) -> bytes:
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            answer.raw.close()
            raise Unavailable("the camera sends compressed what was asked for as it is: correct its address")
        data = bytearray()
        while piece := answer.raw.read(_PIECE, decode_content=False):
            data += piece
            if len(data) > self._limit:
                answer.raw.close()
                raise Unavailable(f"the camera sends more than {self._limit / 2**20:g} MiB: correct its address")
        if self._lines.closed:  # what was cut looks like an end
            raise Unavailable("the connection was closed")
        return bytes(data)


def trust(camera: str, settings: Mapping[str, Any]) -> ssl.SSLContext:
    """Whose certificates count: the site's `ca`, else the system's authorities. A `fingerprint` is checked elsewhere.

    Raises BadInput for settings that cannot work.
    """
    ca, fingerprint = settings.get("ca"), str(settings.get("fingerprint") or "")
    if ca and fingerprint:
        raise BadInput(f"{camera}: `ca` and `fingerprint` exclude each other: leave one out")
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        raise BadInput(f"{camera}: fingerprint must be a SHA-256, 32 bytes in hexadecimal")
    try:
        context = ssl.create_default_context(cafile=str(Path(ca)) if ca else None)
    except ssl.SSLError as error:
        raise BadInput(f"{camera}: {ca} holds no certificate in PEM form: correct `ca`") from error
    except OSError as error:
        raise BadInput(f"{camera}: {ca} cannot be read: {error.strerror}; correct `ca`") from error
    if fingerprint:  # one certificate and no other: its name and who signed it add nothing
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # what cameras make for themselves seldom has all extensions
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the file may hold the camera's own certificate
    return context


def refusal(answer: requests.Response) -> Unavailable | None:
    """What an answer says is wrong; None for a 200."""
    status = answer.status_code
    if status == 200:
        return None
    if status in {401, 403}:
        return Denied("the camera refuses the user name or password: correct them in the site manifest")
    if status == 404:
        return Unavailable("the camera knows no such address: correct the path")
    if status >= 500:
        return Unavailable(f"the camera fails to answer (HTTP status {status}): restart it if that stays so")
    return Unavailable(f"the camera refuses the request (HTTP status {status}): correct its address")


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it wraps; requests wraps urllib3, which wraps what happened."""
    waiting: list[Any] = [error]
    seen = set[int]()
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [getattr(each, "reason", None), each.__cause__, each.__context__, *each.args]


def _reason(error: BaseException, host: str, seconds: float) -> str:
    """What went wrong, without the URL that the libraries' own texts name."""
    for kind, text in _REASONS:
        if any(kind(each) for each in causes(error)):
            return text.format(host=host, seconds=seconds)
    return f"{host} broke off, or does not speak HTTP"


def _unverified(*codes: int) -> Callable[[BaseException], bool]:
    def kind(error: BaseException) -> bool:
        return isinstance(error, ssl.SSLCertVerificationError) and (not codes or error.verify_code in codes)

    return kind


def _is(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, kinds)


# Of OpenSSL's x509_vfy.h: X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED; _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_REASONS: tuple[tuple[Callable[[BaseException], bool], str], ...] = (
    (_unverified(9, 10), "the certificate of {host} is not valid at this time: renew it, or set the clocks right"),
    (
        _unverified(62, 64),
        "the certificate of {host} is for another name: use that in the address, or give its `fingerprint`",
    ),
    (
        _unverified(),
        "the certificate of {host} is not trusted: name its authority's file in `ca`, or give its `fingerprint`",
    ),
    (
        lambda error: "Fingerprints did not match" in str(error),
        "the certificate of {host} is not the one of `fingerprint`: find out why before you change it",
    ),
    (_is(TimeoutError, requests.Timeout), "{host} did not answer within {seconds:.3g} s"),
    (_is(ssl.SSLError), "{host} does not speak TLS 1.2 or later there: correct the port, or update its firmware"),
    (_is(socket.gaierror), "nobody knows the name {host}: correct the address"),
    (_is(ConnectionRefusedError), "{host} refuses the connection: is the camera on, and the port right?"),
    (_is(requests.TooManyRedirects), "{host} leads around in circles: correct the address"),
)
