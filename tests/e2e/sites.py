"""Site manifests for the recordings of the lab, and a runner for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from homeroom.event import Event
from homeroom.geometry import Box, Point, area, clip
from homeroom.models.cache import fetch
from homeroom.models.catalog import find
from homeroom.store import Store
from tests.lab import lab

ACTION = "person-detection-action-recognition-0006"
Seats = Mapping[str, Sequence[Point]]

# drawn around the people of the recordings by eye
CLASSROOM: Seats = {
    "L1": [(0.08, 0.48), (0.26, 0.48), (0.26, 1.0), (0.08, 1.0)],
    "L2": [(0.22, 0.42), (0.34, 0.42), (0.34, 0.85), (0.22, 0.85)],
    "R1": [(0.44, 0.42), (0.56, 0.42), (0.56, 0.85), (0.44, 0.85)],
    "R2": [(0.59, 0.5), (0.74, 0.5), (0.74, 1.0), (0.59, 1.0)],
}
HAND_RAISED: Seats = {
    "woman": [(0.17, 0.53), (0.3, 0.53), (0.3, 1.0), (0.17, 1.0)],
    "behind": [(0.29, 0.41), (0.39, 0.41), (0.39, 0.8), (0.29, 0.8)],
    "raiser": [(0.34, 0.44), (0.51, 0.44), (0.51, 1.0), (0.34, 1.0)],
    "phone": [(0.54, 0.4), (0.67, 0.4), (0.67, 0.82), (0.54, 0.82)],
    "window": [(0.78, 0.46), (0.94, 0.46), (0.94, 0.97), (0.78, 0.97)],
}


def classroom_camera() -> dict[str, str]:
    """The classroom recording as an endless live camera, in its own size; for tests.rtsp.rtsp_server."""
    return {"/cam": f"{lab('media/intel-classroom-preview.gif')},size=480x270,fps=10,gop=20"}


def inside(seats: Seats) -> dict[str, list[Point]]:
    """The seats' parts within the picture; those that are hardly in it are left out."""
    parts = {seat: clip(tuple(polygon), Box(0, 0, 1, 1)) for seat, polygon in seats.items()}
    return {
        seat: [(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in part]
        for seat, part in parts.items()
        if len(part) > 2 and area(part) > 0.5 * area(tuple(seats[seat]))
    }


def models(folder: Path) -> Path:
    """A model cache in `folder` that holds the official action net."""
    cache = folder / "models"
    fetch(find(ACTION, None), cache, str(lab("models")))
    return cache


def site(folder: Path, seats: Seats, camera: Mapping[str, Any], **fields: Any) -> Path:
    """Writes a site manifest with one room and one watched camera; f32 makes runs comparable."""
    document = {
        "site": "lab",
        "jurisdiction": "lab",
        "granularity": "seat",
        "models": [{"id": ACTION, "precision": "f32", "cache": str(models(folder))}],
        "rooms": [
            {
                "id": "room",
                "cameras": [{"id": "front", "mode": "watch", "fps": 4, **camera}],
                "seats": [{"id": seat, "views": {"front": polygon}} for seat, polygon in inside(seats).items()],
            }
        ],
        **fields,
    }
    path = folder / "site.json"
    path.write_text(json.dumps(document))
    return path


def logged(store: Path) -> list[Event]:
    """All events in a store's log."""
    with Store.reader(store) as reader:
        return [one.event for one in reader.log(0, 10_000)]
