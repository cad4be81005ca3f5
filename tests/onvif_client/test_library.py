from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from tests.http_camera import PASSWORD, USER

from .onvif_peer import OnvifPeer


def in_a_process(code: str, *arguments: str, **environment: str) -> Any:
    """What a fresh interpreter prints, as JSON."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_onvif_zeep_changes_nothing_in_our_process(peer: OnvifPeer) -> None:
    found = in_a_process(
        """
        import json, logging, os, sys
        from homeroom.adapters.onvif_client.camera import OnvifCamera
        address, username, password = sys.argv[1:]
        view = OnvifCamera("c", {"address": address, "username": username, "password": password}).view()
        root = logging.getLogger()
        print(json.dumps({
            "stream": view.stream,
            "handlers": len(root.handlers),
            "level": root.level,
            "zeep": logging.getLogger("zeep.client").level,
            "proxies": [os.environ.get(name) for name in ("http_proxy", "https_proxy")],
            "used": "onvif.client" in sys.modules,
        }))
        """,
        peer.address,
        USER,
        PASSWORD,
        http_proxy="http://192.0.2.1:1",
        https_proxy="http://192.0.2.1:2",
    )
    assert found == {
        "stream": "rtsp://127.0.0.1:554/main?transport=tcp",
        "handlers": 0,
        "level": 30,  # WARNING, as Python has it
        "zeep": 0,
        "proxies": ["http://192.0.2.1:1", "http://192.0.2.1:2"],
        "used": True,
    }
    assert not set(peer.asked) - {
        "GetSystemDateAndTime",
        "GetServices",
        "GetProfiles",
        "GetStreamUri",
        "GetSnapshotUri",
        "GetDeviceInformation",
    }


@pytest.mark.parametrize("namesake", ["", "class ONVIFError(Exception): pass\nclass ONVIFService: pass"])
def test_a_namesake_of_onvif_zeep_is_told(tmp_path: Any, namesake: str) -> None:
    (tmp_path / "onvif.py").write_text(namesake)
    said = in_a_process(
        """
        import json, sys
        sys.path.insert(0, sys.argv[1])
        from homeroom.errors import BadInput
        try:
            from homeroom.adapters.onvif_client.camera import OnvifCamera
            OnvifCamera("c", {"address": "onvif://127.0.0.1:9"}).view()
        except BadInput as error:
            print(json.dumps(str(error)))
        """,
        str(tmp_path),
    )
    assert said.endswith("pip install --force-reinstall onvif-zeep")
