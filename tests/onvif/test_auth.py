"""Who is let in, and how others are turned away."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth

from homeroom.adapters.onvif.auth import Account, Guard, HttpDigest, TokenCheck, Unauthorized, Used
from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.adapters.onvif.soap import Fault, read

from .fake_site import T0, FakeSite, serving
from .peer import PASSWORD, USER, Peer, connected, soap, token

TARGET = "/onvif/device_service"
ACCOUNT = Account("vms", "pässword")
PROTECTED = "<tds:GetScopes/>"


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.time = T0

    def __call__(self) -> datetime:
        return self.time


def header(challenge: str, *, password: str = ACCOUNT.password, nc: int = 1, **changed: str | None) -> str:
    """The Authorization header that answers a challenge; `changed` overrides parameters, None drops one."""
    given_ = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.removeprefix("Digest ")))
    algorithm = "sha256" if given_["algorithm"] == "SHA-256" else "md5"

    def hashed(text: str) -> str:
        return hashlib.new(algorithm, text.encode()).hexdigest()

    parts: dict[str, str | None] = {
        "username": ACCOUNT.username,
        "realm": given_["realm"],
        "nonce": given_["nonce"],
        "uri": TARGET,
        "qop": "auth",
        "nc": f"{nc:08x}",
        "cnonce": "abcdef",
        "algorithm": given_["algorithm"],
        **changed,
    }
    a1, a2 = hashed(f"{parts['username']}:{parts['realm']}:{password}"), hashed(f"POST:{parts['uri']}")
    parts.setdefault("response", hashed(f"{a1}:{parts['nonce']}:{parts['nc']}:{parts['cnonce']}:{parts['qop']}:{a2}"))
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in parts.items() if value is not None)


def wire(text: str) -> str:
    """Text as a header's value arrives: bytes read as Latin-1."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize("which", [0, 1])
def test_a_digest_of_the_right_password_is_let_in(which: int) -> None:
    digest = HttpDigest(ACCOUNT, Clock())
    digest.check(wire(header(digest.challenges()[which])), "POST", TARGET)


@pytest.mark.parametrize("uri", ["http://192.0.2.1:8080" + TARGET, TARGET])
def test_a_digest_may_name_the_whole_address(uri: str) -> None:
    digest = HttpDigest(ACCOUNT, Clock())
    digest.check(wire(header(digest.challenges()[0], uri=uri)), "POST", TARGET)


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "wrong"},
        {"username": "other"},
        {"realm": "other"},
        {"uri": "/onvif/event_service"},
        {"uri": "http://[/onvif"},
        {"qop": None},
        {"qop": "auth-int"},
        {"cnonce": None},
        {"nc": "xyz"},
        {"algorithm": "SHA-1"},
        {"response": ""},
    ],
    ids=str,
)
def test_a_digest_that_proves_nothing_is_refused(changed: dict[str, Any]) -> None:
    digest = HttpDigest(ACCOUNT, Clock())
    challenge = digest.challenges()[0]
    nc = changed.get("nc")
    made = header(challenge).replace("00000001", nc) if nc else header(challenge, **changed)
    with pytest.raises(Unauthorized) as refused:
        digest.check(wire(made), "POST", TARGET)
    assert not refused.value.stale


def test_a_digest_counts_once() -> None:
    digest = HttpDigest(ACCOUNT, Clock())
    challenge = digest.challenges()[0]
    digest.check(wire(header(challenge, nc=2)), "POST", TARGET)
    digest.check(wire(header(challenge, nc=1)), "POST", TARGET)
    with pytest.raises(Unauthorized) as refused:
        digest.check(wire(header(challenge, nc=2)), "POST", TARGET)
    assert refused.value.stale


def test_an_old_nonce_is_stale() -> None:
    clock = Clock()
    digest = HttpDigest(ACCOUNT, clock)
    challenge = digest.challenges()[0]
    clock.time += timedelta(minutes=6)
    with pytest.raises(Unauthorized) as refused:
        digest.check(wire(header(challenge)), "POST", TARGET)
    assert refused.value.stale
    assert all("stale=true" in one for one in digest.challenges(stale=True))


def test_a_nonce_that_we_never_gave_is_stale() -> None:
    digest = HttpDigest(ACCOUNT, Clock())
    challenge = re.sub('nonce="[^"]*"', 'nonce="19aa.bb.cc"', digest.challenges()[0])
    with pytest.raises(Unauthorized) as refused:
        digest.check(wire(header(challenge)), "POST", TARGET)
    assert refused.value.stale


@given(st.text(st.characters(max_codepoint=255)))
def test_no_authorization_header_breaks_the_check(text: str) -> None:
    digest = HttpDigest(ACCOUNT, Clock())
    for one in (text, "Digest " + text, header(digest.challenges()[0]).replace("abcdef", text)[:300]):
        with pytest.raises(Unauthorized):
            digest.check(wire(one) + '"', "POST", "/elsewhere")


def tokens(clock: Clock) -> TokenCheck:
    return TokenCheck(Account(USER, PASSWORD), clock, timedelta(minutes=5))


@pytest.mark.parametrize("plain", [False, True])
def test_a_username_token_is_let_in_once(plain: bool) -> None:
    check = tokens(Clock())
    made = read(soap(PROTECTED, token(at=T0, plain=plain))).token
    assert made is not None
    assert PASSWORD not in repr(made)
    check.check(made)
    with pytest.raises(Fault):
        check.check(made)


@given(off=st.integers(-299, 299))
def test_a_clock_within_the_window_is_let_in(off: int) -> None:
    made = read(soap(PROTECTED, token(at=T0 + timedelta(seconds=off)))).token
    assert made is not None
    tokens(Clock()).check(made)


@pytest.mark.parametrize(
    "made",
    [
        token("wrong", at=T0),
        token("wrong", at=T0, plain=True),
        token("", at=T0, plain=True),
        token(user="other", at=T0),
        token(at=T0 - timedelta(seconds=301)),
        token(at=T0 + timedelta(seconds=301)),
        token(at=T0, nonce=b""),
        re.sub("Created>[^<]*<", "Created>soon<", token(at=T0)),
        re.sub("Created>[^<]*<", "Created>0001-01-01T00:00:00+23:00<", token(at=T0)),
        re.sub("<u:Created>[^<]*</u:Created>", "", token(at=T0, plain=True)),
        re.sub("<o:Nonce>[^<]*</o:Nonce>", "<o:Nonce>?</o:Nonce>", token(at=T0, plain=True)),
        re.sub("<o:Password.*</o:Password>", "", token(at=T0)),
    ],
)
def test_a_wrong_username_token_is_not_authorized(made: str) -> None:
    found = read(soap(PROTECTED, made)).token
    assert found is not None
    with pytest.raises(Fault) as refused:
        tokens(Clock()).check(found)
    assert refused.value.subcodes == ("ter:NotAuthorized",)


def test_what_is_forgotten_counts_as_used() -> None:
    used = Used(most=10)
    times = [T0 + timedelta(seconds=number) for number in range(20)]
    assert all(used.first(str(number), made, T0) for number, made in enumerate(times))
    assert not any(used.first(str(number), made, T0) for number, made in enumerate(times))
    assert used.first("new", times[-1], T0)


def test_http_credentials_are_checked_before_the_token() -> None:
    clock = Clock()
    guard = Guard(Account(USER, PASSWORD), clock, timedelta(minutes=5))
    good, bad = (read(soap(PROTECTED, token(word, at=T0))).token for word in (PASSWORD, "wrong"))
    with pytest.raises(Unauthorized):
        guard.admit("Digest nonsense", "POST", TARGET, good)
    challenge = guard.http.challenges()[0]
    with pytest.raises(Fault):
        guard.admit(header(challenge, password=PASSWORD, username=USER), "POST", TARGET, bad)
    assert guard.admit(header(challenge, password=PASSWORD, username=USER, nc=2), "POST", TARGET, None) == USER


def test_no_secret_is_in_a_repr() -> None:
    assert "secret" not in repr(Account("vms", "secret"))
    made = read(soap(PROTECTED, token("secret", plain=True))).token
    assert made is not None
    assert "secret" not in repr(replace(made, username="x"))


# Over the wire.


def test_without_credentials_the_answer_is_401_with_both_algorithms(peer: Peer) -> None:
    reply = peer.ask(PROTECTED, header="")
    assert reply.status == 401
    assert [re.search("algorithm=([^,]*)", one)[1] for one in reply.headers["www-authenticate"]] == ["MD5", "SHA-256"]  # type: ignore[index]


def test_a_wrong_token_is_400_not_authorized(peer: Peer) -> None:
    reply = peer.ask(PROTECTED, header=token("wrong"))
    assert (reply.status, reply.fault) == (400, ["s:Sender", "ter:NotAuthorized"])


def test_what_needs_no_credentials_is_answered_whatever_they_are(peer: Peer) -> None:
    for name in ("GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetHostname", "GetEndpointReference"):
        assert peer.ask(f"<tds:{name}/>", header=token("wrong")).status == 200


def test_create_profile_needs_no_credentials_to_be_refused(peer: Peer) -> None:
    reply = peer.ask("<trt:CreateProfile><trt:Name>x</trt:Name></trt:CreateProfile>", header="")
    assert reply.fault == ["s:Receiver", "ter:Action", "ter:MaxNVTProfiles"]


def test_what_is_not_offered_is_action_not_supported(peer: Peer) -> None:
    reply = peer.ask("<tds:SystemReboot/>")
    assert (reply.status, reply.fault) == (500, ["s:Receiver", "ter:ActionNotSupported"])
    assert b"Not Implemented" in reply.body
    assert peer.ask("<tds:SystemReboot/>", header="").status == 401


def test_a_stock_http_digest_client_is_let_in(device: OnvifDevice) -> None:
    with requests.Session() as session:
        session.auth = HTTPDigestAuth(USER, PASSWORD)
        for _ in range(3):
            got = session.post(f"http://127.0.0.1:{device.port}{TARGET}", data=soap(PROTECTED), timeout=10)
            assert got.status_code == 200
        session.auth = HTTPDigestAuth(USER, "wrong")
        assert (
            session.post(f"http://127.0.0.1:{device.port}{TARGET}", data=soap(PROTECTED), timeout=10).status_code == 401
        )


def test_a_device_without_a_password_asks_for_none(site: FakeSite) -> None:
    with serving(site, password="") as device, connected(device) as peer:
        assert peer.ask(PROTECTED, header="").status == 200
        assert peer.ask(PROTECTED, header=token("whatever")).status == 200


def test_the_window_can_be_wider(site: FakeSite) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with serving(site, clock_window=7200) as device, connected(device) as peer:
        assert peer.ask(PROTECTED, header=token(at=hour_ago)).status == 200
