"""The site manifest as data: rooms, cameras, seats, models and VMSs, checked and with secrets at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from .acceptance import NONE, Acceptance, read_acceptance
from .behaviors import Vocabulary
from .errors import BadInput
from .geometry import Polygon, area
from .manifest import load_vocabulary, read_json, schema, validate, where
from .policy import Pack, load_pack
from .scene import Mode
from .secret import resolved

Granularity = Literal["class", "seat"]


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """One camera of the manifest. `settings` is its whole entry with secrets resolved: never log it."""

    id: str
    name: str
    address: str
    scheme: str
    mode: Mode
    every: timedelta
    fps: float
    timeout: float
    exclude: tuple[Polygon, ...]
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def step(self) -> timedelta:
        """Time from one look to the next."""
        return self.every if self.mode is Mode.SCAN else timedelta(seconds=1 / self.fps)


@dataclass(frozen=True, slots=True)
class SeatSettings:
    """One seat: camera id to the polygon in which that camera sees the person there."""

    id: str
    views: Mapping[str, Polygon]


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """One room with its cameras and seats, if it has any yet. `model` is the id of one of the site's models."""

    id: str
    name: str
    model: str
    cameras: tuple[CameraSettings, ...]
    seats: tuple[SeatSettings, ...]


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The whole manifest. `models`, `vms` and `observers` keep their JSON form; what `vms` says of secrets is a name.

    `folder` is what relative paths count from, `metrics` where figures are served ("" for nowhere). `acceptance` is
    what the record beside the store says. `secrets` holds the
    entries of `vms` with their secrets in place, once `unlocked` has read them: never log it.
    """

    name: str
    pack: Pack
    granularity: Granularity
    grounds: Mapping[str, str]
    store: Path
    vocabulary: Vocabulary
    rooms: tuple[RoomSettings, ...]
    models: Mapping[str, Mapping[str, Any]]
    vms: Mapping[str, Mapping[str, Any]]
    folder: Path
    metrics: str = ""
    observers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    acceptance: Acceptance = NONE
    secrets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def cameras(self) -> Iterator[tuple[RoomSettings, CameraSettings]]:
        """Every camera with its room."""
        return ((room, camera) for room in self.rooms for camera in room.cameras)

    @property
    def used_models(self) -> list[str]:
        """Ids of the models that some room uses, each once."""
        return sorted({room.model for room in self.rooms})


def _polygon(corners: Any, label: str) -> Polygon:
    made = tuple((float(x), float(y)) for x, y in corners)
    if area(made) < 1e-6:
        raise BadInput(f"{label}: the polygon covers nothing; give corners in order around the area")
    return made


def read_camera(entry: Mapping[str, Any], folder: Path, label: str) -> CameraSettings:
    """One camera's entry as data; relative paths count from `folder`. BadInput starts with `label`."""
    address = entry["address"]
    if "://" not in address and ("@" in address or re.match(r"(?!file:)[a-z]{2,}:", address)):
        raise BadInput(f"{label}.address: neither a path nor an address such as rtsp://HOST/PATH")  # not repeated: "@"
    try:
        parts = urlsplit(address) if "://" in address else None
    except ValueError:
        raise BadInput(f"{label}.address: no URL; write it as rtsp://HOST/PATH") from None
    if parts is not None and (parts.password or parts.username):
        raise BadInput(
            f'{label}.address: take user and password out of it; use "username" and "password": {{"env": NAME}}'
        )
    scheme = parts.scheme if parts is not None else "file"
    if scheme == "file":
        path = address.removeprefix("file://").removeprefix("file:")
        address = str((folder / path).resolve())
    if not 1970 <= datetime.fromisoformat(entry.get("start", "2000-01-01")).year <= 2200:
        raise BadInput(f"{label}.start: a recording begins between 1970 and 2200")
    settings = {**resolved(entry, folder, label), "address": address}
    if "ca" in entry:
        settings["ca"] = str((folder / entry["ca"]).resolve())
    return CameraSettings(
        id=entry["id"],
        name=entry.get("name", entry["id"]),
        address=address,
        scheme=scheme,
        mode=Mode(entry.get("mode", Mode.SCAN)),
        every=timedelta(seconds=entry.get("every", 30)),
        fps=entry.get("fps", 2),
        timeout=entry.get("timeout", 10),
        exclude=tuple(_polygon(area, f"{label}.exclude[{i}]") for i, area in enumerate(entry.get("exclude", ()))),
        settings=settings,
    )


def _unique(ids: list[str], label: str) -> None:
    doubled = next((one for one in ids if ids.count(one) > 1), None)
    if doubled is not None:
        raise BadInput(f"{label}: the id {doubled!r} stands twice")


def _room(entry: Mapping[str, Any], models: Mapping[str, Any], folder: Path, label: str) -> RoomSettings:
    cameras = tuple(read_camera(one, folder, f"{label}.cameras[{i}]") for i, one in enumerate(entry["cameras"]))
    seats = []
    for i, seat in enumerate(entry.get("seats", ())):
        views = {}
        for camera, corners in seat["views"].items():
            if camera not in {one.id for one in cameras}:
                raise BadInput(f"{label}.seats[{i}].views: room {entry['id']!r} has no camera {camera!r}")
            views[camera] = _polygon(corners, f"{label}.seats[{i}].views.{camera}")
        seats.append(SeatSettings(seat["id"], views))
    _unique([seat.id for seat in seats], f"{label}.seats")
    model = entry.get("model", next(iter(models)))
    if model not in models:
        raise BadInput(f"{label}.model: {model!r} is not one of `models`: {', '.join(models)}")
    return RoomSettings(entry["id"], entry.get("name", entry["id"]), model, cameras, tuple(seats))


def read_site(document: Mapping[str, Any], folder: Path, label: str) -> SiteSettings:
    """Checks a site manifest that was read from `folder`; BadInput says where it is wrong."""
    validate(document, schema("site"), label)
    models = {
        entry["id"]: {
            key: str(folder / value) if key in ("manifest", "cache") else value for key, value in entry.items()
        }
        for entry in document["models"]
    }
    rooms = tuple(
        _room(entry, models, folder, f"{label}: {where(('rooms', i))}") for i, entry in enumerate(document["rooms"])
    )
    _unique([room.id for room in rooms], f"{label}: $.rooms")
    _unique([camera.id for room in rooms for camera in room.cameras], f"{label}: $.rooms: cameras")
    vms = document.get("vms", [])
    _unique([entry["id"] for entry in vms], f"{label}: $.vms")
    observers = document.get("observers", [])
    _unique([entry["id"] for entry in observers], f"{label}: $.observers")
    return SiteSettings(
        name=document["site"],
        pack=load_pack(document["jurisdiction"]),
        granularity=document.get("granularity", "class"),
        grounds=document.get("policy", {}),
        store=(folder / document.get("store", "homeroom.db")).resolve(),
        vocabulary=load_vocabulary(document.get("behaviors")),
        rooms=rooms,
        models=models,
        vms={entry["id"]: entry for entry in vms},
        folder=folder,
        metrics=document.get("metrics", {}).get("listen", ""),
        observers={entry["id"]: entry for entry in observers},
    )


def load_site(path: Path) -> SiteSettings:
    """Reads and checks a site manifest."""
    settings = read_site(read_json(path), path.resolve().parent, str(path))
    return replace(settings, acceptance=read_acceptance(settings.store, settings.name))


def unlocked(settings: SiteSettings) -> SiteSettings:
    """The site with the secrets of its VMSs at hand. BadInput names one that is missing."""
    secrets = {id_: resolved(entry, settings.folder, f"vms {id_}") for id_, entry in settings.vms.items()}
    return replace(settings, secrets=secrets)
