"""Bad input gets one clear line and exit code 2, never a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeroom import __version__
from homeroom.__main__ import main
from homeroom.store import Store
from tests.drawn import CLIP, MODEL
from tests.e2e.sites import ACTION, models
from tests.http_camera import http_camera
from tests.rtsp import rtsp_server

SEAT = {"id": "A1", "views": {"front": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}}


def manifest(folder: Path, camera: Mapping[str, Any] | None = None, **fields: Any) -> Path:
    """A site manifest on the embedded model; a field given as None is left out."""
    camera = {"address": "clip.mp4", **(camera or {})}
    document: dict[str, Any] = {
        "site": "s",
        "jurisdiction": "lab",
        "models": [MODEL],
        "rooms": [{"id": "r", "cameras": [{"id": "front", "timeout": 1, **camera}], "seats": [SEAT]}],
        **fields,
    }
    path = folder / "site.json"
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return path


def homeroom(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "homeroom", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


def refused(*arguments: str | Path, **environment: str) -> str:
    """The one line with which bad input was refused."""
    ran = homeroom(*arguments, **environment)
    assert ran.returncode == 2, (ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stdout + ran.stderr
    lines = [line for line in ran.stderr.splitlines() if line.startswith("homeroom: ") and "Ctrl-C" not in line]
    assert len(lines) == 1, ran.stderr
    return lines[0]


def run(path: Path) -> str:
    return refused("run", path, "--seconds", "20", "--until-end")


def check(path: Path) -> str:
    return refused("check", path)


def test_a_typo_is_named_with_its_place_and_what_was_meant(tmp_path: Path) -> None:
    path = manifest(tmp_path, {"adress": "rtsp://10.0.0.5/"})
    for said in (run(path), check(path)):
        assert "$.rooms[0].cameras[0]: unknown field 'adress'; did you mean 'address'?" in said


def test_broken_json_is_named_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "site.json"
    path.write_text('{"site": "s",\n "rooms": [}')
    assert f"{path}:2:12: not JSON" in run(path)


def test_a_manifest_needs_a_jurisdiction(tmp_path: Path) -> None:
    assert "'jurisdiction' is missing" in run(manifest(tmp_path, jurisdiction=None))


def test_a_jurisdiction_needs_a_pack(tmp_path: Path) -> None:
    assert "no policy pack; known are eu, lab" in run(manifest(tmp_path, jurisdiction="atlantis"))


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in run(tmp_path / "nowhere.json")


def test_what_the_policy_wants_is_named(tmp_path: Path) -> None:
    assert "behavior.class needs impact_assessment" in run(manifest(tmp_path, jurisdiction="eu"))


def test_a_secret_in_plain_sight_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = run(manifest(tmp_path, {"address": "rtsp://10.0.0.5/", "password": "hunter2"}))
    assert "$.rooms[0].cameras[0].password" in said
    assert "hunter2" not in said
    device = {"id": "device", "type": "onvif-device", "listen": "127.0.0.1:0", "username": "u", "password": "hunter2"}
    said = run(manifest(tmp_path, vms=[device]))
    assert "password" in said
    assert "hunter2" not in said


def test_credentials_in_an_address_are_refused_and_not_repeated(tmp_path: Path) -> None:
    said = run(manifest(tmp_path, {"address": "rtsp://viewer:hunter2@10.0.0.5/"}))
    assert "take user and password out" in said
    assert "hunter2" not in said


def test_what_stands_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    for wrong in ({"vms": {"id": "d", "password": "hunter2"}}, {"rooms": {"cameras": [{"password": "hunter2"}]}}):
        assert "hunter2" not in run(manifest(tmp_path, **wrong))
    assert "hunter2" not in run(manifest(tmp_path, {"address": "rtsp:/admin:hunter2@10.0.0.1/x"}))


ODD = [
    "every: NaN",
    "fps: 1e-300",
    "address: a\\u0000b",
    "address: \\ud800",
    "start: 0001-01-01T00:00:00+05:00",
    "address: rtsp://[::1/x",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_are_refused_in_one_line(odd: str, tmp_path: Path) -> None:
    key, value = odd.split(": ", 1)
    path = manifest(tmp_path, {key: "ODD"})
    text = path.read_text().replace('"ODD"', value if key in ("every", "fps") else f'"{value}"')
    path.write_text(text)
    run(path)


def test_a_number_of_thousands_of_digits_is_refused_in_one_line(tmp_path: Path) -> None:
    path = manifest(tmp_path, {"every": 1})
    path.write_text(path.read_text().replace('"every": 1', f'"every": {"9" * 5000}'))
    run(path)


def test_an_id_ends_with_no_line_break(tmp_path: Path) -> None:
    assert "$.site" in run(manifest(tmp_path, site="school\n"))


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "1e300", "soon"])
def test_odd_spans_of_time_are_refused(seconds: str, tmp_path: Path) -> None:
    ran = homeroom("run", manifest(tmp_path), f"--seconds={seconds}")
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_a_secret_that_is_not_set_is_named(tmp_path: Path) -> None:
    path = manifest(tmp_path, {"address": "rtsp://10.0.0.5/", "username": "v", "password": {"env": "NOT_SET_ANYWHERE"}})
    assert "the environment variable NOT_SET_ANYWHERE is not set" in run(path)


def test_a_model_file_with_a_flipped_bit(tmp_path: Path) -> None:
    cache = models(tmp_path)
    weights = next(cache.rglob("*.bin"))
    raw = bytearray(weights.read_bytes())
    raw[len(raw) // 2] ^= 1
    weights.write_bytes(raw)
    said = run(manifest(tmp_path, models=[{"id": ACTION, "cache": str(cache)}]))
    assert weights.name in said
    assert "homeroom models fetch" in said


def test_a_model_that_was_not_fetched(tmp_path: Path) -> None:
    said = run(manifest(tmp_path, models=[{"id": ACTION, "cache": str(tmp_path / "empty")}]))
    assert f"homeroom models fetch {ACTION}" in said


def test_a_video_that_is_not_there(tmp_path: Path) -> None:
    path = manifest(tmp_path)
    for said in (run(path), check(path)):
        assert "clip.mp4" in said


@pytest.mark.parametrize(
    "raw", [b"", b"this is no video" * 100, bytes(range(256)) * 40], ids=["empty", "text", "noise"]
)
def test_a_video_that_is_not_one(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(raw)
    path = manifest(tmp_path)
    for said in (run(path), check(path)):
        assert "clip.mp4" in said


def test_a_wrong_password_at_a_camera(tmp_path: Path) -> None:
    with rtsp_server({"/cam": "test"}, user="viewer", password="right") as camera:
        path = manifest(
            tmp_path, {"address": camera.url("/cam"), "username": "viewer", "password": {"env": "PW"}, "timeout": 5}
        )
        said = refused("check", path, PW="wr0ng-one")
    assert "front" in said
    assert "password" in said
    assert "wr0ng-one" not in said


def test_an_address_that_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"rtsp://127.0.0.1:{closed.getsockname()[1]}/cam"
        assert "front" in check(manifest(tmp_path, {"address": address}))


@contextmanager
def answering(raw: bytes) -> Iterator[int]:
    """A server that answers whatever comes with `raw`, without end."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.settimeout(5)
                    try:
                        while peer.recv(4096):
                            peer.sendall(raw)
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "raw", [b"\x00\xff" * 5000, b"RTSP/1.0 200 OK\r\n" + b"A" * 100_000, b""], ids=["noise", "endless", "silence"]
)
def test_a_stream_of_garbage(raw: bytes, tmp_path: Path) -> None:
    with answering(raw) as port:
        assert "front" in check(manifest(tmp_path, {"address": f"rtsp://127.0.0.1:{port}/cam"}))


def test_threads_that_are_left_end_with_the_program() -> None:
    """Python would take itself apart under them, and libav's threads do not survive that."""
    program = """
import atexit, threading
import homeroom.__main__ as cli

def command() -> int:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    print("said")
    return 2

atexit.register(print, "taken apart")
cli.main = command
cli.program()
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout) == (2, "said\n")


def test_an_address_that_nothing_reads(tmp_path: Path) -> None:
    assert "there are file, http" in run(manifest(tmp_path, {"address": "gopher://10.0.0.5/cam"}))


def test_a_vms_that_nothing_installed_speaks_to(tmp_path: Path) -> None:
    assert "no 'pigeon' is installed; there are onvif-device" in run(
        manifest(tmp_path, vms=[{"id": "p", "type": "pigeon"}])
    )


def test_a_port_that_is_taken(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    shutil.copy(CLIP, tmp_path / "clip.mp4")
    (tmp_path / "pw").write_text("pw")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        device = {"id": "d", "type": "onvif-device", "listen": listen, "username": "u", "password": {"file": "pw"}}
        path = manifest(tmp_path, vms=[device])
        for said in (run(path), check(path)):
            assert listen in said


def test_a_port_for_figures_that_is_taken_or_none(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    shutil.copy(CLIP, tmp_path / "clip.mp4")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        path = manifest(tmp_path, metrics={"listen": listen})
        for said in (run(path), check(path)):
            assert f"metrics {listen}: cannot listen there: Address already in use; choose another" in said
    for wrong, why in (("127.0.0.1:65536", "this is no port"), ("0.0.0.0:9464", "metrics.listen")):
        path = manifest(tmp_path, metrics={"listen": wrong})
        for said in (run(path), check(path)):
            assert why in said


def test_a_device_that_is_not_there_fails_the_check_and_runs_on_the_cpu(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    shutil.copy(CLIP, tmp_path / "clip.mp4")
    path = manifest(tmp_path, models=[{**MODEL, "device": "NPU"}])
    assert "model drawn: device NPU is not available on this machine" in check(path)
    ran = homeroom("run", path, "--until-end", "--quiet")
    assert ran.returncode == 0, ran.stderr
    assert "device NPU is not available on this machine" in ran.stderr


def test_what_a_health_state_does_not_know_is_refused_with_what_it_does(tmp_path: Path) -> None:
    said = run(manifest(tmp_path, behaviors={"camera-dark": {"scan": {"min_scans": 2}}}))
    assert "camera-dark knows no 'scan'; it takes emit, severity, watch" in said
    assert "disk-low" in run(manifest(tmp_path, behaviors={"disk-lo": {"emit": "none"}}))


def test_a_store_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "homeroom.db").write_text("not a database, " * 100)
    assert "homeroom.db" in refused("search", "--behavior", "hand-raised", "--store", tmp_path / "homeroom.db")
    assert (tmp_path / "homeroom.db").read_text().startswith("not a database")


def test_search_says_how_to_name_a_store_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "--site FILE or --store FILE" in refused("search", "--behavior", "hand-raised")


def test_search_takes_the_store_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Store(tmp_path / "homeroom.db").close()
    assert main(["search", "--behavior", "hand-raised", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_behavior_that_nobody_knows(tmp_path: Path) -> None:
    assert "hand-raised" in refused("search", "--behavior", "hand-rised", "--store", tmp_path / "homeroom.db")


def test_check_tells_all_in_one_table_and_in_json(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    shutil.copy(CLIP, tmp_path / "clip.mp4")
    path = manifest(tmp_path, metrics={"listen": "127.0.0.1:0"})
    ran = homeroom("check", path)
    assert ran.returncode == 0, ran.stderr
    lines = [line.split()[:3] for line in ran.stdout.splitlines()]
    accuracy = ["ok", "accuracy", "drawn"]
    assert [line for line in lines if line != accuracy] == [
        ["ok", "policy", "lab"],
        ["ok", "model", "drawn"],
        ["ok", "camera", "front"],
        ["ok", "metrics", "127.0.0.1:0"],
    ]
    told = json.loads(homeroom("check", path, "--json").stdout)
    assert told["ok"] is True
    assert lines.count(accuracy) == 3, "one for each set that it was measured on"
    kinds = [row["kind"] for row in told["rows"] if row["kind"] != "accuracy"]
    assert kinds == ["policy", "model", "camera", "metrics"]
    assert told["rows"][-1]["found"] == "would listen on 127.0.0.1:0"


def test_check_shows_what_each_way_to_a_camera_gave(tmp_path: Path) -> None:
    with http_camera() as camera, socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"rtsp://127.0.0.1:{closed.getsockname()[1]}/cam"
        closed.close()
        path = manifest(tmp_path, {"address": address, "snapshot": camera.url, "timeout": 5})
        ran = homeroom("check", path, "--json")
        assert ran.returncode == 0, ran.stderr
        (row,) = [row for row in json.loads(ran.stdout)["rows"] if row["kind"] == "camera"]
        assert [(way["way"], way["chosen"], way["height"]) for way in row["ways"]] == [
            ("snapshot", True, 1080),
            ("on-demand", False, 0),
            ("kept", False, 0),
        ]
        assert "refuses the connection" in row["ways"][1]["reason"]
        assert re.match(r"snapshot mjpeg 1920x1080 in \d+ ms \(chosen\); on-demand: 127", row["found"])
        camera.fault = "404"
        assert "correct the path" in check(path)


@pytest.mark.parametrize("command", ["demo", "setup", "run", "check", "search", "models", "models fetch"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    ran = homeroom(*command.split(), "--help")
    assert ran.returncode == 0
    assert "example" in ran.stdout
    assert ran.stdout.count(f"homeroom {command}") >= 2, "once in the usage, once in the example"


def test_the_version_is_told() -> None:
    assert homeroom("--version").stdout.strip() == f"homeroom {__version__}"
