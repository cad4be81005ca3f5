"""Rendered classrooms, as far as they need no renderer: where things are in a picture, what is told of them, shards."""

from __future__ import annotations

import importlib
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.models.evaluation.labels import read_labels

ROOT = Path(__file__).parents[2]


def module(name: str) -> Any:
    """A module of the renderer; it is not installed."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(f"models.training.classroom.{name}")


def camera(**other: Any) -> Any:
    return module("camera").Camera(
        **{"place": (0, 0, 2), "aim": (0, 5, 2), "view": 90.0, "width": 200, "height": 100, **other}
    )


def test_a_camera_sees_what_lies_ahead_in_its_middle() -> None:
    at, away = camera().project(np.array([[0.0, 5, 2], [5, 5, 2], [0, 5, 4.5], [0, -1, 2]]))
    assert np.allclose(at[:3], [[100, 50], [200, 50], [100, 0]])  # 90 degrees: as far aside as ahead is the border
    assert np.allclose(away, [5, 5, 5, -1])


@given(st.floats(-80, 80), st.floats(-70, 70))
def test_head_pose_has_the_signs_of_the_labels(yaw: float, pitch: float) -> None:
    """A head before the camera that faces it; turned about the upright axis it looks to the picture's right."""
    joints = importlib.import_module("models.training.human.joints")
    # the head faces -y, towards the camera at y = 0 that looks along +y; +x is the picture's right
    told = camera().head_pose(np.array([0.0, 5, 2]), joints.facing(yaw, pitch, 0.0))
    assert told[0] == pytest.approx(yaw, abs=1e-6)
    assert told[1] == pytest.approx(pitch, abs=1e-6)


def test_each_split_has_seeds_and_assets_of_its_own() -> None:
    style = module("style")
    for split, first in style.SEEDS.items():
        assert style.split_of(first) == style.split_of(first + style.SPAN - 1) == split
    taught, held = style.style("train"), style.style("holdout")
    assert style.style("val") == style.style("calibration") == taught
    for kind in ("woods", "walls", "floors", "chairs", "boards"):
        assert not set(getattr(taught, kind)) & set(getattr(held, kind)), kind
    for kind in ("camera_height", "view", "row_gap", "column_gap"):
        low, high = getattr(taught, kind)
        assert getattr(held, kind)[0] < low
        assert getattr(held, kind)[1] > high


def test_a_picture_follows_from_its_seed_and_holds_no_style_that_is_held_out() -> None:
    shot = module("plan").shot
    looks = importlib.import_module("models.training.human.looks")
    assert shot(7) == shot(7)
    assert shot(7) != shot(8)
    for seed in range(30):
        for p in (*shot(seed).people, *shot(seed).portraits):
            assert p.traits.hair not in looks.HAIR_HELD_OUT
            assert p.traits.top not in looks.CUTS_HELD_OUT
    actions = [p.action for seed in range(60) for p in shot(seed).people]
    for axis in ("posture", "gesture", "facing"):
        assert len({getattr(a, axis) for a in actions}) == (3 if axis == "posture" else 2)
    assert {a.activity for a in actions} == {"reading", "writing", "listening", None}


def test_cameras_hang_inside_their_rooms() -> None:
    shot = module("plan").shot
    for seed in (*range(60), *range(3_000_000, 3_000_060)):
        made = shot(seed)
        ceiling = next(t for t in made.things if t.kind == "ceiling")
        x, y, z = made.camera.place
        assert abs(x) < ceiling.size[0] / 2
        assert 0 < y < ceiling.size[1]
        assert 0 < z < ceiling.place[2] - 0.1


@pytest.fixture(scope="module")
def sitting() -> tuple[Any, Any]:
    """Somebody who writes at a desk, two metres before a camera."""
    truth, kinds = module("truth"), module("kinds")
    human = importlib.import_module("models.training.human")
    rng = np.random.default_rng(1)
    action = human.Action("seated", "writing", "none", "front", (0.0, -40.0))
    sitter = kinds.Sitter(human.traits(rng, "train"), action, human.Desk(), (0.0, 2.4), 0.0, 3)
    seer = camera(place=(0, 0, 1.8), aim=(0, 2.4, 0.9), width=320, height=240)
    return truth.placed(sitter, seer), seer


def filled(seer: Any, one: Any) -> Any:
    """A mask with the person's vertices, as if nothing hid them."""
    mask = np.zeros((seer.height, seer.width), np.uint8)
    for p in one.parts:
        at, _ = seer.project(p.vertices)
        x, y = at.round().astype(int).T
        inside = (x >= 0) & (x < seer.width) & (y >= 0) & (y < seer.height)
        mask[y[inside], x[inside]] = 1
    return mask


def test_what_is_told_of_somebody_who_writes(sitting: tuple[Any, Any], tmp_path: Path) -> None:
    one, seer = sitting
    (told,) = module("truth").people(seer, [one], filled(seer, one), lambda _: None)
    assert told["axes"] == {"posture": "seated", "facing": "front", "activity": "writing", "gesture": "none"}
    assert told["head_pose"]["pitch"] < 0
    left, top, right, bottom = told["box"]
    head_x, head_y = told["head"]
    assert left < head_x < right
    assert top < head_y < (top + bottom) / 2
    edge, _ = seer.project(np.array([[0, 2.4 - one.sitter.desk.distance, one.sitter.desk.height]]))
    hips, _ = seer.project(one.keypoints[11:13].mean(0))
    assert bottom * seer.height <= max(edge[0, 1], hips[0, 1]) + 2, "legs under the desk are no part of the box"
    picture = {"file": "a.jpg", "people": [told], "groups": {"light": "dim"}}
    (tmp_path / "a.jpg").write_bytes(b"")
    labels = {"labels": 1, "title": "one", "evidence": "rendered", "pictures": [picture]}
    (tmp_path / "labels.json").write_text(json.dumps(labels), "utf-8")
    assert len(read_labels(tmp_path / "labels.json").pictures) == 1


def test_who_is_hidden_is_difficult_and_tells_nothing(sitting: tuple[Any, Any]) -> None:
    one, seer = sitting
    near = np.asarray(seer.place) + np.array([0, 0.3, 0])
    (told,) = module("truth").people(seer, [one], filled(seer, one), lambda _: near)
    assert told["difficult"]
    assert told["axes"] == {}
    assert {v for *_, v in told["keypoints"]} <= {0, 1}
    assert module("truth").people(seer, [one], np.zeros((240, 320), np.uint8), lambda _: None) == []


def test_furniture_is_solid_and_lies_where_it_should() -> None:
    furniture, kinds = module("furniture"), module("kinds")
    for kind in furniture.MAKE:
        high = 0.0 if kind in ("floor", "ceiling") else 0.8
        thing = kinds.Thing(kind, (1.0, 2.0, 0.0), 90.0, (1.2, 0.5, high), (0.5, 0.4, 0.3), 5)
        for p in furniture.parts(thing):
            assert p.faces.max() < len(p.vertices)
            assert np.isfinite(p.vertices).all()
            assert math.dist(p.vertices.mean(0)[:2], (1.0, 2.0)) < 0.8


VICTIM = """
import os, signal, sys
from pathlib import Path
import numpy as np
from models.training.classroom import shards

def render(seed):
    if seed == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return np.full((8, 8, 3), seed, np.uint8), {"people": []}, 90

folder = Path(sys.argv[1])
for start in list(shards.missing(folder, 0, 60)):
    shards.write(folder, start, 20, render)
"""


def test_a_killed_renderer_leaves_whole_shards_and_goes_on(tmp_path: Path) -> None:
    def victim(at: int) -> int:
        command = [sys.executable, "-c", VICTIM, str(tmp_path), str(at)]
        return subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode

    assert victim(33) == -signal.SIGKILL
    assert sorted(p.name for p in tmp_path.glob("[0-9]*")) == ["0000000"]
    assert list(module("shards").missing(tmp_path, 0, 60)) == [20, 40]
    assert victim(-1) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0000000", "0000020", "0000040"]
    assert all(len(list(shard.glob("*.jpg"))) == 20 for shard in tmp_path.iterdir())
    assert len(read_labels(tmp_path / "0000020" / "labels.json").pictures) == 20
