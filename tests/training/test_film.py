"""The film of a lesson, as far as it needs no renderer: its script, who moves where, pasting, takes and recordings."""

from __future__ import annotations

import importlib
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.models.evaluation.labels import read_labels

ROOT = Path(__file__).parents[2]
BEHAVIORS = json.loads((ROOT / "manifests" / "behaviors.json").read_text("utf-8"))
VALUES = {
    (axis, value) for axis, values in BEHAVIORS["axes"].items() for value in values if value != "absent"
}  # nobody who is absent has labels; two seats stay empty


def module(name: str) -> Any:
    """A module of the renderer; it is not installed."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(f"models.training.classroom.{name}")


@pytest.fixture(scope="module")
def actors() -> dict[str, Any]:
    stage, steps = module("stage"), module("lesson").steps
    return {s.seat: module("motion").Actor(s, steps(s.seat, stage.SEED)) for s in stage.stage().people}


def body(actor: Any, picture: int) -> Any:
    return module("truth").held(*actor.at(picture), 0.2)


def spans(axis: str, values: list[str]) -> list[float]:
    """For how many seconds on end people do one of these, without the way there and away."""
    lesson = module("lesson")
    out = []
    for seat in lesson.LESSON:
        those, run = lesson.steps(seat, module("stage").SEED), 0
        for picture in range(lesson.COUNT):
            if lesson.told(those, picture).get(axis) in values:
                run += 1
            elif run:
                out.append(run / lesson.RATE)
                run = 0
        out.append(run / lesson.RATE)
    return out


def test_the_film_is_as_long_and_as_full_as_a_demonstration_needs() -> None:
    lesson, stage = module("lesson"), module("stage")
    assert lesson.SECONDS >= 60
    assert 5 <= lesson.RATE <= 10
    assert len(lesson.LESSON) >= 8
    assert len(stage.cameras()) == 2
    assert {(c.width, c.height) for c in stage.cameras().values()} == {(1920, 1080)}
    assert {s.seat for s in stage.stage().people} == set(lesson.LESSON)


@pytest.mark.parametrize("rule", BEHAVIORS["behaviors"], ids=lambda rule: rule["id"])
def test_each_behavior_lasts_for_longer_than_its_rule_asks(rule: dict[str, Any]) -> None:
    longest = max(spans(rule["axis"], rule["values"]))
    assert longest >= rule["watch"]["min_time"] + 3
    if rule["id"] == "hand-raised":
        assert longest >= 6
    if rule["id"] == "head-on-desk":
        assert longest >= 15


def test_each_camera_sees_each_value_of_each_axis(actors: dict[str, Any]) -> None:
    """Of each person alone, as if nothing hid them; what others hide only a renderer knows."""
    truth, cameras = module("truth"), module("stage").cameras()
    seen: dict[str, set[tuple[str, str]]] = {name: set() for name in cameras}
    for seat, actor in actors.items():
        for step in actor.steps:
            if step.stir:
                continue
            one = body(actor, step.held)
            for name, camera in cameras.items():
                (found,) = truth.people(camera, [one], filled(camera, one), lambda _: None)
                assert "difficult" not in found, (seat, name)
                assert found["seat"] == seat
                seen[name] |= set(found["axes"].items())
    for name, values in seen.items():
        assert values >= VALUES | {("activity", "uncertain")}, name


def filled(camera: Any, one: Any) -> Any:
    """A mask with blots at the person's vertices."""
    mask = np.zeros((camera.height, camera.width), np.uint8)
    for p in one.own:
        at, _ = camera.project(p.vertices)
        for dx in range(-4, 5, 2):
            for dy in range(-4, 5, 2):
                x, y = (at + np.array([dx, dy])).astype(int).T
                inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
                mask[y[inside], x[inside]] = 1
    return mask


def test_a_lesson_follows_from_its_seed() -> None:
    steps, motion, stage = module("lesson").steps, module("motion"), module("stage")
    assert steps("A1", 1) == steps("A1", 1)
    assert steps("A1", 1) != steps("A1", 2)
    assert stage.stage() == stage.stage()
    sitter = stage.stage().people[0]
    one, other = (motion.Actor(sitter, steps(sitter.seat, stage.SEED)).at(21)[1] for _ in range(2))
    assert np.array_equal(one.wrists, other.wrists)
    assert np.array_equal(one.head, other.head)


def test_people_come_to_what_they_do_step_by_step_and_then_hold_it() -> None:
    lesson = module("lesson")
    for seat in lesson.LESSON:
        those = lesson.steps(seat, 5)
        assert all(a.held < b.start for a, b in pairwise(those)), seat
        at = [lesson.moving(those, picture) for picture in range(lesson.COUNT)]
        for (n, before), (m, now) in pairwise(at):
            assert (m == n and now >= before) or (m == n + 1 and before == 1), seat
        for picture, (number, share) in enumerate(at):
            before, now = those[max(number - 1, 0)].action, those[number].action
            told = lesson.told(those, picture)
            for axis in ("posture", "activity", "gesture", "facing"):
                if share < 1 and getattr(before, axis) != getattr(now, axis):
                    assert axis not in told
                else:
                    assert told[axis] == getattr(now, axis)


def test_somebody_moves_often_enough_that_no_camera_seems_frozen(actors: dict[str, Any]) -> None:
    lesson = module("lesson")
    moved = [p for p in range(lesson.COUNT) if any(a.moves(p) for a in actors.values())]
    assert max(b - a for a, b in pairwise(moved)) <= 3 * lesson.RATE


def test_regions_hold_those_who_move_before_and_after(actors: dict[str, Any]) -> None:
    region = module("region")
    for picture in (21, 42, 72, 152, 217):
        movers = [a for a in actors.values() if a.moves(picture)]
        assert movers
        for camera in module("stage").cameras().values():
            both = [body(a, p) for a in movers for p in (picture - 1, picture)]
            those = region.joined(region.around(camera, one) for one in both)
            border = region.SOFT * camera.height
            for one in both:
                at, _ = camera.project(np.concatenate([p.vertices for p in one.parts]))
                at = at[(at > 0).all(1) & (at < (camera.width, camera.height)).all(1)]
                held = np.zeros(len(at), bool)
                for r in those:
                    low = [r[0] and r[0] + border, r[1] and r[1] + border]
                    high = [r[2] - border * (r[2] < camera.width), r[3] - border * (r[3] < camera.height)]
                    held |= ((at >= np.floor(low)) & (at <= np.ceil(high))).all(1)
                assert held.all()


def test_who_only_shifts_keeps_all_that_is_not_rendered_where_it_was(actors: dict[str, Any]) -> None:
    count = 0
    for actor in actors.values():
        for step in [step for step in actor.steps if step.stir][::3]:
            if level := actor.still_below(step.start):
                before, now = body(actor, step.start - 1), body(actor, step.held)
                legs = slice(11, 17)
                # metres; a pixel is more
                assert np.allclose(before.keypoints[legs], now.keypoints[legs], atol=0.003)
                assert (now.keypoints[5:7, 2] > level + 0.1).all() or now.sitter.action.posture == "head-on-desk"
                assert not np.allclose(before.head_rotation, now.head_rotation)
                count += 1
    assert count > 10


sides = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 40), st.integers(1, 40))
regions = st.lists(sides.map(lambda s: (s[0], s[1], s[0] + s[2], s[1] + s[3])), max_size=8)


@given(regions)
def test_joined_regions_lie_apart_and_hold_all(those: list[tuple[int, int, int, int]]) -> None:
    out = module("region").joined([None, *those])
    for a in those:
        assert any(b[0] <= a[0] and b[1] <= a[1] and b[2] >= a[2] and b[3] >= a[3] for b in out)
    for i, a in enumerate(out):
        for b in out[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_new_goes_softly_into_old_and_leaves_the_rest() -> None:
    region = module("region")
    old, new = np.full((100, 160, 3), 40, np.uint8), np.full((70, 90, 3), 200, np.uint8)
    out = region.paste(old, new, (0, 20, 60, 70), (0, 10, 90, 80))
    assert (old == 40).all()
    outside = np.ones((100, 160), bool)
    outside[20:70, 0:60] = False
    assert (out[outside] == 40).all()
    assert (out[30:60, 0:50] == 200).all(), "at the picture's own border nothing is soft"
    assert 40 < out[20, 30, 0] < out[21, 30, 0] <= 200


def take(value: int, people: list[dict[str, Any]] | None = None) -> Any:
    picture = np.full((90, 160, 3), value, np.uint8)
    return module("takes").Take(picture, np.full((90, 160), 3, np.uint8), people or [])


def test_a_take_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    takes = module("takes").Takes(tmp_path / "front")
    with pytest.raises(OSError, match=r"not rendered yet.*classroom\.film"):
        takes.latest(5)
    takes.keep(0, take(10))
    takes.keep(4, take(20, [{"box": [0, 0, 1, 1]}]))
    (tmp_path / "front" / "0004.json").rename(tmp_path / "front" / "0004.part")  # killed before its end
    assert takes.latest(9) == 0
    takes.keep(4, take(20, [{"box": [0, 0, 1, 1]}]))
    assert [takes.latest(n) for n in (0, 3, 4, 9)] == [0, 0, 4, 4]
    assert (takes.take(4).picture == 20).all()
    assert (takes.take(4).mask == 3).all()
    assert takes.take(4).people == [{"box": [0, 0, 1, 1]}]


def test_recordings_and_labels_are_what_was_rendered(tmp_path: Path) -> None:
    reel, takes = module("reel"), module("takes")
    person = {"box": [0.1, 0.2, 0.3, 0.6], "seat": "A1", "axes": {"posture": "seated"}}
    for name in module("stage").cameras():
        kept = takes.Takes(tmp_path / name)
        kept.keep(0, take(60, [person]))
        kept.keep(7, take(160))
        path = tmp_path / f"{name}.mp4"
        reel.encode(path, reel.filmed(kept, 9, 11), (160, 90))
        with av.open(str(path)) as recording:
            frames = list(recording.decode(video=0))
        assert [float(f.time or 0) for f in frames] == pytest.approx([n / 5 for n in range(11)])
        means = [f.to_ndarray(format="gray").mean() for f in frames]
        assert max(means[:7]) < min(means[7:]) - 50
    (tmp_path / "labels.json").write_text(json.dumps(reel.labels(tmp_path, 11)), "utf-8")
    pictures = read_labels(tmp_path / "labels.json").pictures
    assert [(p.camera, p.at, [one.seat for one in p.people]) for p in pictures] == [
        (name, at, ["A1"] if at < 1.4 else []) for name in ("front", "corner") for at in (0, 1, 2)
    ]


def test_grain_is_new_in_each_picture_and_follows_from_its_seed() -> None:
    grained = module("sensor").grained
    flat = np.full((40, 40, 3), 100, np.uint8)
    assert np.array_equal(grained(flat, 1, 2.0), grained(flat, 1, 2.0))
    assert not np.array_equal(grained(flat, 1, 2.0), grained(flat, 2, 2.0))
    assert grained(flat, 1, 2.0).std() == pytest.approx(2.0, rel=0.15)
