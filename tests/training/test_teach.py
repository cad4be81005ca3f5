"""Teaching without the networks: squares and cells, chance from seeds, temperatures, shards that go on, and axes."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "models" / "training"
if str(TRAINING) not in sys.path:
    sys.path.insert(0, str(TRAINING))


def module(name: str) -> Any:
    """A module of models/training/teach, which lies outside of the installed packages."""
    return importlib.import_module(f"teach.{name}")


def picture(height: int, width: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


@given(
    st.floats(0, 300),
    st.floats(0, 200),
    st.floats(4, 200),
    st.floats(4, 200),
)
def test_a_crop_is_a_square_about_the_boxs_middle_a_fifth_wider(
    left: float, top: float, width: float, height: float
) -> None:
    geometry = module("geometry")
    x, y, side = geometry.square(np.array([left, top, left + width, top + height]))
    assert side == pytest.approx(1.2 * max(width, height), rel=1e-5)
    assert (x + side / 2, y + side / 2) == pytest.approx((left + width / 2, top + height / 2), abs=1e-3)


@pytest.mark.parametrize("size", [200, 96, 24])
def test_a_crop_shows_what_lies_there_and_grey_outside(size: int) -> None:
    geometry = module("geometry")
    halves = np.zeros((100, 100, 3), np.uint8)
    halves[:, 50:] = 200
    out = geometry.crop(halves, -50.0, -50.0, 200.0, size)
    at = [out[size // 2, round(size * share)].tolist() for share in (0.1, 0.4, 0.6, 0.9)]
    assert at == [[114] * 3, [0] * 3, [200] * 3, [114] * 3]


def test_letterboxed_lies_at_the_top_left_and_the_rest_is_grey() -> None:
    geometry = module("geometry")
    out, scale = geometry.letterboxed(np.full((1080, 1920, 3), 9, np.uint8))
    assert (out.shape, scale) == ((384, 672, 3), 0.35)
    assert (out[:378] == 9).all()
    assert (out[378:] == 114).all()


def test_cells_lead_to_pixels_as_yolox_has_them() -> None:
    boxes = module("boxes")
    cells = boxes.cells(384, 672)
    assert len(cells) == 84 * 48 + 42 * 24 + 21 * 12
    people = np.zeros((len(cells), 5), np.float32)
    row = 84 * 48 + 42 * 2 + 5  # stride 16, row 2, column 5
    people[row] = (0.5, 0.25, np.log(2), np.log(4), 0.9)
    left, top, right, bottom, score = boxes.decoded(people, 384, 672)[row]
    assert (left, top, right, bottom) == pytest.approx((5.5 * 16 - 16, 2.25 * 16 - 32, 5.5 * 16 + 16, 2.25 * 16 + 32))
    assert score == pytest.approx(0.9)
    twice = np.array([[0, 0, 10, 10, 0.5], [1, 0, 11, 10, 0.9], [40, 0, 50, 10, 0.6]], np.float32)
    assert boxes.kept(twice, 0.4)[:, 0].tolist() == [1, 40]


def test_the_same_seed_shows_the_same_patches_and_another_seed_others() -> None:
    patches = module("patches")
    people = np.array([[20, 20, 60, 90, 0.9]], np.float32)
    made = patches.Patches(
        [[patches.Shown(picture(120, 160), people)], [patches.Shown(picture(90, 90, 1), people[:0])]], [1, 2]
    )
    draws: list[Callable[[Any], Any]] = [lambda rng: made(rng, 64, 96), lambda rng: made.zoomed(rng, 64)]
    for draw in draws:
        first, again, other = (draw(np.random.default_rng((5, step))) for step in (1, 1, 2))
        assert first.shape[2] == 3
        assert (first == again).all()
        assert (first != other).any()


def crops() -> Any:
    """Two people and one square without anybody; a key point at the crop's left shoulder."""
    crops = module("crops")
    points = np.zeros((3, 17, 3), np.float32)
    points[:, 5] = (0.4, 0.5, 1.0)
    return crops.Crops(
        np.stack([picture(160, 160, i) for i in range(3)]),
        np.tile(np.array([0.2, 0.2, 0.8, 0.8], np.float32), (3, 1)),
        np.array([[0.2, 0.1, 0.7, 0.8], [0.2, 0.2, 0.8, 0.6], [np.nan] * 4], np.float32),
        points,
        np.array([[0, 1, 1, 0], [1, 2, 0, 0], [-1] * 4]),
        np.tile(np.array([0.5, 0.866, 0.1, 0.995, 1.0], np.float32), (3, 1)),
        np.array([1, 1, 0], np.float32),
        np.array(["skin=dark", "skin=light", ""]),
    )


def test_a_view_follows_from_its_seed_and_a_mirror_turns_head_and_sides() -> None:
    views, known = module("views"), crops()
    some = [views.varied(known, 0, 64, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert (some[0].picture == some[1].picture).all()
    assert (some[0].picture != some[2].picture).any()
    box = known.boxes[0]
    straight, mirrored = (views._seen(known, 0, 64, box, 0.0, mirrored=m) for m in (False, True))
    assert mirrored.points[6, 0] == pytest.approx(1 - straight.points[5, 0])
    assert mirrored.visible[0] == pytest.approx(1 - straight.visible[2])
    assert mirrored.head[0] == -straight.head[0]
    assert mirrored.head[2] == straight.head[2]
    assert (mirrored.picture == straight.picture[:, ::-1]).all()


def test_what_covers_a_person_never_changes_what_they_do() -> None:
    views, known = module("views"), crops()
    for seed in range(60):
        view = views.varied(known, 1, 64, np.random.default_rng(seed))
        assert view.axes.tolist() == ([1, 2, 0, 0] if view.person else [-1] * 4)  # a picture on a wall does nothing


def test_temperatures_bring_back_logits_that_were_made_too_sure() -> None:
    calibrate = module("calibrate")
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (4000, 3)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    wanted = (chances.cumsum(1) < rng.random((4000, 1))).sum(1)
    axes = np.full((4000, 4), -1)
    axes[:, 0] = wanted
    answers = {"posture": logits * 3, "activity": logits, "gesture": logits[:, :2], "facing": logits[:, :2]}
    answers["person"] = np.full((4000, 1), 2.0, np.float32)
    found = calibrate.temperatures(answers, axes, (rng.random(4000) < 0.5).astype(np.float32))
    assert found["posture"] == pytest.approx(3.0, rel=0.1)
    assert found["activity"] == 1.0  # nobody is labelled on it
    assert found["person"] == pytest.approx(6.0)  # half of them wrong: as unsure as it may say


def test_a_learning_rate_rises_stays_and_falls() -> None:
    rate = module("schedule").rate
    assert rate(0, 2000, 1.0) < 0.01
    assert rate(1000, 2000, 1.0) == 1.0
    assert rate(1999, 2000, 1.0) == pytest.approx(0.01)


def test_axes_are_those_of_the_vocabulary() -> None:
    told = json.loads((ROOT / "manifests/behaviors.json").read_text("utf-8"))["axes"]
    known = {axis: {*told[axis]} - {"absent"} for axis in told}  # an empty seat is no crop
    ours = {axis: {*values} for axis, values in module("axes").AXES.items()}
    ours["activity"] -= {"none"}  # what the network says of those whom the product calls uncertain
    assert ours == known


def test_every_split_is_rendered_into_one_folder(tmp_path: Path) -> None:
    """What the renderer's command is asked for; that it goes on where it stopped is the renderer's own test."""
    program, asked = tmp_path / "bpy", tmp_path / "asked"
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n', "utf-8")
    program.chmod(0o755)
    module("renders").render(tmp_path / "renders", str(program), 0.02)
    counts = {"train": 48, "val": 2, "calibration": 4, "holdout": 6}
    assert asked.read_text("utf-8").splitlines() == [
        f"-m models.training.classroom --split {split} --count {count} --out {tmp_path / 'renders'}"
        for split, count in counts.items()
    ]


def test_labels_of_real_people_never_teach(tmp_path: Path) -> None:
    labels, inputs = module("labels"), module("inputs")
    told = {"labels": 1, "title": "t", "evidence": "rendered", "pictures": [{"file": "a.jpg", "people": []}]}
    (tmp_path / "labels.json").write_text(json.dumps(told), "utf-8")
    assert [p.path.name for p in labels.pictures(tmp_path)] == ["a.jpg"]
    (tmp_path / "labels.json").write_text(json.dumps({**told, "evidence": "real"}), "utf-8")
    with pytest.raises(inputs.Refused, match="never teach"):
        list(labels.pictures(tmp_path))


@pytest.mark.parametrize(
    ("axes", "number"),
    [({"posture": "seated"}, -1), ({"activity": "uncertain"}, 3), ({"activity": "writing"}, 1), ({}, -1)],
)
def test_no_activity_is_one_of_its_own_where_it_is_told(axes: dict[str, str], number: int) -> None:
    assert module("labels").axes({"axes": axes})[1] == number


def test_what_a_detector_takes_for_people_teaches_who_is_nobody(tmp_path: Path) -> None:
    """A box on a desk counts, one on a part of somebody and one that fits do not."""
    cv2.imwrite(str(tmp_path / "a.png"), picture(100, 200))
    person = {"box": [0.1, 0.2, 0.3, 0.8], "axes": {}}
    told = {"labels": 1, "evidence": "rendered", "pictures": [{"file": "a.png", "people": [person]}]}
    (tmp_path / "labels.json").write_text(json.dumps(told))
    seen = np.array([[20, 20, 60, 80, 0.9], [30, 30, 45, 50, 0.4], [120, 30, 160, 90, 0.1]], np.float32)
    made = module("mistakes").mistakes(tmp_path, lambda image: seen if image.shape == (100, 200, 3) else seen[:0])
    assert made.person.tolist() == [0]
    assert (made.axes == -1).all()
    middle = (made.boxes[0, :2] + made.boxes[0, 2:]) / 2
    assert middle == pytest.approx([0.5, 0.5], abs=0.01)
    assert len(module("mistakes").mistakes(tmp_path, lambda _: seen[:0])) == 0


def test_people_are_taught_in_the_boxes_that_a_detector_gives_them(tmp_path: Path) -> None:
    """With what is truly visible beside; each box goes to one person, and who is difficult to none."""
    cv2.imwrite(str(tmp_path / "a.png"), picture(100, 200))
    people = [
        {"box": [0.1, 0.1, 0.3, 0.8], "axes": {"gesture": "hand-raised"}},
        {"box": [0.5, 0.2, 0.7, 0.8], "axes": {}, "difficult": True},
    ]
    told = {"labels": 1, "evidence": "rendered", "pictures": [{"file": "a.png", "people": people}]}
    (tmp_path / "labels.json").write_text(json.dumps(told))
    given = np.array([[20, 30, 60, 90, 0.9], [20, 35, 60, 90, 0.5], [100, 20, 140, 80, 0.8]], np.float32)
    made = module("crops").found(tmp_path, lambda _: given)
    assert len(made) == 1
    side = 1.2 * 1.3 * 60
    assert made.boxes[0] == pytest.approx(
        np.array([0.5 - 20 / side, 0.5 - 30 / side, 0.5 + 20 / side, 0.5 + 30 / side])
    )
    assert made.visible[0, 1] == pytest.approx(0.5 - 50 / side)
    assert made.axes[0].tolist() == [-1, -1, 0, -1]
    assert len(module("crops").found(tmp_path, lambda _: given[:0])) == 0
