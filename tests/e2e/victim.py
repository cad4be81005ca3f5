"""A site that is made to be killed: a busy classroom over a real store and a real ONVIF device.

Usage: python -m tests.e2e.victim STORE PORT. Twelve seats; somebody raises or lowers a hand at almost every picture.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from homeroom.adapters.onvif.device import OnvifDevice
from homeroom.clock import SystemClock
from homeroom.detection import Detection
from homeroom.picture import TimeSource, Unit
from homeroom.runtime import Parts, Runtime
from homeroom.site import read_site
from tests.fakes import ScriptedModel, StillSource, person, raising

USER, PASSWORD = "operator", "killed-often"
SEATS = 12
RATE = 20  # pictures a second


@dataclass
class LiveSource(StillSource):
    """A live camera: one picture after the other at the wall's pace."""

    def packets(self) -> Iterator[Unit]:
        while not self.closed.wait(1 / RATE):
            yield Unit(self._png, datetime.now(UTC), key=True, time_source=TimeSource.ARRIVAL)


def busy(_camera: str, utc: datetime) -> list[Detection]:
    """Everybody sits; each seat raises a hand for a while, at a pace of its own."""
    second = utc.timestamp()
    made = []
    for seat in range(SEATS):
        period = 1.0 + 0.13 * seat
        pose = raising if (second % period) < period / 2 else person
        made.append(pose(seat / SEATS, 0.2, (seat + 0.7) / SEATS + 0.001, 0.9))
    return made


def main() -> None:
    """Runs until it is killed."""
    store, port = Path(sys.argv[1]), sys.argv[2]
    polygons = [
        [[seat / SEATS, 0], [(seat + 0.7) / SEATS, 0], [(seat + 0.7) / SEATS, 1], [seat / SEATS, 1]]
        for seat in range(SEATS)
    ]
    quick = {"watch": {"min_time": 0.1, "min_off": 0.1}, "cool_down": 0}
    site = read_site(
        {
            "site": "victim",
            "jurisdiction": "lab",
            "granularity": "seat",
            "store": store.name,
            "models": [{"id": "fake"}],
            "behaviors": {"hand-raised": quick, "occupied": quick},
            "rooms": [
                {
                    "id": "r",
                    "cameras": [{"id": "front", "address": "live.mp4", "mode": "watch", "fps": RATE}],
                    "seats": [{"id": f"S{n}", "views": {"front": polygon}} for n, polygon in enumerate(polygons)],
                }
            ],
        },
        store.parent,
        "victim",
    )
    settings = {
        "id": "device",
        "type": "onvif-device",
        "listen": f"127.0.0.1:{port}",
        "username": USER,
        "password": PASSWORD,
    }
    parts = Parts(
        lambda camera: LiveSource(camera.id),
        {"fake": ScriptedModel(busy)},
        {"device": OnvifDevice(settings)},
        SystemClock(),
    )
    runtime = Runtime(site, parts)
    runtime.start()
    print("serving", flush=True)
    runtime.wait()


if __name__ == "__main__":
    main()
