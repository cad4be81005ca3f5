"""The password of one camera over HTTP: by Digest (RFC 7616) where it is offered, else by Basic (RFC 7617)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.request import parse_http_list

from requests import PreparedRequest, Response
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

log = logging.getLogger(__name__)

_ALGORITHMS = ("SHA-256", "MD5", "MD5-SESS")  # what we answer by, the best first
_BEGINNING = re.compile(r"([A-Za-z0-9-]+)(?:\s+([A-Za-z-]+\s*=.*))?$", re.DOTALL)  # "Digest realm=..." or "Negotiate"


def challenges(header: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Scheme (lower case) and parameters of each challenge in a WWW-Authenticate header, several joined by commas."""
    scheme, items = "", list[str]()
    for item in parse_http_list(header):
        beginning = _BEGINNING.match(item)
        if beginning is None:
            items.append(item)
            continue
        if scheme:
            yield scheme, _parameters(items)
        scheme, items = beginning[1].lower(), [beginning[2]] if beginning[2] else []
    if scheme:
        yield scheme, _parameters(items)


def _parameters(items: list[str]) -> Mapping[str, str]:
    pairs = (item.partition("=") for item in items)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def digest(header: str) -> str:
    """The best Digest challenge that can be answered, by itself; empty where there is none."""
    best, rank = "", len(_ALGORITHMS)
    for scheme, said in challenges(header):
        algorithm = said.get("algorithm", "MD5").upper()
        qop = [each.strip() for each in said.get("qop", "auth").split(",")]
        whole = {"realm", "nonce"} <= set(said) and all(map(_plain, (*said, *said.values())))
        if scheme == "digest" and algorithm in _ALGORITHMS[:rank] and "auth" in qop and whole:
            rank = _ALGORITHMS.index(algorithm)
            best = "Digest " + ", ".join(f'{name}="{value}"' for name, value in said.items())
    return best


def _plain(word: str) -> bool:
    """Whether a word stays one between quotation marks, in a header line."""
    return word.isprintable() and not {'"', "\\"} & set(word)


class CameraAuth(HTTPDigestAuth):
    """Answers a camera's challenge.

    Decision: Basic is answered only where Digest was never offered, over plain HTTP with a warning. Objective: the
    many cameras that know nothing else work, and none that knows Digest is talked out of it later. Alternatives:
    Basic over TLS alone (RTSP would send the same password in plain all the same).
    """

    def __init__(self, camera: str, username: str, password: str) -> None:
        super().__init__(username, password)
        self._camera = camera
        self._basic = HTTPBasicAuth(username.encode(), password.encode())
        self._plain = False  # the camera wants Basic and nothing else
        self._digested = False  # it offered Digest once

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Adds what the camera asked for last time, and answers what it asks for this time."""
        asking: PreparedRequest = super().__call__(r)  # type: ignore[no-untyped-call]
        return self._basic(asking) if self._plain else asking

    def build_digest_header(self, method: str, url: str) -> str | None:
        """The answer; what is beyond ASCII in it goes as UTF-8, which http.client takes for Latin-1."""
        made: str | None = super().build_digest_header(method, url)  # type: ignore[no-untyped-call]
        return made and made.encode().decode("latin-1")

    def handle_401(self, r: Response, **kwargs: Any) -> Response:
        """Sends the request again with the answer to its challenge; the refusal itself where there is none."""
        offered = r.headers.get("www-authenticate", "") if r.status_code == 401 else ""
        offered = offered.encode("latin-1", "replace").decode("utf-8", "replace")  # http.client takes it for Latin-1
        chosen = digest(offered)
        r.headers["www-authenticate"] = chosen
        self._digested = self._digested or bool(chosen)
        if self._digested or self._plain or "basic" not in dict(challenges(offered)):
            self._plain = self._plain and not chosen
            answer: Response = super().handle_401(r, **kwargs)  # type: ignore[no-untyped-call]
            if answer.status_code == 401:  # refused: the next request would show the wrong proof before it is asked
                self._thread_local.last_nonce = ""  # type: ignore[attr-defined]  # set by requests, by then
            return answer
        self._plain = True
        again = self._basic(r.request.copy())
        if str(again.url).startswith("http:"):
            log.warning("%s: the camera takes the password in plain text only: use https where it can", self._camera)
        answer = r.connection.send(again, **kwargs)
        answer.history.append(r)
        answer.request = again
        return answer
