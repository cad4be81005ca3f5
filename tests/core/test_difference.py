"""What a new manifest changes, as data."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.difference import Changes, Difference, difference
from homeroom.errors import BadInput
from homeroom.site import SiteSettings, read_site, unlocked

POLYGON = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]


def room(id_: str, **fields: Any) -> dict[str, Any]:
    camera = f"{id_}-front"
    return {
        "id": id_,
        "cameras": [{"id": camera, "address": "rtsp://10.0.0.5/stream"}],
        "seats": [{"id": "A1", "views": {camera: POLYGON}}],
        **fields,
    }


def document(**fields: Any) -> dict[str, Any]:
    vms = {"id": "device", "type": "onvif-device", "password": {"file": "pw"}}
    return deepcopy(
        {
            "site": "s",
            "jurisdiction": "lab",
            "models": [{"id": "m"}, {"id": "n"}],
            "rooms": [room("r1"), room("r2")],
            "vms": [vms],
            **fields,
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pw").write_text("first")
    return tmp_path


def read(folder: Path, made: dict[str, Any]) -> SiteSettings:
    return unlocked(read_site(made, folder, "site.json"))


def found(folder: Path, **fields: Any) -> Difference:
    """What these fields change about the site of `document`."""
    return difference(read(folder, document()), read(folder, document(**fields)))


def test_the_same_manifest_changes_nothing(folder: Path) -> None:
    assert not found(folder)
    assert str(found(folder)) == "nothing changed"


def test_rooms_come_go_and_change(folder: Path) -> None:
    changed = room("r2", seats=[{"id": "B1", "views": {"r2-front": POLYGON}}])
    change = found(folder, rooms=[room("r3"), changed])
    assert change == Difference(rooms=Changes(("r3",), ("r1",), ("r2",)))
    assert str(change) == "room r3 added, room r2 changed, room r1 removed"


def test_the_order_of_rooms_changes_none_of_them(folder: Path) -> None:
    assert not found(folder, rooms=[room("r2"), room("r1")])


def test_names_alone_make_nothing_begin_anew(folder: Path) -> None:
    named = room("r1", name="Room 1")
    named["cameras"][0]["name"] = "Front of room 1"
    assert found(folder, rooms=[named, room("r2")]) == Difference(renamed=("r1",))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"jurisdiction": "eu"}, id="jurisdiction"),
        pytest.param({"granularity": "seat"}, id="granularity"),
        pytest.param({"policy": {"notice": "a letter"}}, id="grounds"),
    ],
)
def test_another_policy_changes_every_room(fields: dict[str, Any], folder: Path) -> None:
    change = found(folder, **fields)
    assert change.policy
    assert change.rooms == Changes(changed=("r1", "r2"))


def test_only_from_seat_to_class_is_something_withheld(folder: Path) -> None:
    seat, whole = (read(folder, document(granularity=one)) for one in ("seat", "class"))
    assert difference(seat, whole).withheld
    assert not difference(whole, seat).withheld


def test_other_behaviors_change_every_room(folder: Path) -> None:
    change = found(folder, behaviors={"standing": {"severity": "warning"}})
    assert change == Difference(rooms=Changes(changed=("r1", "r2")), vocabulary=True)


def test_a_model_is_loaded_once_a_room_uses_it_and_again_when_its_entry_changes(folder: Path) -> None:
    change = found(folder, rooms=[room("r1"), room("r2", model="n")])
    assert change == Difference(rooms=Changes(changed=("r2",)), models=("n",))
    change = found(folder, models=[{"id": "m", "device": "GPU"}, {"id": "n"}])
    assert change == Difference(rooms=Changes(changed=("r1", "r2")), models=("m",))
    assert not found(folder, models=[{"id": "m"}, {"id": "n", "device": "GPU"}]), "no room uses it"


def test_another_password_in_the_same_file_changes_the_sink_and_the_camera(folder: Path) -> None:
    camera = {"id": "r1-front", "address": "rtsp://10.0.0.5/stream", "password": {"file": "pw"}}
    made = document(rooms=[room("r1", cameras=[camera]), room("r2")])
    before = read(folder, made)
    (folder / "pw").write_text("second")
    change = difference(before, read(folder, made))
    assert change == Difference(rooms=Changes(changed=("r1",)), sinks=Changes(changed=("device",)))
    assert "first" not in repr((before, change))
    assert "second" not in repr((change, str(change)))


def test_sinks_come_go_and_change(folder: Path) -> None:
    one, other = ({"id": id_, "type": "onvif-device"} for id_ in ("device", "more"))
    assert found(folder, vms=[one, other]).sinks == Changes(added=("more",), changed=("device",))
    assert found(folder, vms=[]).sinks == Changes(removed=("device",))


@pytest.mark.parametrize(("field", "other"), [("site", "t"), ("store", "other.db")])
def test_what_cannot_change_while_the_site_runs_is_refused(field: str, other: str, folder: Path) -> None:
    with pytest.raises(BadInput, match=f"`{field}` cannot change from .* to .*{other} while the site runs: restart it"):
        found(folder, **{field: other})


def test_a_line_names_a_few_and_counts_the_rest(folder: Path) -> None:
    many = [room(f"n{number}") for number in range(9)]
    assert str(found(folder, rooms=[room("r1"), room("r2"), *many])) == "rooms n0 n1 n2 n3 n4 and 4 more added"


ROOMS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["rtsp://h/1", "rtsp://h/2"]), min_size=1)


def site(rooms: dict[str, str]) -> SiteSettings:
    made = [room(id_, cameras=[{"id": f"{id_}-front", "address": address}]) for id_, address in rooms.items()]
    return read_site(document(rooms=made), Path("/nowhere"), "site.json")


@given(ROOMS, ROOMS)
def test_each_room_is_in_exactly_one_list_and_the_way_back_mirrors_it(old: dict[str, str], new: dict[str, str]) -> None:
    there, back = difference(site(old), site(new)).rooms, difference(site(new), site(old)).rooms
    assert set(there.added) == new.keys() - old.keys() == set(back.removed)
    assert set(there.removed) == old.keys() - new.keys() == set(back.added)
    assert set(there.changed) == {id_ for id_ in old.keys() & new.keys() if old[id_] != new[id_]} == set(back.changed)
