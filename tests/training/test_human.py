"""Rendered people: bones, hands and desks, who is drawn for which split, and the same person from the same seed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TRAINING = Path(__file__).resolve().parents[2] / "models" / "training"
SEEDS = range(120)


@pytest.fixture(scope="module")
def human() -> Any:
    """The package that builds people; it lies outside of the installed packages."""
    for package in ("skimage", "scipy"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs the package {package}, of the extra `training`")
    if str(TRAINING) not in sys.path:
        sys.path.insert(0, str(TRAINING))
    return importlib.import_module("human")


def drawn(human: Any, seed: int, split: str = "train") -> tuple[Any, Any, Any, np.random.Generator]:
    rng = np.random.default_rng(seed)
    traits, action = human.traits(rng, split), human.action(rng)
    desk = human.Desk(height=float(rng.uniform(0.68, 0.8)), distance=float(rng.uniform(0.28, 0.4)))
    return traits, action, desk, rng


def solved(human: Any, traits: Any, pose: Any) -> Any:
    skeleton = importlib.import_module("human.skeleton")
    return skeleton.joints(skeleton.bones(traits), pose)


def test_bones_keep_their_length_half_way_between_two_poses(human: Any) -> None:
    skeleton = importlib.import_module("human.skeleton")
    for seed in SEEDS:
        traits, action, desk, rng = drawn(human, seed)
        first, second = human.pose(action, traits, desk, rng), human.pose(human.action(rng), traits, desk, rng)
        bones = skeleton.bones(traits)
        for pose in (first, human.blend(first, second, 0.5), second):
            j = skeleton.joints(bones, pose)
            for a, b, length in (
                (j.shoulder, j.elbow, bones.upper),
                (j.elbow, j.wrist, bones.fore),
                (j.hip, j.knee, bones.thigh),
            ):
                assert np.linalg.norm(a - b, axis=1) == pytest.approx([length] * 2, abs=1e-6)


def test_a_blend_begins_and_ends_in_its_poses(human: Any) -> None:
    traits, action, desk, rng = drawn(human, 3)
    first, second = human.pose(action, traits, desk, rng), human.pose(human.action(rng), traits, desk, rng)
    for t, end in ((0.0, first), (1.0, second)):
        mixed = human.blend(first, second, t)
        assert np.allclose(mixed.wrists, end.wrists)
        assert np.allclose(mixed.head, end.head, atol=1e-9)
        assert [p.kind for p in mixed.props] == [p.kind for p in end.props]


def test_neither_hand_nor_forearm_goes_through_the_desk(human: Any) -> None:
    for seed in SEEDS:
        traits, action, desk, rng = drawn(human, seed)
        j = solved(human, traits, human.pose(action, traits, desk, rng))
        for side in (0, 1):
            arm = j.elbow[side] + (j.wrist[side] - j.elbow[side]) * np.linspace(0, 1, 9)[:, None]
            over = (
                (arm[:, 1] < -desk.distance)
                & (arm[:, 1] > -desk.distance - desk.depth)
                & (np.abs(arm[:, 0]) < desk.width / 2)
            )
            inside = over & (np.abs(arm[:, 2] - desk.height + 0.02) < 0.03)  # the board is some 4 cm thick
            assert not inside.any(), (seed, action)


def test_poses_show_what_the_action_says(human: Any) -> None:
    for seed in SEEDS:
        traits, action, desk, rng = drawn(human, seed)
        pose = human.pose(action, traits, desk, rng)
        j = solved(human, traits, pose)
        forward = pose.head @ np.array([0.0, -1.0, 0.0])
        if action.gesture == "hand-raised":
            assert (j.wrist[:, 2] > j.shoulder[:, 2]).any(), (seed, action)
        if action.posture == "head-on-desk":
            assert j.head[2] < desk.height + 0.22, (seed, action)
        else:
            assert j.head[2] > desk.height + 0.22, (seed, action)
            assert (forward[1] > 0) == (action.facing == "turned-around"), (seed, action)
        if action.posture == "standing":
            assert j.hips[2] > desk.height, (seed, action)
        kinds = {prop.kind for prop in pose.props}
        if action.activity == "writing":
            assert "pen" in kinds
            assert kinds & {"paper", "notebook"}
        if action.activity == "reading":
            assert kinds & {"book", "paper", "tablet"}


def test_a_head_that_looks_left_and_up_points_there(human: Any) -> None:
    traits, _, desk, rng = drawn(human, 5)
    forward = human.pose(human.Action(look=(40.0, 20.0)), traits, desk, rng).head @ np.array([0.0, -1.0, 0.0])
    assert forward[0] > 0.4  # +x is the left of somebody who faces -y
    assert forward[2] > 0.2


def test_styles_of_the_hold_out_are_its_own(human: Any) -> None:
    def styles(split: str) -> dict[str, set[str]]:
        people = [human.traits(np.random.default_rng(seed), split) for seed in range(400)]
        return {
            field: {getattr(p, field) for p in people} - {""} for field in ("hair", "pattern", "frame", "wrap", "top")
        }

    held = styles("holdout")
    for split in ("train", "val", "calibration"):
        for field, names in styles(split).items():
            assert names, field
            assert held[field], field
            assert not names & held[field], field


def test_every_group_is_drawn_often(human: Any) -> None:
    people = [human.traits(np.random.default_rng(seed), "holdout") for seed in range(600)]
    for field, values in (("skin", 3), ("build", 3), ("glasses", 2), ("covering", 4)):
        counts = [sum(getattr(p, field) == value for p in people) for value in {getattr(p, field) for p in people}]
        assert len(counts) == values
        assert min(counts) > 40, field


def test_the_same_seed_builds_the_same_sound_body(human: Any) -> None:
    for seed, covering in enumerate(("none", "scarf", "cap", "turban")):
        bodies = []
        for _ in range(2):
            traits, action, desk, rng = drawn(human, seed)
            bodies.append(human.person(replace(traits, covering=covering), action, desk, rng, detail=0.3))
        first, second = bodies
        assert first.keypoints.shape == (17, 3)
        assert np.allclose(first.head_rotation.T @ first.head_rotation, np.eye(3), atol=1e-9)
        assert np.linalg.norm(first.keypoints[0] - first.head) < 0.16
        for one, other in zip(first.parts, second.parts, strict=True):
            assert np.array_equal(one.vertices, other.vertices)
            assert one.vertices.dtype == one.colors.dtype == np.float32
            assert one.faces.dtype == np.int32
            assert np.isfinite(one.vertices).all()
            assert 0 <= one.faces.min() <= one.faces.max() < len(one.vertices)
            assert 0 <= one.colors.min() <= one.colors.max() <= 1


def test_a_person_stays_itself_from_pose_to_pose(human: Any) -> None:
    traits, _, desk, rng = drawn(human, 8)
    first, second = (
        human.body(traits, human.pose(human.action(rng), traits, desk, rng), desk, detail=0.3) for _ in range(2)
    )
    colors = [next(p.colors for p in body.parts if p.name == "head") for body in (first, second)]
    assert np.array_equal(*colors)
    assert first.traits == second.traits
