"""The step that puts cameras into rooms: proposed, then changed by a person until they agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from homeroom.errors import BadInput

from .camera import FoundCamera, same
from .dialogue import Question
from .proposal import Room, drop, entries, extended, merge, propose, rename, split
from .text import plain
from .work import Work

KEEP = "keep"
_FLAG = "--room NAME=ADDRESS[,...]"
_HELP = "Change them: rename 1 LIBRARY | merge 1 2 | split 1 | drop 3. Enter keeps them."


def place_cameras(work: Work) -> None:
    """Groups the cameras of the draft into rooms, as the manifest has them. Raises BadInput."""
    cameras = _told(work.draft.cameras, work.flags.room)
    rooms = propose(cameras)
    everything = all(one.room for one in cameras)
    taken = [one["id"] for room in work.existing.get("rooms", []) for one in room["cameras"]]

    def check(text: str) -> str:
        changed = _changed(rooms, text)
        if text == KEEP:  # refused while it can still be changed
            extended(work.existing, entries(changed, work.folder, taken))
        return text

    while True:
        _show(work, rooms)
        said = work.dialogue.ask(Question("Rooms", _FLAG, KEEP, check, optional=everything))
        if said == KEEP:
            break
        rooms = _changed(rooms, said)
    work.draft.manifest["rooms"] = entries(rooms, work.folder, taken)


def _told(cameras: Sequence[FoundCamera], flags: Sequence[str]) -> list[FoundCamera]:
    """The cameras with the rooms that flags name."""
    made = list(cameras)
    for flag in flags:
        name, equals, addresses = flag.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"--room {plain(flag)}: write it as NAME=ADDRESS[,ADDRESS...]")
        for address in filter(None, map(str.strip, addresses.split(","))):
            at = [i for i, one in enumerate(made) if _means(address, one)]
            if not at:
                raise BadInput(f"--room {plain(name)}: no camera {plain(address)} was found")
            for i in at:
                made[i] = replace(made[i], room=plain(name, 80))
    return made


def _means(address: str, camera: FoundCamera) -> bool:
    """Whether a camera is meant by an address: its own, its device's, its host's, or the path of its file."""
    ways = {same(camera.address), same(camera.device), camera.host}
    return bool(ways & {same(address), address, str(Path(address).resolve())})


def _show(work: Work, rooms: Sequence[Room]) -> None:
    there = {one["id"].casefold() for one in work.existing.get("rooms", [])}
    wide = max((len(one.id) for one in rooms), default=0)
    work.tell("Rooms:")
    for number, room in enumerate(rooms, 1):
        joins = " (joins the room that is there)" if room.id.casefold() in there else ""
        work.tell(f"  {number:>3}  {room.id:<{wide}}  {room.name}{joins}")
        for position, camera in room.cameras:
            called = f" ({camera.names[0]})" if camera.names else ""
            work.tell(f"       {'':<{wide}}  {position or 'camera'}: {camera.address}{called}  {camera.sight}")
    work.tell(_HELP)


def _changed(rooms: Sequence[Room], said: str) -> tuple[Room, ...]:
    """The rooms after one change. Raises BadInput with what could be said."""
    if said == KEEP:
        return tuple(rooms)
    verb, _, rest = said.partition(" ")
    if verb == "rename" and (told := re.fullmatch(r"([0-9]{1,4}) +(.+)", rest.strip())):
        (at,) = _numbers(rooms, told[1])
        return rename(rooms, at, told[2])
    if verb in ("merge", "split", "drop"):
        which = _numbers(rooms, rest)
        if verb == "merge":
            return merge(rooms, which)
        return split(rooms, which) if verb == "split" else drop(rooms, which)
    raise BadInput(_HELP)


def _numbers(rooms: Sequence[Room], text: str) -> list[int]:
    words = text.replace(",", " ").split()
    if not words or not all(re.fullmatch("[0-9]{1,4}", one) and 1 <= int(one) <= len(rooms) for one in words):
        raise BadInput(f"numbers from 1 to {len(rooms)} say which rooms are meant")
    return [int(one) - 1 for one in words]
