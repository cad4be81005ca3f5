"""Who may ask: HTTP Digest (RFC 7616: MD5, SHA-256) and WS-UsernameToken, as Core §5.9 orders them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from .soap import Fault, UsernameToken, read_moment

REALM = "homeroom"
ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}  # in the order offered: ONVIF's default first (Core §5.9.3)
NONCE_LIFE = timedelta(minutes=5)
_PART = re.compile(r'([A-Za-z0-9*_-]{1,32})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_MOST = 65536  # uses remembered at once


class Unauthorized(Exception):
    """Answer 401. `stale`: the password was right, the nonce too old or used; a client tries again by itself."""

    def __init__(self, *, stale: bool = False) -> None:
        super().__init__("credentials are missing or wrong")
        self.stale = stale


@dataclass(frozen=True, slots=True)
class Account:
    """The one user. Without a password everybody is that user."""

    username: str
    password: str = field(repr=False)

    @property
    def open(self) -> bool:
        """Whether no credentials are asked for."""
        return not self.password


class Used:
    """What was used once and must not be used again, until its time is over.

    Bounded: past the bound the oldest are forgotten, and whatever is as old as those is taken for used.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._made: dict[str, datetime] = {}
        self._floor = datetime.min.replace(tzinfo=UTC)

    def first(self, what: str, made: datetime, keep_after: datetime) -> bool:
        """Whether this is the first use of `what`, made at `made`; forgets all that was made before `keep_after`."""
        if what in self._made or made <= self._floor:
            return False
        self._made[what] = made
        if len(self._made) > self._most:
            self._forget(keep_after)
        return True

    def _forget(self, keep_after: datetime) -> None:
        """Drops what ran out, or else the older half."""
        self._made = {what: made for what, made in self._made.items() if made >= keep_after}
        if len(self._made) > self._most:
            self._floor = sorted(self._made.values())[self._most // 2]
            self._made = {what: made for what, made in self._made.items() if made > self._floor}


class HttpDigest:
    """Checks Authorization headers. Nonces carry their own time and seal, so that none need be kept before use."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._key = secrets.token_bytes(32)
        self._used = Used()

    def challenges(self, *, stale: bool = False) -> list[str]:
        """Values of the WWW-Authenticate headers, one per algorithm."""
        made = f"{int(self._now().timestamp() * 1000):x}.{secrets.token_hex(8)}"
        nonce = f"{made}.{self._seal(made)}"
        tail = ", stale=true" if stale else ""
        return [
            f'Digest realm="{REALM}", qop="auth", algorithm={algorithm}, nonce="{nonce}"{tail}'
            for algorithm in ALGORITHMS
        ]

    def check(self, authorization: str, method: str, target: str) -> None:
        """Raises Unauthorized unless the header proves the account's password for this request."""
        scheme, _, rest = authorization.partition(" ")
        parts = _parts(rest) if scheme.lower() == "digest" else None
        if parts is None or not self._proves(parts, method, target):
            raise Unauthorized
        issued = self._issued(parts["nonce"])
        if issued is None:
            raise Unauthorized(stale=True)
        use = f"{parts['nonce']}:{parts['nc'].lower()}"
        if not self._used.first(use, issued, self._now() - NONCE_LIFE):
            raise Unauthorized(stale=True)

    def _proves(self, parts: dict[str, str], method: str, target: str) -> bool:
        """Whether the response is the one that the password gives (RFC 7616 §3.4.1)."""
        algorithm = ALGORITHMS.get(parts.get("algorithm", "MD5").upper())
        wanted = ("username", "realm", "nonce", "uri", "response", "cnonce", "nc")
        if algorithm is None or parts.get("qop") != "auth" or any(name not in parts for name in wanted):
            return False
        if not re.fullmatch("[0-9a-fA-F]{8}", parts["nc"]) or not _same_target(parts["uri"], target):
            return False

        def hashed(*values: str) -> str:
            # Header values came in as Latin-1; their bytes are what the client hashed.
            return hashlib.new(algorithm, ":".join(values).encode("latin-1"), usedforsecurity=False).hexdigest()

        name, password = _as_header(self._account.username), _as_header(self._account.password)
        a1, a2 = hashed(name, REALM, password), hashed(method, parts["uri"])
        proof = hashed(a1, parts["nonce"], parts["nc"], parts["cnonce"], "auth", a2)
        right_name = hmac.compare_digest(parts["username"].encode("latin-1"), name.encode("latin-1"))
        right_proof = hmac.compare_digest(parts["response"].lower().encode("latin-1"), proof.encode())
        return right_name and right_proof and parts["realm"] == REALM

    def _issued(self, nonce: str) -> datetime | None:
        """When we issued this nonce; None where we did not, or too long ago."""
        made, _, seal = nonce.rpartition(".")
        if not hmac.compare_digest(seal.encode("latin-1"), self._seal(made).encode()):
            return None
        issued = datetime.fromtimestamp(int(made.partition(".")[0], 16) / 1000, UTC)
        return issued if abs(self._now() - issued) <= NONCE_LIFE else None

    def _seal(self, made: str) -> str:
        return hmac.new(self._key, made.encode("latin-1"), "sha256").hexdigest()[:32]


def _as_header(text: str) -> str:
    """Text as it looks after its UTF-8 bytes were read as Latin-1, as HTTP headers are."""
    return text.encode().decode("latin-1")


def _parts(rest: str) -> dict[str, str] | None:
    """Parameters of a Digest header; None where one comes twice."""
    made: dict[str, str] = {}
    for name, quoted, bare in _PART.findall(rest):
        if name.lower() in made:
            return None
        made[name.lower()] = bare or re.sub(r"\\(.)", r"\1", quoted)
    return made


def _same_target(uri: str, target: str) -> bool:
    """Whether a digest's uri names the request's target; some clients give the whole URL there."""
    if uri == target:
        return True
    try:
        split = urlsplit(uri)
    except ValueError:
        return False
    return bool(split.scheme) and split.path + (f"?{split.query}" if split.query else "") == target


class TokenCheck:
    """Checks WS-UsernameTokens, digest or plain text, each with nonce and Created (Core §5.9.5)."""

    def __init__(self, account: Account, now: Callable[[], datetime], window: timedelta) -> None:
        self._account = account
        self._now = now
        self._window = window
        self._used = Used()

    def check(self, token: UsernameToken) -> None:
        """Raises Fault ter:NotAuthorized unless the token proves the password, is of now, and is new."""
        created = self._created(token.created)
        if created is None or not token.nonce or not self._proves(token):
            raise not_authorized()
        use = hashlib.sha256(token.nonce + token.created.encode()).hexdigest()
        if not self._used.first(use, created, self._now() - self._window):
            raise not_authorized()

    def _proves(self, token: UsernameToken) -> bool:
        expected = self._account.password
        if token.digest:
            salted = token.nonce + token.created.encode() + expected.encode()
            expected = b64encode(hashlib.sha1(salted, usedforsecurity=False).digest()).decode()
        right_name = hmac.compare_digest(token.username.encode(), self._account.username.encode())
        return hmac.compare_digest(token.password.encode(), expected.encode()) and right_name

    def _created(self, text: str) -> datetime | None:
        """The token's time, where it lies within the window around now."""
        try:
            created = read_moment(text)
        except ValueError:
            return None
        return created if abs(created - self._now()) <= self._window else None


def not_authorized() -> Fault:
    """The answer to a wrong UsernameToken: HTTP 400 (Core §5.9.1)."""
    return Fault("Sender", "ter:NotAuthorized", reason="Sender not Authorized")


class Guard:
    """Lets a request in, or says how it must be turned away."""

    def __init__(self, account: Account, now: Callable[[], datetime], window: timedelta) -> None:
        self._account = account
        self.http = HttpDigest(account, now)
        self._tokens = TokenCheck(account, now, window)

    @property
    def open(self) -> bool:
        """Whether whoever asks from this machine is let in."""
        return self._account.open

    def admit(self, authorization: str, method: str, target: str, token: UsernameToken | None) -> str:
        """Name of the user that the request proves to come from.

        What is given on the HTTP level is checked first, then the UsernameToken; with neither it is 401.
        Raises Unauthorized or Fault.
        """
        if self.open:
            return self._account.username
        if not authorization and token is None:
            raise Unauthorized
        if authorization:
            self.http.check(authorization, method, target)
        if token is not None:
            self._tokens.check(token)
        return self._account.username
