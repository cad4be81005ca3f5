"""Rooms proposed for cameras, and what a person may change of them. Everything here is pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from .camera import FoundCamera
from .place import Place, read_place, read_position
from .text import natural, plain, slug, unique

MOST = 8  # cameras of one room, as the schema has it


@dataclass(frozen=True, slots=True)
class Room:
    """A room to be: its id, what people call it, and its cameras, each with its position ("" unknown)."""

    id: str
    name: str
    cameras: tuple[tuple[str, FoundCamera], ...]


def _place(camera: FoundCamera) -> Place | None:
    """The place of a camera, its position taken from any of its names."""
    place = _room(camera)
    if place is None or place.position:
        return place
    return replace(place, position=next(filter(None, map(read_position, camera.names)), ""))


def _room(camera: FoundCamera) -> Place | None:
    """What the person said of a camera comes before its names; of a location only a room number is believed.

    Cameras leave their factory with a location: the maker's.
    """
    if camera.room:
        told = read_place(camera.room)
        if told is not None and told.numbered:
            return told
        return Place(slug(camera.room) or "room", plain(camera.room, 100), "", numbered=True)
    read = [one for one in map(read_place, camera.names) if one]
    location = read_place(camera.location)
    numbered = [one for one in (*read, *([location] if location else [])) if one.numbered]
    return next(iter(numbered or read), None)


def propose(cameras: Iterable[FoundCamera]) -> tuple[Room, ...]:
    """A room for each place that the cameras' names speak of, and one for each camera whose names say nothing.

    The same cameras in any order give the same rooms. A name that several cameras share word by word, without a
    number or a position, is their maker's and no room's.
    """
    ordered = sorted(cameras, key=lambda one: (natural(one.address), one.profile))
    placed = [(one, _place(one)) for one in ordered]
    groups: dict[str, list[tuple[Place, FoundCamera]]] = defaultdict(list)
    unknown: list[FoundCamera] = []
    for camera, place in placed:
        if place is None or not slug(place.key):
            unknown.append(camera)
        else:
            groups[slug(place.key)].append((place, camera))
    for key, group in list(groups.items()):
        if len(group) > 1 and not any(place.numbered or place.position for place, _ in group):
            unknown += [camera for _, camera in groups.pop(key)]
    rooms = [
        Room(key, group[0][0].name, tuple((place.position, camera) for place, camera in group[at : at + MOST]))
        for key, group in groups.items()
        for at in range(0, len(group), MOST)
    ]
    rooms += [
        Room(slug(f"room {one.host}") or "room", f"Room of {plain(one.host, 80)}", (("", one),))
        for one in sorted(unknown, key=lambda one: (natural(one.address), one.profile))
    ]
    return _with_ids(sorted(rooms, key=lambda one: natural(one.id)))


def _with_ids(rooms: Sequence[Room]) -> tuple[Room, ...]:
    used: list[str] = []
    made = []
    for room in rooms:
        made.append(replace(room, id=unique(room.id, used)))
        used.append(made[-1].id)
    return tuple(made)


def rename(rooms: Sequence[Room], at: int, name: str) -> tuple[Room, ...]:
    """Room number `at` under another name, from which its id is made. Raises BadInput where no id can be made of it."""
    others = [one.id for i, one in enumerate(rooms) if i != at]
    if not slug(name):
        raise BadInput("a name needs a letter of a to z or a digit")
    told = read_place(name)
    id_ = slug(told.key) if told and told.numbered and not told.position else slug(name)
    renamed = replace(rooms[at], id=unique(id_, others), name=plain(name, 100))
    return tuple(renamed if i == at else one for i, one in enumerate(rooms))


def merge(rooms: Sequence[Room], which: Sequence[int]) -> tuple[Room, ...]:
    """One room of several, under the first one's name. Raises BadInput where it would have too many cameras."""
    cameras = tuple(camera for i in dict.fromkeys(which) for camera in rooms[i].cameras)
    if len(cameras) > MOST:
        raise BadInput(f"a room has {MOST} cameras at most, and these have {len(cameras)}")
    merged = replace(rooms[which[0]], cameras=cameras)
    return tuple(merged if i == which[0] else one for i, one in enumerate(rooms) if i == which[0] or i not in which)


def split(rooms: Sequence[Room], which: Sequence[int]) -> tuple[Room, ...]:
    """A room for each camera of some rooms, under ids made of the room's and the camera's position."""
    made: list[Room] = []
    for i, room in enumerate(rooms):
        if i not in which:
            made.append(room)
        else:
            made += [
                Room(slug(f"{room.id} {position}"), f"{room.name} {position}".strip(), ((position, camera),))
                for position, camera in room.cameras
            ]
    return _with_ids(made)


def drop(rooms: Sequence[Room], which: Sequence[int]) -> tuple[Room, ...]:
    """The rooms without some. Raises BadInput where none would be left."""
    if len(set(which)) == len(rooms):
        raise BadInput("one room must stay")
    return tuple(one for i, one in enumerate(rooms) if i not in which)


def entries(rooms: Iterable[Room], folder: Path, taken: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Rooms as a manifest in `folder` has them, without seats; `taken` are ids of cameras that are no longer free."""
    used = list(taken)
    made = []
    for room in rooms:
        cameras = []
        for position, camera in room.cameras:
            id_ = unique(f"{room.id}-{slug(position) or 'camera'}", used)
            used.append(id_)
            cameras.append({"id": id_, **camera.entry(folder)})
        name = {"name": room.name} if len(room.name) >= 3 else {}
        made.append({"id": room.id, **name, "cameras": cameras})
    return made


def extended(document: Mapping[str, Any], rooms: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A manifest with more rooms; of a room that it has already, the new cameras join it. Raises BadInput."""
    present = {one["id"].casefold(): i for i, one in enumerate(document.get("rooms", []))}
    made = [dict(one) for one in document.get("rooms", [])]
    for room in rooms:
        at = present.get(room["id"].casefold())
        if at is None:
            made.append(dict(room))
            continue
        made[at] = _joined(made[at], room)
    return {**document, "rooms": made}


def _joined(room: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    cameras = [*room["cameras"], *more["cameras"]]
    if len(cameras) > MOST:
        raise BadInput(f"room {room['id']} would have {len(cameras)} cameras, and a room has {MOST} at most")
    return {**room, "cameras": cameras}
