"""Decoder "people-behavior": one network finds people, a second one looks at each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from homeroom.detection import Detection, HeadPose
from homeroom.errors import BadInput
from homeroom.models.behavior import BehaviorDecoder
from homeroom.models.two_stage import TwoStageModel

from .nets import frame_of
from .pairs import (
    BATCH,
    BLUE,
    CLASSES,
    GREEN,
    HEIGHT,
    OUTPUTS,
    RED,
    SIDE,
    WIDTH,
    finder,
    heads_on,
    judge,
    manifest,
    pair,
    picture,
    yolox_like,
)

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
OFF = {"id": "pair", "device": "CPU", "precision": "f32"}
ON_YOLOX = {"people": "output", "strides": [8, 16], "side": SIDE}


def loaded(files: Mapping[str, Path], settings: Mapping[str, Any] = OFF, /, **changes: Any) -> TwoStageModel:
    return TwoStageModel(manifest(files, **changes), files, settings)


def seen(model: TwoStageModel, *pictures: np.ndarray) -> list[list[Detection]]:
    return [list(found) for found in model.detector().detect([frame_of(one) for one in pictures])]


def likeliest(one: Detection) -> dict[str, str]:
    return {axis: max(over, key=lambda value: over[value]) for axis, over in one.axes.items()}


def on_features(folder: Path) -> dict[str, Path]:
    """The second network reads what an ONNX file computes inside."""
    heads = heads_on(folder, "fine", (BATCH, 3, SIDE // 8, SIDE // 8))
    onnx = yolox_like(folder / "yolox.onnx")
    return {"people-onnx": onnx, "behavior-xml": heads, "behavior-bin": heads.with_suffix(".bin")}


def test_each_person_is_judged_by_their_own_square(tmp_path: Path) -> None:
    model = loaded(pair(tmp_path))
    ((left, right),) = seen(model, picture(BLUE, GREEN))
    if left.box.left > right.box.left:
        left, right = right, left
    assert left.box.center == pytest.approx((0.25, 0.5))
    assert right.box.center == pytest.approx((0.75, 0.5))
    assert (left.box.width, left.box.height) == pytest.approx((20 / 64, 24 / 32))
    assert likeliest(left)["gesture"] == "hand-raised"
    assert "hand-raised" not in likeliest(right).values()
    assert likeliest(right)["posture"] == "standing"
    assert left.model == model.id == "pair"
    assert left.head_pose == HeadPose(0.0, 0.0, 0.0)


def test_what_it_is_not_sure_of_it_leaves_open(tmp_path: Path) -> None:
    """Posture and activity are told from one half on, gesture and facing from 0.6 on: here all logits are alike."""
    model = loaded(pair(tmp_path), thresholds={**manifest({})["thresholds"], "posture": 0.5, "gesture": 0.51})
    ((one,),) = seen(model, picture(RED, BLACK))
    assert set(one.axes) == {"facing", "gesture"}, "posture and activity have a third and a quarter each"
    assert likeliest(one)["facing"] == "turned-around"
    assert one.axes["gesture"]["none"] > 0.9


def test_pictures_of_one_call_share_batches_and_keep_their_people(tmp_path: Path) -> None:
    model = loaded(pair(tmp_path))
    pictures = [picture(BLUE, GREEN), picture(BLACK, BLACK), picture(GREEN, BLACK)] + [picture(BLUE, BLUE)] * 5
    together = seen(model, *pictures)
    assert [len(found) for found in together] == [2, 0, 1] + [2] * 5
    assert together == [seen(model, one)[0] for one in pictures]


def test_both_networks_say_how_likely_somebody_is_there(tmp_path: Path) -> None:
    """The first says one half of what is half as bright, the second 0.73 of everybody."""
    model = loaded(pair(tmp_path, second=judge(tmp_path, person=1.0)))
    ((sure, unsure),) = seen(model, picture((200, 200, 200), WHITE))
    assert sure.likelihood == pytest.approx((1 * 0.731) ** 0.5, abs=0.01)
    assert unsure.likelihood == pytest.approx((0.5 * 0.731) ** 0.5, abs=0.05)
    assert sure.box.center[0] > unsure.box.center[0]


def test_a_picture_of_somebody_is_nobody(tmp_path: Path) -> None:
    assert seen(loaded(pair(tmp_path, second=judge(tmp_path, person=-2.0))), picture(BLUE, GREEN)) == [[]]


def test_a_site_moves_thresholds_and_no_unknown_one(tmp_path: Path) -> None:
    files = pair(tmp_path)
    dim = picture((200, 200, 200), BLACK)  # one half likely
    assert len(seen(loaded(files), dim)[0]) == 1
    assert seen(loaded(files, {**OFF, "thresholds": {"detection": 0.6}}), dim) == [[]]
    with pytest.raises(BadInput, match="no threshold 'people'"):
        loaded(files, {**OFF, "thresholds": {"people": 0.6}})


def test_a_second_network_reads_what_the_first_one_computes_inside(tmp_path: Path) -> None:
    """As the recommended assembly does: an ONNX file made for another size, its features of each square."""
    model = loaded(on_features(tmp_path), decoder_settings={**manifest({})["decoder_settings"], **ON_YOLOX})
    shown = picture(BLACK, BLACK)
    shown[8:16, 16:24] = WHITE  # column 2, row 1 of the cells of 8 px
    ((one,),) = seen(model, shown)
    assert one.box.center == pytest.approx((20 / WIDTH, 12 / HEIGHT), abs=0.01)
    assert (one.box.width, one.box.height) == pytest.approx((16 / WIDTH, 24 / HEIGHT - 0), abs=0.01)
    assert likeliest(one)["gesture"] in {"none", "hand-raised"}


@pytest.mark.parametrize(
    ("width", "height"), [(2, 2), (64, 32), (640, 480), (10_000, 40), (40, 10_000), (10_000, 10_000)]
)
def test_pictures_of_any_size(tmp_path: Path, width: int, height: int) -> None:
    model = loaded(pair(tmp_path))
    (found,) = seen(model, picture(BLUE, GREEN, width=width, height=height))
    assert len(found) <= 2
    for one in found:
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1


@pytest.mark.parametrize(
    ("role", "damage"),
    [
        (role, damage)
        for role in ("people-xml", "people-bin", "behavior-xml", "behavior-bin")
        for damage in ("cut", "noise", "empty", "missing")
        if (role[-3:], damage) != ("bin", "noise")  # any bytes are weights: files are known by their digests
    ],
)
def test_damaged_files_are_one_clear_error(tmp_path: Path, role: str, damage: str) -> None:
    files = pair(tmp_path)
    document = manifest(files)
    data = files[role].read_bytes()
    if damage == "missing":
        files[role].unlink()
    else:
        noise = np.random.default_rng(1).bytes(len(data))
        files[role].write_bytes({"cut": data[: len(data) // 2], "noise": noise, "empty": b""}[damage])
    with pytest.raises(BadInput) as told:
        TwoStageModel(document, files, OFF)
    assert str(tmp_path) in str(told.value)
    assert "\n" not in str(told.value)


def test_networks_of_another_shape_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"people.xml: its people should have shape \[1, n, 6 or more\]"):
        loaded(pair(tmp_path / "a", first=finder(made(tmp_path / "a"), columns=5)))
    with pytest.raises(BadInput, match=r"output gesture should have shape \[8, 2\], the file has \[8, 3\]"):
        loaded(pair(tmp_path / "b", second=judge(made(tmp_path / "b"), outputs={**OUTPUTS, "gesture": 3})))
    with pytest.raises(BadInput, match=r"output posture should have shape \[8, 3\], the file has no such output"):
        loaded(pair(tmp_path / "c", second=judge(made(tmp_path / "c"), outputs={"person": 1})))
    with pytest.raises(BadInput, match=r"its input has shape \[8, 3, 64, 64\], the manifest says \[8, 3, 32, 32\]"):
        loaded(pair(tmp_path / "d", second=judge(made(tmp_path / "d"), side=64)))
    with pytest.raises(BadInput, match=r"its manifest says 128x64, 3 channels"):
        loaded(pair(tmp_path / "e"), input={"width": 128, "height": 64})
    with pytest.raises(BadInput, match="has no output persons, only people"):
        loaded(pair(tmp_path / "f"), decoder_settings={**manifest({})["decoder_settings"], "people": "persons"})


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_heads_on_features_that_the_first_network_lacks_are_refused(tmp_path: Path) -> None:
    settings = {**manifest({})["decoder_settings"], **ON_YOLOX}
    files = on_features(tmp_path)
    for tensor, shape, told in (
        ("777", (BATCH, 3, 4, 4), "reads a tensor '777', which the network before it lacks"),
        ("fine", (BATCH, 3, 8, 8), r"reads 'fine' as \[8, 3, 8, 8\], the network before it gives \[8, 3, 4, 4\]"),
    ):
        heads = heads_on(tmp_path, tensor, shape)
        with pytest.raises(BadInput, match=told):
            loaded(
                {**files, "behavior-xml": heads, "behavior-bin": heads.with_suffix(".bin")}, decoder_settings=settings
            )


def test_a_network_that_sees_people_in_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sees 2 people in an empty grey picture"):
        loaded(pair(tmp_path, first=finder(tmp_path, bias=0.0)))


def test_a_site_that_lowers_a_threshold_does_not_fail_the_look_at_nothing(tmp_path: Path) -> None:
    """The look is at the net as it was made: a site's own threshold is its own."""
    loaded(pair(tmp_path, first=finder(tmp_path, bias=-32.5)), {**OFF, "thresholds": {"detection": 0.1}})


def test_a_network_that_gives_no_numbers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gives numbers that are none"):
        loaded(pair(tmp_path, second=judge(tmp_path, person=float("nan"))))


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({"xml", "bin"}, "has bin, xml; wanted are people-xml and people-bin, or people-onnx"),
        ({"people-xml", "people-bin"}, "has people-bin, people-xml; wanted are"),
        ({"people-onnx", "people-bin", "behavior-xml", "behavior-bin"}, "wanted are"),
    ],
)
def test_files_of_other_roles_are_refused(tmp_path: Path, roles: set[str], told: str) -> None:
    anything = pair(tmp_path)["people-xml"]
    with pytest.raises(BadInput, match=told):
        loaded(dict.fromkeys(roles, anything))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"thresholds": {"nms_sigma": 0.3, "person": 0.5}}, "thresholds lack detection"),
        ({"thresholds": {"detection": 0.3, "nms_sigma": 0.3, "posture": 0.5}}, "thresholds lack activity, facing"),
        ({"classes": CLASSES[:-1]}, "10 classes, but its heads have 11"),
        ({"decoder_settings": {"people": "people", "side": 32}}, "'heads' is missing"),
        ({"decoder_settings": {"people": "people", "side": 9, "heads": []}}, "decoder_settings"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        loaded(pair(tmp_path), **changes)


def test_where_heads_turn_and_where_it_is_open() -> None:
    """Sine and cosine; a pair that is short is a doubt."""
    document = manifest({})
    decoder = BehaviorDecoder(document, document["thresholds"])
    outputs = {name: np.zeros((BATCH, width), np.float32) for name, width in OUTPUTS.items()}
    outputs["head"][0] = (0.9 * np.sin(0.6), 0.9 * np.cos(0.6), 0.8 * np.sin(-0.4), 0.8 * np.cos(-0.4))
    outputs["head"][1] = (0.3, 0.3, 0.0, 1.0)
    outputs["person"][2] = np.nan
    turned, open_, none = decoder(outputs, 3)
    assert turned is not None
    assert turned.head_pose is not None
    assert (turned.head_pose.yaw, turned.head_pose.pitch) == pytest.approx(tuple(np.degrees([0.6, -0.4])))
    assert open_ is not None
    assert open_.head_pose is None
    assert none is None
