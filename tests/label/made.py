"""A site of the shipped drawn clip, and collections of made stills."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from homeroom.label.collection import Collection, collection_of
from homeroom.label.marks import Marks
from homeroom.label.permit import Permit
from homeroom.label.still import Still, still_of
from homeroom.picture import Frame
from homeroom.site import SiteSettings, load_site
from tests.drawn import CLIP, MODEL
from tests.fakes import T0, VirtualClock

ROOT = Path(__file__).resolve().parents[2]
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"  # how each of ours begins; long enough never to come up by chance
GROUNDS = ("legal_basis", "impact_assessment", "notice", "permission")
SEATED = {"box": [0.1, 0.2, 0.3, 0.6], "axes": {"posture": "seated", "gesture": "none"}}


def site(folder: Path, camera: dict[str, Any] | None = None, **fields: Any) -> Path:
    """A site manifest whose one camera is the clip."""
    shutil.copy(CLIP, folder / "clip.mp4")
    front = {"id": "front", "address": "clip.mp4", "mode": "watch", "fps": 5, **(camera or {})}
    document = {
        "site": "made",
        "jurisdiction": "lab",
        "granularity": "seat",
        "store": "state/made.db",
        "models": [MODEL],
        "rooms": [{"id": "r", "cameras": [front]}],
        **fields,
    }
    path = folder / "site.json"
    path.write_text(json.dumps(document))
    return path


def settings(folder: Path, **fields: Any) -> SiteSettings:
    """The same as data."""
    return load_site(site(folder, **fields))


def still(number: int = 0, taken: VirtualClock | None = None) -> Still:
    """A lively grey picture, another one for each number."""
    chance = np.random.default_rng(number)
    y, u, v = (chance.integers(40, 200, size, np.uint8) for size in ((48, 64), (24, 32), (24, 32)))
    frame = Frame("front", T0 + timedelta(seconds=number), y, u, v)
    return still_of(frame, "r", (taken or VirtualClock()).now(), [SEATED])


def collection(made: SiteSettings, clock: VirtualClock, stills: int = 3, hours: int = 24) -> Collection:
    """A collection of so many stills, taken now."""
    held = collection_of(made, clock)
    for number in range(stills):
        held.add(still(number, clock), Permit(hours))
    return held


def marked(held: Collection, *ids: str, people: tuple[dict[str, Any], ...] = (SEATED,)) -> None:
    """Labels these stills as done."""
    for id_ in ids:
        held.mark(id_, Marks(done=True, people=people))


def later(clock: VirtualClock, **span: float) -> None:
    """Time passes."""
    clock.time += timedelta(**span)


def acts(held: Collection) -> list[dict[str, Any]]:
    """The lines of the audit."""
    if not held.audit.path.exists():
        return []
    return [json.loads(line) for line in held.audit.path.read_text().splitlines()]


def in_the_clear(folder: Path) -> list[Path]:
    """Files below that hold a JPEG, a box or the name of a camera."""
    words = (JPEG, b'"box"', b'"front"')
    return [path for path in folder.rglob("*") if path.is_file() and any(one in path.read_bytes() for one in words)]
