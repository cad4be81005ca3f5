"""A camera for each test."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from .onvif_peer import OnvifPeer, onvif_peer


@pytest.fixture
def peer() -> Iterator[OnvifPeer]:
    with onvif_peer() as made:
        yield made


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that is taken, so that nobody else gets it, and refuses all connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
