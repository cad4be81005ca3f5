"""Seats found by looking: who stays and who passes, rows and ids, what is kept, and two cameras."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.__main__ import main
from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.picture import Frame
from homeroom.places import find_places
from homeroom.quality import measure
from homeroom.room import assign
from homeroom.scene import Mode, Scene, SceneObject
from homeroom.seats import Lesson, learn, letters, rows
from homeroom.site import RoomSettings, SeatSettings
from homeroom.splice import replaced, spliced
from homeroom.survey import Look, Survey
from tests.drawn import CLIP, MODEL, story
from tests.fakes import T0, person
from tests.rooms import Room, camera_of

HALF = np.full((18, 32), 128, np.uint8)
GREY = Frame("front", T0, np.full((36, 64), 128, np.uint8), HALF, HALF)
QUALITY = measure(GREY)
STANDS = {"standing": 1.0}

Script = Callable[[int], Sequence[Detection]]


def looked(script: Script, count: int = 40, camera: str = "front") -> Survey:
    """A survey of pictures in which nothing but the script's people shows: one a second."""
    looks = tuple(Look(T0 + timedelta(seconds=n), 640, 360, QUALITY, tuple(script(n))) for n in range(count))
    views = np.full((1, 400, 680), 128, np.uint8)
    settings = replace(camera_of(Path("/nowhere/clip.mp4")), id=camera)
    return Survey(settings, "fake", looks, GREY, views, (0,))


def at(x: float, y: float, size: float = 0.2, **axes: Any) -> Detection:
    """Somebody with the middle of their box's lower edge at a point."""
    return person(x - size * 0.3, y - size, x + size * 0.3, y, **axes)


CLASS = [
    at(x, y, size) for y, size, xs in ((0.95, 0.4, (0.2, 0.5, 0.8)), (0.65, 0.25, (0.3, 0.45, 0.6, 0.75))) for x in xs
]
IDS = ["A1", "A2", "A3", "B1", "B2", "B3", "B4"]


def jittered(rng: np.random.Generator, one: Detection, by: float = 0.04) -> Detection:
    dx, dy = rng.normal(0, by, 2) * (one.box.width, one.box.height)
    box = one.box
    return replace(one, box=Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy / 2).clipped())


def restless_class(seed: int, missed: float = 0.3) -> Script:
    """The class: people move, are missed, stand up and lean, and somebody walks through."""
    rng = np.random.default_rng(seed)

    def script(number: int) -> list[Detection]:
        people = []
        for index, one in enumerate(CLASS):
            if rng.random() < missed:
                continue
            moved = jittered(rng, one)
            if (number + 5 * index) % 17 == 0:  # stands up
                moved = replace(moved, box=replace(moved.box, top=moved.box.top - 0.4 * moved.box.height))
            elif (number + 3 * index) % 13 == 0:  # leans over
                shift = 0.3 * moved.box.width
                moved = replace(
                    moved, box=replace(moved.box, left=moved.box.left + shift, right=moved.box.right + shift)
                )
            people.append(moved)
        if 5 <= number < 25:  # a teacher walks from one side to the other
            people.append(at(0.05 * (number - 4), 0.8, 0.5, posture=STANDS))
        return people

    return script


def room(*seats: SeatSettings) -> RoomSettings:
    return RoomSettings("r", "r", "m", (), seats)


def learned(survey: Survey, *seats: SeatSettings, anew: bool = False) -> Lesson:
    return learn(room(*seats), {survey.camera.id: survey}, anew=anew)


@pytest.mark.parametrize("missed", [0.0, 0.3, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_who_sits_makes_a_seat_and_who_walks_does_not(seed: int, missed: float) -> None:
    lesson = learned(looked(restless_class(seed, missed), 60))
    assert [seat.id for seat in lesson.seats] == IDS
    for seat, one in zip(lesson.seats, CLASS, strict=True):
        made = seat.views["front"]
        middle = (made[0][0] + made[2][0]) / 2
        assert middle == pytest.approx(one.box.center[0], abs=0.25 * one.box.width)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("scale", [0.5, 0.75, 1.0])
def test_a_mirrored_or_farther_room_has_the_same_seats_and_everybody_fits_theirs(mirror: bool, scale: float) -> None:
    def moved(one: Detection) -> Detection:
        edges = [0.5 + (edge - 0.5) * scale for edge in (one.box.left, one.box.top, one.box.right, one.box.bottom)]
        left, top, right, bottom = edges
        return replace(one, box=Box(1 - right, top, 1 - left, bottom) if mirror else Box(left, top, right, bottom))

    script = restless_class(3)
    lesson = learned(looked(lambda number: [moved(one) for one in script(number)], 60))
    assert [seat.id for seat in lesson.seats] == IDS
    people = tuple(SceneObject(number, moved(one)) for number, one in enumerate(CLASS))
    seated = assign(Scene("front", T0, Mode.WATCH, people), {seat.id: seat.views["front"] for seat in lesson.seats})
    assert all(seated.values())


def test_people_close_together_have_a_seat_each_though_each_is_missed_half_of_the_time() -> None:
    rng = np.random.default_rng(1)
    pair = [at(0.45, 0.8, 0.4), at(0.57, 0.8, 0.4)]  # their boxes cover a third of each other
    lesson = learned(looked(lambda _: [jittered(rng, one) for one in pair if rng.random() < 0.5], 80))
    assert [seat.id for seat in lesson.seats] == ["A1", "A2"]


def test_a_class_of_forty_five_close_together_has_forty_five_seats() -> None:
    rng = np.random.default_rng(0)
    class_ = [at(0.1 + 0.1 * column, 0.95 - 0.1 * row, 0.2 - 0.01 * row) for row in range(5) for column in range(9)]

    def script(number: int) -> list[Detection]:
        walker = at(0.02 * number % 1, 0.9, 0.3, posture=STANDS)
        return [*(jittered(rng, one, 0.05) for one in class_ if rng.random() < 0.5), walker]

    seats = learned(looked(script, 120)).seats
    assert [seat.id for seat in seats] == [f"{row}{number}" for row in "ABCDE" for number in range(1, 10)]


def test_somebody_found_twice_in_a_picture_has_one_seat() -> None:
    twice = [at(0.5, 0.8, 0.4), replace(at(0.51, 0.81, 0.42), likelihood=0.5)]
    assert len(learned(looked(lambda _: twice)).seats) == 1


def test_a_corridor_has_no_seats() -> None:
    walk = looked(lambda n: [at(0.1 + 0.02 * n, 0.9, 0.6, posture={"seated": 0.6, "standing": 0.4})])
    approach = looked(lambda n: [at(0.5, 0.5 + 0.012 * n, 0.2 + 0.01 * n)])
    stand = looked(lambda _: [at(0.5, 0.9, 0.6, posture=STANDS)])
    for one in (walk, approach, stand):
        lesson = learned(one)
        assert lesson.seats == ()
        assert "nobody was seen to sit" in lesson.notes[0]


def test_seats_that_are_there_keep_ids_and_polygons_and_new_ones_continue_their_rows() -> None:
    drawn = ((0.08, 0.5), (0.32, 0.5), (0.32, 1.0), (0.08, 1.0))
    own = SeatSettings("window", {"front": drawn})
    third = SeatSettings("C3", {"front": ((0.68, 0.5), (0.92, 0.5), (0.92, 1.0), (0.68, 1.0))})
    empty = SeatSettings("D1", {"front": ((0.0, 0.1), (0.1, 0.1), (0.1, 0.3), (0.0, 0.3))})
    lesson = learned(looked(restless_class(2)), own, third, empty)
    states = {seat.id: seat.state for seat in lesson.seats}
    kept = dict.fromkeys(("window", "C3", "D1"), "kept")
    assert states == {**kept, "C1": "new", **dict.fromkeys(("A1", "A2", "A3", "A4"), "new")}
    assert lesson.seats[0].views["front"] == drawn
    assert lesson.gone == ()


def test_replaced_seats_keep_their_ids_and_those_that_nobody_sits_on_go() -> None:
    own = SeatSettings("window", {"front": ((0.1, 0.5), (0.35, 0.5), (0.35, 1.0), (0.1, 1.0))})
    empty = SeatSettings("D1", {"front": ((0.0, 0.1), (0.1, 0.1), (0.1, 0.3), (0.0, 0.3))})
    elsewhere = SeatSettings(
        "E1", {"front": ((0.0, 0.1), (0.1, 0.1), (0.1, 0.3)), "back": ((0.0, 0.0), (1, 0), (1, 1))}
    )
    lesson = learned(looked(restless_class(2)), own, empty, elsewhere, anew=True)
    found = {seat.id: seat for seat in lesson.seats}
    assert lesson.gone == ("D1",)
    assert found["window"].state == "redrawn"
    assert found["window"].views["front"] != own.views["front"]
    assert set(found["E1"].views) == {"back"}


def test_an_empty_room_takes_no_seat_away() -> None:
    own = SeatSettings("A1", {"front": ((0.1, 0.5), (0.35, 0.5), (0.35, 1.0), (0.1, 1.0))})
    lesson = learned(looked(lambda _: []), own, anew=True)
    assert not lesson.changed
    assert [seat.views for seat in lesson.seats] == [own.views]


def test_what_was_learned_is_learned_again_and_changes_nothing() -> None:
    first = learned(looked(restless_class(4)))
    again = learned(looked(restless_class(5)), *(SeatSettings(seat.id, seat.views) for seat in first.seats))
    assert not again.changed
    assert {seat.state for seat in again.seats} == {"kept"}


def test_rows_go_from_the_front_to_the_back_and_ids_never_end() -> None:
    places = find_places(looked(lambda _: CLASS).looks)
    assert [len(row) for row in rows(places)] == [3, 4]
    made = letters()
    assert [next(made) for _ in range(28)][-3:] == ["Z", "AA", "AB"]


def coming_and_going(seed: int) -> tuple[Script, Script]:
    """Two cameras at opposite ends: three people who come and go each at their own times."""
    rng = np.random.default_rng(seed)
    hours = [(0, 30), (15, 45), (40, 80)]
    front = [at(x, 0.9, 0.4) for x in (0.2, 0.5, 0.8)]
    back = [at(x, 0.7, 0.3) for x in (0.75, 0.5, 0.25)]

    def script(people: Sequence[Detection]) -> Script:
        return lambda n: [
            jittered(rng, one) for one, (a, b) in zip(people, hours, strict=True) if a <= n < b and rng.random() < 0.85
        ]

    return script(front), script(back)


@pytest.mark.parametrize("seed", range(4))
def test_two_cameras_share_the_seats_of_people_who_come_and_go(seed: int) -> None:
    front, back = coming_and_going(seed)
    surveys = {"front": looked(front, 80), "back": looked(back, 80, "back")}
    lesson = learn(room(), surveys)
    middles = {seat.id: {c: round((p[0][0] + p[1][0]) / 2, 1) for c, p in seat.views.items()} for seat in lesson.seats}
    assert middles == {
        "A1": {"front": 0.2, "back": pytest.approx(0.75, abs=0.06)},
        "A2": {"front": 0.5, "back": 0.5},
        "A3": {"front": 0.8, "back": pytest.approx(0.25, abs=0.06)},
    }
    assert lesson.notes == ()


@pytest.mark.parametrize("seed", range(4))
def test_two_cameras_whose_people_stay_have_seats_of_their_own_and_it_is_said(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def class_(_: int) -> list[Detection]:
        return [jittered(rng, one) for one in CLASS if rng.random() > 0.4]

    lesson = learn(room(), {"front": looked(class_, 60), "back": looked(class_, 60, "back")})
    assert len(lesson.seats) == 2 * len(CLASS)
    assert {len(seat.views) for seat in lesson.seats} == {1}
    assert "put both views under one id" in lesson.notes[0]


# The manifest.

MANIFEST = """{
  "site": "s",   "jurisdiction": "lab",
  "models": [{"id": "m"}],
  "rooms": [
    {"id": "a", "cameras": [{"id": "c", "address": "x.mp4"}], "seats": [1, 2]},
    {
      "id": "b",
      "cameras": [{"id": "d", "address": "y[{.mp4"}]
    }
  ]
}
"""


def test_only_the_seats_of_a_manifest_change() -> None:
    one = spliced(MANIFEST, ("rooms", 0, "seats"), [{"id": "A1"}])
    assert json.loads(one)["rooms"][0]["seats"] == [{"id": "A1"}]
    assert one.replace('[\n      {"id": "A1"}\n    ]', "[1, 2]") == MANIFEST
    other = spliced(MANIFEST, ("rooms", 1, "seats"), [{"id": "Ä"}])
    assert json.loads(other)["rooms"][1]["seats"] == [{"id": "Ä"}]
    assert other.replace(',\n      "seats": [\n        {"id": "Ä"}\n      ]', "") == MANIFEST
    assert json.loads(spliced(MANIFEST.replace("\n", "\r\n"), ("rooms", 1, "seats"), [1])) == json.loads(
        spliced(MANIFEST, ("rooms", 1, "seats"), [1])
    )


TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(st.text(), TREES, min_size=1, max_size=4), min_size=1, max_size=3),
    st.sampled_from([None, 0, 2, "\t"]),
    st.data(),
)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_a_spliced_text_is_the_document_with_that_list(
    rooms_: list[dict[str, Any]], indent: Any, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(rooms_) - 1))
    value = data.draw(st.lists(TREES, max_size=3))
    text = json.dumps({"x": 1, "rooms": rooms_, "y": 2}, indent=indent, ensure_ascii=data.draw(st.booleans()))
    rooms_[number]["seats"] = value
    assert json.loads(spliced(text, ("rooms", number, "seats"), value)) == {"x": 1, "rooms": rooms_, "y": 2}


def test_each_old_manifest_is_kept_and_a_link_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "site.json", tmp_path / "link.json"
    path.write_text("one")
    path.chmod(0o640)
    link.symlink_to(path)
    assert replaced(link, "two").name == "site.json.bak"
    assert replaced(path, "three").name == "site.json.bak2"
    assert [(tmp_path / name).read_text() for name in ("site.json", "site.json.bak", "site.json.bak2")] == [
        "three",
        "one",
        "two",
    ]
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 4
    with pytest.raises(BadInput, match="cannot be written"):
        replaced(Path("/proc/version"), "no")


# The command, on the drawn clip.


def demo_site(folder: Path, **fields: Any) -> Path:
    document = {
        "site": "demo",
        "jurisdiction": "lab",
        "granularity": "seat",
        "models": [{**MODEL, "precision": "f32"}],
        "rooms": [{"id": "drawn", "cameras": [{"id": "front", "address": str(CLIP), "mode": "watch", "fps": 5}]}],
        **fields,
    }
    path = folder / "site.json"
    path.write_text(json.dumps(document, indent=2))
    return path


def test_the_demo_s_seats_are_learned_as_they_were_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = demo_site(tmp_path)
    before = path.read_text()
    command = ["seats", "learn", str(path), "--pictures", "30"]
    assert main([*command, "--json"]) == 0
    assert path.read_text() == before
    told = json.loads(capsys.readouterr().out)
    drawn = story()["seats"]
    seats = {seat["id"]: seat["views"]["front"] for seat in told["rooms"][0]["seats"]}
    assert list(seats) == sorted(drawn)
    for id_, corners in seats.items():
        mine, theirs = Box(*corners[0], *corners[2]), Box(*drawn[id_][0], *drawn[id_][2])
        assert mine.iou(theirs) > 0.5
    assert main([*command, "--write", "--save", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert f"written to {path}; the old one is kept as {path}.bak" in said
    assert Path(f"{path}.bak").read_text() == before
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["front-seats.png"]
    assert (tmp_path / "out" / "front-seats.png").stat().st_mode & 0o077 == 0
    assert main(command) == 0
    assert "new" not in capsys.readouterr().out


def test_seats_are_looked_for_only_where_run_may_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = demo_site(tmp_path, jurisdiction="eu", granularity="class")
    assert main(["seats", "learn", str(path)]) == 2
    assert "impact_assessment" in capsys.readouterr().err
    assert main(["check", str(path), "--placement"]) == 2
    assert "placement" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["seats", "learn", "SITE", "--room", "attic"], "no room 'attic'; there are drawn"),
        (["seats", "learn", "SITE", "--camera", "rear"], "no camera 'rear' there; there are front"),
        (["check", "SITE", "--placement", "--camera", "rear"], "no camera 'rear' there; there are front"),
        (["check", "SITE", "--camera", "front"], "go with --placement"),
        (["seats", "learn", "SITE", "--save", "SITE/out", "--pictures", "2"], "cannot be written"),
    ],
)
def test_a_wrong_option_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(demo_site(tmp_path))
    assert main([one.replace("SITE", path) for one in arguments]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert [line for line in errors if said in line], errors


@pytest.mark.parametrize("granularity", ["class", "seat"])
def test_a_room_without_seats_runs_with_one_warning_and_no_seat_events(
    granularity: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = demo_site(tmp_path, granularity=granularity)
    assert main(["run", str(path), "--until-end"]) == 0
    ran = capsys.readouterr()
    assert ran.out == ""
    assert ran.err.count("no seats yet in drawn") == 1
    assert main(["check", str(path)]) == 0
    assert "no seats yet" in capsys.readouterr().out


def test_of_an_empty_room_nothing_can_be_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Room([], pictures=4).film(tmp_path / "empty.mp4")
    room = {"id": "r", "cameras": [{"id": "front", "address": str(empty), "mode": "watch"}]}
    path = demo_site(tmp_path, rooms=[room])
    before = path.read_text()
    assert main(["check", str(path), "--placement", "--seconds", "4"]) == 2
    said = capsys.readouterr()
    assert "?     placement of front: cannot tell yet: nobody was seen to sit there" in said.out
    assert "homeroom: placement front: cannot tell yet" in said.err
    assert main(["seats", "learn", str(path), "--pictures", "4", "--write"]) == 1
    assert path.read_text() == before
    assert "come back when people do" in capsys.readouterr().out


def test_the_demo_is_placed_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = demo_site(tmp_path)
    command = ["check", str(path), "--placement", "--seconds", "20", "--save", str(tmp_path / "out")]
    assert main([*command, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    (one,) = report["placement"]
    assert one["ok"]
    assert one["verdict"] == "will work"
    assert Path(one["picture"]).stat().st_size > 10_000
    assert main(command) == 0
    assert "ok    placement of front: will work" in capsys.readouterr().out
