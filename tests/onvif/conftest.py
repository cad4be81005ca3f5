"""A site and its device for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from homeroom.adapters.onvif.device import OnvifDevice

from .fake_site import FakeSite, serving
from .peer import Peer, connected


@pytest.fixture
def site() -> Iterator[FakeSite]:
    made = FakeSite()
    yield made
    made.close()


@pytest.fixture
def device(site: FakeSite) -> Iterator[OnvifDevice]:
    with serving(site) as made:
        yield made


@pytest.fixture
def peer(device: OnvifDevice) -> Iterator[Peer]:
    with connected(device) as made:
        yield made
