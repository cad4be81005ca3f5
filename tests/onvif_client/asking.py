"""How tests ask a camera."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.adapters.onvif_client.camera import OnvifCamera, View
from homeroom.errors import HomeroomError
from tests.http_camera import PASSWORD, USER

from .onvif_peer import OnvifPeer


def settings(peer: OnvifPeer, **more: Any) -> dict[str, Any]:
    """A camera entry of a site manifest, secrets resolved."""
    return {"address": peer.address, "username": USER, "password": PASSWORD, "timeout": 5, **more}


def view(peer: OnvifPeer, profile: str = "", **more: Any) -> View:
    return OnvifCamera("c", settings(peer, **more)).view(profile)


def trouble(peer: OnvifPeer, profile: str = "", **more: Any) -> str:
    """What is said of a camera that cannot be asked: one line, and never the password."""
    with pytest.raises(HomeroomError) as raised:
        view(peer, profile, **more)
    told = str(raised.value)
    assert told.isprintable()
    assert PASSWORD not in told
    return told
