"""A camera for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .onvif_peer import OnvifPeer, onvif_peer


@pytest.fixture
def peer() -> Iterator[OnvifPeer]:
    with onvif_peer() as made:
        yield made
