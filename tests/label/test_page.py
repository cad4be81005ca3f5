"""The labelling page: for whoever has its address, on this machine, and for nobody else."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests

from homeroom.__main__ import main
from homeroom.errors import BadInput
from homeroom.label.collection import Collection
from homeroom.label.page import MAX_BODY, Page, Request
from homeroom.label.server import LabelServer
from homeroom.manifest import shipped
from tests.fakes import VirtualClock
from tests.label.made import JPEG, ROOT, SEATED, acts, collection, in_the_clear, later, settings, site

TOKEN, PORT = "right-token", 8000
HOST, ORIGIN = f"127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT}"
STANDING = {"box": [0.5, 0.2, 0.7, 0.9], "axes": {"posture": "standing", "activity": "uncertain"}, "difficult": True}


@dataclass
class Desk:
    """A page of three stills, and somebody who asks it as a browser would."""

    page: Page
    held: Collection
    clock: VirtualClock

    def get(self, rest: str = "", **fields: Any) -> tuple[int, bytes]:
        made = self.page.answer(replace(Request("GET", f"/{TOKEN}/{rest}", HOST), **fields))
        return made.status, made.body

    def post(self, rest: str, document: Any, **fields: Any) -> tuple[int, bytes]:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        asked = Request("POST", f"/{TOKEN}/{rest}", HOST, ORIGIN, "application/json", body)
        made = self.page.answer(replace(asked, **fields))
        return made.status, made.body

    def set(self) -> dict[str, Any]:
        status, body = self.get("set")
        assert status == 200
        told: dict[str, Any] = json.loads(body)
        return told


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    clock = VirtualClock()
    made = settings(tmp_path, camera={"exclude": [[[0, 0], [0.2, 0], [0.2, 0.2]]]})
    held = collection(made, clock)
    return Desk(Page(held, made, clock, TOKEN, PORT), held, clock)


def done(*people: Any) -> dict[str, Any]:
    return {"done": True, "people": list(people)}


def test_it_shows_the_frames_with_the_people_that_were_proposed(desk: Desk) -> None:
    told = desk.set()
    assert [one["id"] for one in told["frames"]] == [one.id for one in sorted(desk.held.stills(), key=lambda s: s.utc)]
    assert [one["people"] for one in told["frames"]] == [[SEATED]] * 3
    assert told["frames"][0]["exclude"] == [[[0, 0], [0.2, 0], [0.2, 0.2]]]
    assert told["seconds"] == 24 * 3600
    status, picture = desk.get(f"frames/{told['frames'][0]['id']}")
    assert (status, picture[: len(JPEG)]) == (200, JPEG)


def test_the_axes_are_those_of_the_vocabulary_but_nobody_there(desk: Desk) -> None:
    axes = shipped("behaviors.json")["axes"]
    assert desk.set()["axes"] == {**axes, "posture": ["seated", "standing", "head-on-desk"]}


def test_what_is_labelled_is_kept_at_once_and_shown_again(desk: Desk, tmp_path: Path) -> None:
    first, second, third = desk.held.ids()
    assert desk.post(f"frames/{first}", done(SEATED, STANDING))[0] == 200
    assert desk.post(f"frames/{second}", {"done": False, "people": []})[0] == 200
    assert desk.post(f"frames/{third}", done())[0] == 200, "a frame without anybody is done too"
    shown = {one["id"]: (one["done"], one["people"]) for one in desk.set()["frames"]}
    assert shown == {first: (True, [SEATED, STANDING]), second: (False, []), third: (True, [])}
    assert set(desk.held.done()) == {first, third}
    assert in_the_clear(tmp_path / "state") == []
    assert desk.post(f"frames/{first}", done(SEATED))[0] == 200
    assert [one["act"] for one in acts(desk.held)] == ["labelled", "labelled"], "each frame is told once"


@pytest.mark.parametrize("path", ["/", "", "/wrong-token/", "/wrong-token/set", "/right-toke/set", "//set", "/é/"])
def test_without_the_token_there_is_nothing(path: str, desk: Desk) -> None:
    assert desk.get(path=path) == (404, b"nothing here")
    assert desk.post("", done(), path=path)[0] == 404


@pytest.mark.parametrize(
    "host", ["", "evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", "0.0.0.0:8000"]
)
def test_another_host_is_turned_away(host: str, desk: Desk) -> None:
    assert desk.get("set", host=host)[0] == 421
    assert desk.post(f"frames/{desk.held.ids()[0]}", done(), host=host)[0] == 421
    assert desk.get("set", host=f"localhost:{PORT}")[0] == 200


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://127.0.0.1", f"http://127.0.0.1:{PORT}0"]
)
def test_another_origin_changes_nothing(origin: str, desk: Desk) -> None:
    assert desk.post(f"frames/{desk.held.ids()[0]}", done(), origin=origin)[0] == 403
    assert desk.held.done() == {}
    assert desk.post(f"frames/{desk.held.ids()[0]}", done(), origin=f"http://localhost:{PORT}")[0] == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        ({"people": []}, "'done' is missing"),
        (done({}), "'box' is missing"),
        (done({"box": [0, 0, 1]}), "box"),
        (done({"box": [0, 0, 1, 1.1]}), "box"),
        (done({"box": [0.3, 0.2, 0.3, 0.6]}), "has no area"),
        (done({**SEATED, "name": "Ada"}), "unknown field 'name'"),
        (done({**SEATED, "axes": {"mood": "happy"}}), "unknown field 'mood'"),
        (done({**SEATED, "axes": {"posture": "absent"}}), "not one of seated"),
        (done(*[SEATED] * 501), "maxItems"),
    ],
)
def test_labels_are_held_to_their_schema(body: Any, said: str, desk: Desk) -> None:
    status, told = desk.post(f"frames/{desk.held.ids()[0]}", body)
    assert status == 400
    assert said in told.decode()
    assert desk.held.done() == {}


def test_other_forms_methods_and_frames_are_refused(desk: Desk) -> None:
    place = f"frames/{desk.held.ids()[0]}"
    assert desk.post(place, done(), kind="text/plain")[0] == 415
    assert desk.post(place, b" " * (MAX_BODY + 1))[0] == 413
    assert desk.get("set", method="PUT")[0] == 405
    for rest in ("frames/", "frames/key", "frames/../key", "frames/0123456789abcdef", "key", "page.py", "..%2fkey"):
        assert desk.get(rest)[0] == 404
        assert desk.post(rest, done())[0] == 404


def test_what_expires_meanwhile_is_gone_from_the_page(desk: Desk) -> None:
    first = desk.held.ids()[0]
    later(desk.clock, hours=24)
    assert desk.set()["frames"] == []
    assert desk.get(f"frames/{first}")[0] == 404
    assert desk.post(f"frames/{first}", done())[0] == 404


def test_a_changed_frame_is_told_in_one_line(desk: Desk) -> None:
    path = desk.held.vault.folder / f"{desk.held.ids()[0]}.frame"
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    status, told = desk.get(f"frames/{path.stem}")
    assert (status, told.count(b"\n")) == (400, 0)
    assert b"does not open" in told


@contextmanager
def serving(held: Collection, folder: Path, clock: VirtualClock) -> Iterator[LabelServer]:
    with LabelServer(held, settings(folder), clock, 0) as server:
        server.timeout = 0.05
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            held.erase()  # ends it
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LabelServer]:
    clock = VirtualClock()
    with serving(collection(settings(tmp_path), clock), tmp_path, clock) as made:
        yield made


def test_over_http_it_is_on_loopback_and_lets_nothing_be_kept_or_taken(server: LabelServer) -> None:
    page = server.page
    assert server.server_address[0] == "127.0.0.1"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{43}/", page.address)
    ids = page.collection.ids()
    for rest in ("", "page.js", "page.css", "set", f"frames/{ids[0]}", "nothing"):
        got = requests.get(page.address + rest, timeout=10)
        assert got.status_code == (404 if rest == "nothing" else 200)
        assert got.headers["Cache-Control"] == "no-store"
        assert got.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in got.headers["Content-Security-Policy"]
        assert got.headers["Referrer-Policy"] == "no-referrer"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert not [name for name in got.headers if name.lower().startswith("access-control")]
    sent = requests.post(
        f"{page.address}frames/{ids[0]}", json=done(STANDING), headers={"Origin": page.address[:-45]}, timeout=10
    )
    assert (sent.status_code, set(sent.json())) == (200, {"seconds"})
    assert next(iter(page.collection.done().values())).people == (STANDING,)
    assert requests.post(f"{page.address}frames/{ids[1]}", json=done(), timeout=10).status_code == 403
    assert requests.get(page.address + "set", headers={"Host": "evil.example"}, timeout=10).status_code == 421
    assert requests.put(page.address + "set", timeout=10).status_code == 501


def test_over_http_a_body_is_bounded_before_it_is_read(server: LabelServer) -> None:
    place = f"/{server.page.token}/frames/{server.page.collection.ids()[0]}"

    def status(**headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", server.page.port, timeout=10)
        connection.putrequest("POST", place, skip_host=True)
        for name, value in {"Host": f"127.0.0.1:{server.page.port}", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return connection.getresponse().status

    assert status(Content_Length=str(MAX_BODY + 1)) == 413
    assert status(Content_Length="9" * 5000) == 413
    assert status() == 411
    assert status(Content_Length="-1") == 411
    assert status(Content_Length="2", Transfer_Encoding="chunked") == 411


def test_a_connection_that_says_nothing_keeps_nobody_waiting(server: LabelServer) -> None:
    with socket.create_connection(("127.0.0.1", server.page.port), 10):
        assert requests.get(server.page.address, timeout=10).status_code == 200


def test_it_ends_when_all_frames_are_over(tmp_path: Path) -> None:
    clock = VirtualClock()
    held = collection(settings(tmp_path), clock)
    with LabelServer(held, settings(tmp_path), clock, 0) as server:
        server.timeout = 0.05
        thread = threading.Thread(target=server.serve)
        thread.start()
        assert requests.get(server.page.address, timeout=10).status_code == 200
        later(clock, hours=24)
        thread.join(30)
        assert not thread.is_alive()
    assert list(held.vault.folder.iterdir()) == []
    assert [one["act"] for one in acts(held)] == ["expired"]


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    clock = VirtualClock()
    held = collection(settings(tmp_path), clock, stills=1)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BadInput, match="cannot listen there"):
        LabelServer(held, settings(tmp_path), clock, taken.getsockname()[1])
    with pytest.raises(BadInput, match="this is no port"):
        LabelServer(held, settings(tmp_path), clock, 65536)


def test_without_frames_it_says_how_to_take_some(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site(tmp_path)
    assert main(["label", "serve", str(path)]) == 2
    assert f"take some by `homeroom label collect {path}`" in capsys.readouterr().err


class Parts(HTMLParser):
    """The ids of a page, what it fetches, and what of it would be inline."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.fetched: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {str(given["id"])} if "id" in given else set()
        self.fetched += [str(given[name]) for name in ("src", "href") if name in given]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)


def asset(name: str) -> str:
    return (ROOT / "plugin" / "label" / name).read_text("utf-8")


def test_the_page_fetches_nothing_from_elsewhere_and_has_nothing_inline() -> None:
    parts = Parts()
    parts.feed(asset("page.html"))
    assert sorted(parts.fetched) == ["page.css", "page.js"]
    assert parts.inline == []
    script = asset("page.js")
    assert set(re.findall(r'\$\("([\w-]+)"\)', script)) <= parts.ids
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|localStorage|indexedDB", script
    )
    assert set(re.findall(r"https?://[^\"'\s]+", script + asset("page.css") + asset("page.html"))) == {
        "http://www.w3.org/2000/svg"
    }


def test_every_value_has_a_key_and_no_key_two_meanings() -> None:
    script = asset("page.js")
    rows = json.loads(re.findall(r"^const KEYS = (\[.*?\]);", script, re.MULTILINE)[0])
    axes = [[value for value in values if value != "absent"] for values in shipped("behaviors.json")["axes"].values()]
    assert len(axes) <= len(rows)
    assert all(len(values) + 2 <= len(row) for values, row in zip(axes, rows, strict=False))
    used = [
        *"".join(rows),
        *re.findall(r"\b([a-z]): (?:\(|\w+[,} ])", script.partition("const acts = ")[2].split(";")[0]),
    ]
    assert {"n", "p", "h"} <= set(used)
    assert len(used) == len(set(used))


def test_the_script_is_javascript(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node (apt install nodejs)")
    ran = subprocess.run([node, "--check", ROOT / "plugin" / "label" / "page.js"], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
