"""The lab's camera, which nobody wrote for this client, with each of the faults that it knows."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from homeroom.adapters.onvif_client.camera import OnvifCamera
from homeroom.errors import BadInput, Unavailable
from tests.lab import lab
from tests.store.examples import until


@dataclass(frozen=True)
class LabCamera:
    """A running camera and its log."""

    port: int
    log: Path

    def asked(self) -> list[dict[str, Any]]:
        """Every request, in order."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def camera(self, **settings: Any) -> OnvifCamera:
        account = {"username": "admin", "password": "secret"}
        return OnvifCamera("lab", {"address": f"onvif://127.0.0.1:{self.port}", "timeout": 10, **account, **settings})


@contextmanager
def running(folder: Path, **faults: str) -> Iterator[LabCamera]:
    script = lab("lab/onvif_camera.py")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "log.jsonl"
    command = [sys.executable, str(script), str(port)]
    with subprocess.Popen(command, env={**os.environ, **faults, "LOG": str(log)}) as process:
        try:
            until(lambda: answers(port))
            yield LabCamera(port, log)
        finally:
            process.kill()


def answers(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    "faults",
    [
        {},
        {"SKEW": "3600"},
        {"NO_WSSE": "1"},
        {"STRICT_AUTH": "1"},
        {"SKEW": "-7200", "STRICT_AUTH": "1"},
        {"NO_WSSE": "1", "STRICT_AUTH": "1", "SKEW": "3600"},
    ],
    ids=str,
)
def test_the_camera_is_connected(faults: dict[str, str], tmp_path: Path) -> None:
    with running(tmp_path, STREAM="rtsp://10.9.8.7:8554/prof0?a=b", **faults) as camera:
        found = camera.camera().view()
        assert found.stream == "rtsp://127.0.0.1:8554/prof0?a=b"
        assert found.snapshot == f"http://127.0.0.1:{camera.port}/snap.jpg"
        assert found.model == "Mock Lab-1"
        assert found.clock_offset == pytest.approx(float(faults.get("SKEW", 0)), abs=1)
        # neither Subscribe, CreatePullPointSubscription nor anything else that leaves something behind
        assert {one["op"] for one in camera.asked()} == {
            "GetSystemDateAndTime",
            "GetServices",
            "GetProfiles",
            "GetStreamUri",
            "GetSnapshotUri",
            "GetDeviceInformation",
        }


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    with running(tmp_path) as camera:
        with pytest.raises(BadInput, match="refuses the user name or password: correct them in the site manifest"):
            camera.camera(password="wrong").view()
        wrong = [one for one in camera.asked() if one["digest"] is False or (one["wsse"] and not one["wsse"]["ok"])]
        assert len(wrong) <= 3


def test_an_operation_that_hangs_is_named(tmp_path: Path) -> None:
    told = r"^GetProfiles: 127[.]0[.]0[.]1 did not answer within 1 s$"
    with running(tmp_path, HANG="GetProfiles") as camera, pytest.raises(Unavailable, match=told):
        camera.camera(timeout=1).view()


def test_eight_threads_fail_in_none_of_their_calls(tmp_path: Path) -> None:
    """onvif-zeep's own token failed in 10 of 480 such calls, with the camera's clock an hour off."""
    with running(tmp_path, SKEW="3600", WINDOW="5") as camera:
        shared = camera.camera(timeout=60)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: shared.view(), range(80)))
        asked = camera.asked()
    assert {each.stream for each in found} == {found[0].stream}
    assert len(asked) >= 480
    assert [one for one in asked if one["wsse"] and not one["wsse"]["ok"]] == []
