from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.utils import parse_dict_header
from zeep.transports import Transport

from homeroom.adapters.challenge import CameraAuth, challenges, digest
from homeroom.adapters.web import CameraSession
from homeroom.errors import BadInput, Denied, Unavailable
from tests.http_camera import PASSWORD, USER, Certificate, HttpCamera, certificate, http_camera


@pytest.fixture
def camera() -> Iterator[HttpCamera]:
    with http_camera() as running:
        yield running


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"), "camera")


def read(url: str, seconds: float = 5, limit: int = 2**24, **settings: Any) -> bytes:
    with CameraSession("c", settings, url, limit=limit) as session:
        return session.read(url, seconds).content


def refusal(url: str, seconds: float = 5, limit: int = 2**24, **settings: Any) -> str:
    with pytest.raises(Unavailable) as raised:
        read(url, seconds, limit, **settings)
    assert "\n" not in str(raised.value)
    assert "snap.jpg" not in str(raised.value)
    assert PASSWORD not in str(raised.value)
    return str(raised.value)


def test_an_answer_comes_whole_and_the_connection_is_kept(camera: HttpCamera) -> None:
    with CameraSession("c", {}, camera.url) as session:
        for _ in range(3):
            assert session.read(camera.url, 5).content == camera.picture
    assert camera.connections == 1


def test_a_connection_that_the_camera_gave_up_is_made_anew(camera: HttpCamera) -> None:
    camera.fault = "hangs up"
    with CameraSession("c", {}, camera.url) as session:
        for _ in range(3):
            assert session.read(camera.url, 5).content == camera.picture
    assert camera.connections == 3


@pytest.mark.parametrize("asks", [("MD5",), ("SHA-256",), ("MD5", "SHA-256"), ("Basic", "MD5"), ("Basic",)])
def test_the_password_opens_by_the_best_way_that_is_offered(
    asks: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with http_camera(*asks) as camera, CameraSession("c", {"username": USER, "password": PASSWORD}, camera.url) as mine:
        for _ in range(2):
            assert mine.read(camera.url, 5).content == camera.picture
        said = [authorization for _, authorization in camera.requests]
    assert [each.partition(" ")[0] for each in said] == ["", *["Basic" if asks == ("Basic",) else "Digest"] * 2]
    assert ("SHA-256" in said[1]) == ("SHA-256" in asks)
    assert ("plain text" in caplog.text) == (asks == ("Basic",))
    assert PASSWORD not in caplog.text


def test_a_camera_that_offered_digest_once_gets_no_basic_later() -> None:
    with http_camera("MD5") as camera, CameraSession("c", {"username": USER, "password": PASSWORD}, camera.url) as mine:
        mine.read(camera.url, 5)
        camera.asks = ("Basic",)
        with pytest.raises(Denied):
            mine.read(camera.url, 5)
        assert not any(said.startswith("Basic") for _, said in camera.requests)


def test_a_camera_that_learns_digest_gets_no_basic_any_more() -> None:
    with http_camera("Basic") as camera, CameraSession("c", {"username": USER, "password": PASSWORD}, camera.url) as it:
        it.read(camera.url, 5)
        camera.asks = ("MD5",)
        for _ in range(2):
            it.read(camera.url, 5)
        assert camera.requests[-1][1].startswith("Digest")


@pytest.mark.parametrize("asks", ["MD5", "Basic"])
@pytest.mark.parametrize("settings", [{}, {"username": USER, "password": "wrong-secret"}])
def test_a_wrong_password_is_told(asks: str, settings: dict[str, Any]) -> None:
    with http_camera(asks) as camera:
        with pytest.raises(Denied, match="user name or password"):
            read(camera.url, **settings)
        assert len(camera.requests) == (2 if settings else 1)  # cameras lock out who tries too often


def test_tls_is_verified_unless_the_site_names_whom_to_trust(mine: Certificate, tmp_path: Path) -> None:
    other = certificate(tmp_path, "other")
    misnamed = certificate(tmp_path, "misnamed", "DNS:elsewhere.example")
    with http_camera(certificate=mine.path) as camera:
        assert "`ca`" in refusal(camera.url)
        assert "`ca`" in refusal(camera.url, ca=str(other.path))
        assert "before you change it" in refusal(camera.url, fingerprint=other.fingerprint)
        assert camera.requests == []
        assert read(camera.url, ca=str(mine.path)) == camera.picture
        assert read(camera.url, fingerprint=mine.fingerprint) == camera.picture
        colons = ":".join(mine.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
        assert read(camera.url, fingerprint=colons) == camera.picture
        plain = camera.url.replace("https", "http")
        assert refusal(plain)
    with http_camera(certificate=misnamed.path) as camera:
        assert "another name" in refusal(camera.url, ca=str(misnamed.path))
        assert read(camera.url, fingerprint=misnamed.fingerprint) == camera.picture


def test_what_speaks_no_tls_is_told(camera: HttpCamera) -> None:
    assert "TLS" in refusal(camera.url.replace("http", "https"))


def test_it_serves_zeep_as_well() -> None:
    with http_camera("MD5") as camera, CameraSession("c", {"username": USER, "password": PASSWORD}, camera.url) as mine:
        made: Any = Transport  # which has no annotations
        transport = made(session=mine, timeout=1, operation_timeout=1)
        assert transport.load(camera.url) == camera.picture
        camera.fault = "dripping body"
        with pytest.raises(Unavailable, match="within 1 s"):
            transport.load(camera.url)


@pytest.mark.parametrize("fault", ["hung", "dripping headers", "dripping body"])
def test_a_slow_camera_costs_no_more_than_the_time_limit(camera: HttpCamera, fault: str) -> None:
    camera.fault = fault
    began = time.monotonic()
    assert refusal(camera.url, 0.4) == "127.0.0.1 did not answer within 0.4 s"
    assert time.monotonic() - began < 3


def test_the_time_limit_holds_for_password_and_redirects_together() -> None:
    with http_camera("MD5") as camera:
        camera.fault = "dripping body"
        began = time.monotonic()
        assert "within 0.4 s" in refusal(camera.url, 0.4, username=USER, password=PASSWORD)
        assert time.monotonic() - began < 3
        assert len(camera.requests) == 2


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("404", "path"),
        ("503", "503"),
        ("400", "400"),
        ("403", "user name"),
        ("garbage", "speak HTTP"),
        ("cut", "broke off"),
        ("gzip", "compressed"),
    ],
)
def test_what_goes_wrong_is_told_with_its_cure(camera: HttpCamera, fault: str, told: str) -> None:
    camera.fault = fault
    assert told in refusal(camera.url)


@pytest.mark.parametrize("fault", ["endless", ""])
def test_an_answer_is_bounded(camera: HttpCamera, fault: str) -> None:
    camera.fault = fault
    assert "more than 0.00390625 MiB" in refusal(camera.url, limit=4096)


def test_no_redirect_leads_to_another_host(camera: HttpCamera, mine: Certificate) -> None:
    camera.fault = "elsewhere"
    port = camera.server_address[1]
    camera.elsewhere = f"http://127.0.0.1:{port}/there.jpg"
    assert read(camera.url) == camera.picture
    camera.elsewhere = f"http://localhost:{port}/there.jpg"
    assert "another host" in refusal(camera.url)
    camera.elsewhere = camera.url
    assert "circles" in refusal(camera.url)
    with http_camera(certificate=mine.path) as secure:
        secure.fault, secure.elsewhere = "elsewhere", camera.url
        assert "plain http" in refusal(secure.url, ca=str(mine.path))


def test_proxies_of_the_environment_count_for_nothing(camera: HttpCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    assert read(camera.url) == camera.picture


def test_nobody_who_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert "refuses the connection" in refusal(f"http://127.0.0.1:{port}/snap.jpg")
    assert "nobody knows" in refusal("http://no-such-host.invalid/snap.jpg")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_close_ends_a_call_that_hangs(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # takes the connection and never says a word
        url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/snap.jpg"
        session = CameraSession("c", {}, url)
        timer = threading.Timer(0.2, session.close)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Unavailable, match="was closed"):
            session.read(url, 30)
        assert time.monotonic() - began < 5
        timer.join()
        with pytest.raises(Unavailable, match="was closed"):
            session.read(url, 30)


@pytest.mark.parametrize("fault", ["dripping headers", "dripping body", "endless"])
def test_close_ends_an_answer_that_does_not(camera: HttpCamera, fault: str) -> None:
    camera.fault = fault
    session = CameraSession("c", {}, camera.url, limit=2**40)
    timer = threading.Timer(0.2, session.close)
    timer.start()
    with pytest.raises(Unavailable, match="was closed"):
        session.read(camera.url, 30)
    timer.join()


@pytest.mark.parametrize(
    ("address", "settings", "cure"),
    [
        ("ftp://camera/x", {}, "http://HOST/PATH"),
        ("http://adm:wrong-secret@camera/x", {}, "`username`"),
        ("http://camera/x", {"username": "adm\r\nX: y"}, "cannot be sent"),
        ("https://camera/x", {"ca": "/nowhere.pem"}, "cannot be read"),
        ("https://camera/x", {"ca": __file__}, "PEM"),
        ("https://camera/x", {"fingerprint": "12:34"}, "SHA-256"),
        ("https://camera/x", {"fingerprint": "0" * 64, "ca": __file__}, "exclude each other"),
    ],
)
def test_wrong_settings_are_refused_at_once(address: str, settings: dict[str, str], cure: str) -> None:
    with pytest.raises(BadInput) as refused:
        CameraSession("c", settings, address)
    assert cure in str(refused.value)
    assert "wrong-secret" not in str(refused.value)


def test_several_challenges_in_one_header_are_told_apart() -> None:
    header = 'Basic realm="a, b", Digest realm="x", nonce="1", qop="auth,auth-int", Negotiate, Digest nonce=2, realm=y'
    assert [scheme for scheme, _ in challenges(header)] == ["basic", "digest", "negotiate", "digest"]
    assert digest(header).startswith('Digest realm="x", nonce="1"')
    assert digest('Digest realm="x", nonce="1", algorithm=SHA-512-256') == ""
    assert digest('Digest realm="x", qop="auth"') == ""
    assert digest('Digest realm="x", nonce="1", qop="auth-int"') == ""


WORDS = st.sampled_from(
    ["Digest ", "Basic ", "realm=", "nonce=", "qop=auth", '"', "\\", ", ", "x", "ä", "\r", " ", "="]
)


@given(st.text(max_size=300) | st.lists(WORDS, max_size=30).map("".join))
def test_of_any_header_what_is_answered_can_be_answered(header: str) -> None:
    chosen = digest(header)
    if chosen:
        auth: Any = CameraAuth("c", "u", "p")
        read_as: Any = parse_dict_header  # which has no annotations
        auth.init_per_thread_state()
        auth._thread_local.chal = read_as(chosen.removeprefix("Digest "))
        assert "response=" in (auth.build_digest_header("GET", "http://camera/") or "")


def test_secrets_do_not_show(camera: HttpCamera, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), CameraSession("c", {"username": USER, "password": PASSWORD}, camera.url) as it:
        it.read(camera.url, 5)
        assert PASSWORD not in repr(it) + repr(it.auth)
    assert PASSWORD not in caplog.text
