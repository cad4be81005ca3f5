"""Rooms are proposed from what cameras are called, under valid ids, each once, and in any order the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.commission.camera import FoundCamera
from homeroom.commission.place import read_place
from homeroom.commission.proposal import MOST, Room, drop, entries, extended, merge, propose, rename, split
from homeroom.commission.text import natural, plain, slug, unique
from homeroom.errors import BadInput
from homeroom.manifest import schema, validate
from homeroom.site import read_site


def camera(host: int | str, *names: str, room: str = "", location: str = "") -> FoundCamera:
    address = f"onvif://10.0.0.{host}" if isinstance(host, int) else host
    return FoundCamera(address, names=names, room=room, location=location)


def shape(rooms: tuple[Room, ...]) -> dict[str, list[str]]:
    return {room.id: [position for position, _ in room.cameras] for room in rooms}


@pytest.mark.parametrize(
    ("text", "key", "position"),
    [
        ("R101 front", "r101", "front"),
        ("Room 101 - back", "r101", "back"),
        ("room101_rear", "r101", "rear"),
        ("Raum 2.14 hinten links", "r2.14", "hinten-links"),
        ("Classroom B12 Cam 2", "b12", "2"),
        ("B12", "b12", ""),
        ("101 back", "r101", "back"),
        ("Salle 7 fond", "r7", "fond"),
        ("Library left", "library", "left"),
        ("Chemistry lab 2 front", "chemistry lab 2", "front"),
        ("R\uff11\uff10\uff11 front", "r101", "front"),  # full-width digits
    ],
)
def test_a_name_tells_room_and_position(text: str, key: str, position: str) -> None:
    place = read_place(text)
    assert place is not None
    assert (place.key, place.position) == (key, position)


@pytest.mark.parametrize("text", ["", "Camera", "IP Camera 1", "front", "---", "1", "mainStream", "Profile_1"])
def test_a_name_that_names_no_room(text: str) -> None:
    assert read_place(text) is None


def test_cameras_of_one_room_come_together() -> None:
    rooms = propose([camera(5, "R101 front"), camera(6, "Room 101 - back"), camera(7, "Library"), camera(8, "Camera")])
    assert shape(rooms) == {"library": [""], "r101": ["front", "back"], "room-10-0-0-8": [""]}
    made = entries(rooms, Path("/site"))
    assert [one["id"] for one in made[1]["cameras"]] == ["r101-front", "r101-back"]


def test_a_maker_s_name_is_no_room() -> None:
    rooms = propose([camera(n, "IPC-HDW2431T") for n in (5, 6, 7)])
    assert list(shape(rooms)) == ["room-10-0-0-5", "room-10-0-0-6", "room-10-0-0-7"]


def test_of_a_location_only_a_room_number_is_believed() -> None:
    rooms = propose([camera(5, location="country/china city/hangzhou"), camera(6, location="Building A Room 12")])
    assert set(shape(rooms)) == {"r12", "room-10-0-0-5"}


def test_what_the_person_said_comes_first() -> None:
    rooms = propose([camera(5, "R101 front", room="Physics"), camera(6, "back", room="physics"), camera(7, room="12")])
    assert shape(rooms) == {"physics": ["front", "back"], "r12": [""]}


def test_a_room_takes_no_more_cameras_than_the_schema_lets_it() -> None:
    rooms = propose([camera(n, f"R1 cam {n}") for n in range(1, 12)])
    assert [len(room.cameras) for room in rooms] == [MOST, 3]


def test_rooms_stand_in_the_order_that_people_expect() -> None:
    rooms = propose([camera(1, "R10"), camera(2, "R9"), camera(3, "R100")])
    assert [room.id for room in rooms] == ["r9", "r10", "r100"]


NAMES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["R101 front", "Room 101", "r101", "Library left", "Library", "../../etc/passwd", "a" * 300, "\x1b]0;x\x07"]
    ),
)
FOUND = st.lists(
    st.builds(
        FoundCamera,
        address=st.builds("onvif://10.{}.{}.{}".format, st.integers(0, 1), st.integers(0, 1), st.integers(1, 30)),
        names=st.tuples(NAMES, NAMES),
        location=NAMES,
        room=st.one_of(st.just(""), NAMES),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda one: one.address,
)


def document(rooms: list[dict[str, object]]) -> dict[str, object]:
    return {"site": "s", "jurisdiction": "lab", "models": [{"id": "m"}], "rooms": rooms}


@given(FOUND, st.randoms(use_true_random=False))
def test_any_names_give_a_valid_manifest_and_in_any_order_the_same(
    found: list[FoundCamera], chance: random.Random
) -> None:
    rooms = entries(propose(found), Path("/site"))
    settings = read_site(document(rooms), Path("/site"), "proposed")  # ids: valid, each once
    assert {one.address for _, one in settings.cameras} == {one.address for one in found}
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert entries(propose(shuffled), Path("/site")) == rooms
    ids = [room.id for room in settings.rooms] + [one.id for _, one in settings.cameras]
    assert all(one == one.lower() and "/" not in one and not one.startswith(".") for one in ids)


@given(FOUND, st.data())
def test_whatever_is_changed_every_camera_stays_until_it_is_dropped(
    found: list[FoundCamera], data: st.DataObject
) -> None:
    rooms = propose(found)
    dropped = 0
    for _ in range(3):
        at = data.draw(st.integers(0, len(rooms) - 1))
        change = data.draw(st.sampled_from(["rename", "merge", "split", "drop"]))
        try:
            if change == "rename":
                rooms = rename(rooms, at, data.draw(NAMES))
            elif change == "merge":
                rooms = merge(rooms, [at, data.draw(st.integers(0, len(rooms) - 1))])
            elif change == "split":
                rooms = split(rooms, [at])
            else:
                fewer = drop(rooms, [at])
                dropped += len(rooms[at].cameras)
                rooms = fewer
        except BadInput:
            continue
    assert sum(len(room.cameras) for room in rooms) == len(found) - dropped
    read_site(document(entries(rooms, Path("/site"))), Path("/site"), "changed")


@given(FOUND)
def test_what_is_added_never_changes_what_is_there(found: list[FoundCamera]) -> None:
    before, after = found[: len(found) // 2], found[len(found) // 2 :]
    old = document(entries(propose(before), Path("/site"))) if before else document([])
    taken = [one["id"] for room in old["rooms"] for one in room["cameras"]]  # type: ignore[attr-defined]
    try:
        new = extended(old, entries(propose(after), Path("/site"), taken))
    except BadInput:
        return  # a room would have too many cameras
    read_site(new, Path("/site"), "extended")
    there = {one["id"]: one for room in new["rooms"] for one in room["cameras"]}
    assert all(there[one["id"]] == one for room in old["rooms"] for one in room["cameras"])  # type: ignore[attr-defined]
    assert [room["id"] for room in new["rooms"]][: len(old["rooms"])] == [room["id"] for room in old["rooms"]]  # type: ignore[arg-type,attr-defined]


@given(st.text(max_size=300), st.lists(st.text(max_size=70), max_size=5))
def test_an_id_is_valid_and_new(text: str, taken: list[str]) -> None:
    made = unique(slug(text) or "room", taken)
    validate(made, schema("site")["$defs"]["id"], "id")
    assert made.casefold() not in {one.casefold() for one in taken}


@given(st.text(max_size=2000))
def test_plain_text_is_one_line_that_moves_nothing(text: str) -> None:
    made = plain(text)
    assert made.isprintable()
    assert len(made) <= 200
    assert "\x1b" not in made
    assert "\u202e" not in made


@given(st.lists(st.text(max_size=20)))
def test_the_natural_order_takes_any_text(texts: list[str]) -> None:
    assert len(sorted(texts, key=natural)) == len(texts)
