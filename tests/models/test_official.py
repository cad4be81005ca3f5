"""The official action nets on real pictures of adults; needs the lab."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.models.action import ActionModel
from homeroom.models.cache import fetch
from homeroom.models.catalog import catalog
from homeroom.picture import Frame
from tests.lab import lab

from .nets import frame_of, frames_of

OLD, NEW = "person-detection-action-recognition-0005", "person-detection-action-recognition-0006"
EXACT = {"device": "CPU", "precision": "f32"}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", params=[OLD, NEW])
def model(request: pytest.FixtureRequest, stored: Path) -> ActionModel:
    return open_model(request.param, stored)


@pytest.fixture(scope="module")
def newest(stored: Path) -> ActionModel:
    return open_model(NEW, stored)


def open_model(name: str, stored: Path, files: Mapping[str, Path] | None = None) -> ActionModel:
    manifest = catalog()[name]
    found = files or fetch(manifest, stored, str(lab("models")))
    return ActionModel(manifest.document, found, EXACT)


@cache
def hands() -> Frame:
    return next(frames_of(lab("media/omz-classroom-hand-raised.png")))


def classroom() -> Iterator[Frame]:
    return frames_of(lab("media/intel-classroom-preview.gif"))


def likeliest(found: Detection, axis: str) -> str:
    over = found.axes[axis]
    return max(over, key=lambda value: over[value])


def at(found: Sequence[Detection], x: float, y: float) -> Detection:
    """The smallest person whose box holds the point."""
    holding = [one for one in found if one.box.left < x < one.box.right and one.box.top < y < one.box.bottom]
    return min(holding, key=lambda one: one.box.area)


def test_five_adults_are_found_and_the_raised_hand_is_told(model: ActionModel) -> None:
    (found,) = model.detector().detect([hands()])
    assert len(found) == 5
    raising = at(found, 0.43, 0.75)
    assert raising.axes["gesture"]["hand-raised"] > (0.9 if model.id == NEW else 0.7)
    for x, y in ((0.86, 0.75), (0.23, 0.8), (0.6, 0.6)):
        assert likeliest(at(found, x, y), "posture") == "seated"
        assert likeliest(at(found, x, y), "gesture") == "none"


def test_four_seated_adults_are_seated_in_every_frame(newest: ActionModel) -> None:
    seen = [newest.detector().detect([frame])[0] for frame in classroom()]
    assert Counter(len(found) for found in seen) == {4: 45}
    assert Counter(likeliest(one, "posture") for found in seen for one in found) == {"seated": 180}
    assert Counter(likeliest(one, "gesture") for found in seen for one in found) == {"none": 180}


def test_0005_finds_four_adults_in_every_frame_and_takes_no_more_than_one_for_standing(stored: Path) -> None:
    detector = open_model(OLD, stored).detector()
    seen = [detector.detect([frame])[0] for frame in islice(classroom(), 0, None, 5)]
    assert Counter(len(found) for found in seen) == {4: 9}
    postures = Counter(likeliest(one, "posture") for found in seen for one in found)
    assert postures["seated"] >= 3 * 9
    assert set(postures) <= {"seated", "standing"}


def test_boxes_lie_where_the_people_are(newest: ActionModel) -> None:
    (found,) = newest.detector().detect([hands()])
    # edges read off the picture, as shares of its sides
    for box in ((0.34, 0.44, 0.51, 0.99), (0.79, 0.46, 0.94, 0.96), (0.18, 0.54, 0.30, 1.0), (0.55, 0.40, 0.66, 0.79)):
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        got = at(found, *middle).box
        assert (got.left, got.top, got.right, got.bottom) == pytest.approx(box, abs=0.03)


def test_a_sitting_person_is_never_said_to_listen(newest: ActionModel) -> None:
    (found,) = newest.detector().detect([hands()])
    assert all("listening" not in one.axes["activity"] for one in found)
    assert all("reading" not in one.axes["activity"] for one in found)


def test_bytes_as_of_old_releases_decode_alike(newest: ActionModel, stored: Path, tmp_path: Path) -> None:
    """Until 2021 the files of 0006 were NCHW under the same names: made here by transposing input and heads."""
    current = fetch(catalog()[NEW], stored, str(lab("models")))
    old = as_of_2021(current["xml"], tmp_path)
    assert {len(newest.detector().detect([hands()])[0])} == {5}
    for frame in (hands(), next(classroom())):
        (wanted,) = newest.detector().detect([frame])
        (got,) = open_model(NEW, stored, old).detector().detect([frame])
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted, strict=True):
            assert one.likelihood == pytest.approx(other.likelihood, abs=1e-3)
            assert one.box.iou(other.box) > 0.999
            for axis in other.axes:
                assert one.axes[axis] == pytest.approx(other.axes[axis], abs=1e-2)


def as_of_2021(xml: Path, folder: Path) -> Mapping[str, Path]:
    core: Any = ov.Core()
    model = core.read_model(str(xml))
    source = model.inputs[0]
    picture = op.parameter([1, 3, 400, 680], np.float32, name="input")
    turned = op.transpose(picture, op.constant(np.array([0, 2, 3, 1])))
    for target in list(source.get_target_inputs()):
        target.replace_source_output(turned.output(0))
    results = []
    for output in model.outputs:
        node = output.get_node().input_value(0)
        names = set(output.get_names())
        if len(output.shape) == 4:
            node.set_names(set())
            node = op.transpose(node, op.constant(np.array([0, 3, 1, 2]))).output(0)
            node.set_names(names)
        results.append(op.result(node))
    made = folder / "old.xml"
    ov.save_model(ov.Model(results, [picture], "old"), str(made), compress_to_fp16=False)
    return {"xml": made, "bin": made.with_suffix(".bin")}


def test_files_of_another_model_are_refused(stored: Path) -> None:
    other = fetch(catalog()[OLD], stored, str(lab("models")))
    with pytest.raises(BadInput, match="the file has no output 'ActionNet/out_detection_loc'"):
        open_model(NEW, stored, other)


def test_manifests_carry_the_official_sizes_and_digests() -> None:
    for name in (OLD, NEW):
        for file in catalog()[name].files.values():
            data = lab(f"models/intel/{name}/FP16/{file.name}").read_bytes()
            assert (len(data), hashlib.sha384(data).hexdigest()) == (file.size, file.sha384)


def test_a_brighter_darker_or_mirrored_picture_still_shows_five_people(newest: ActionModel) -> None:
    bgr = hands().bgr()
    for changed in (bgr[:, ::-1], np.clip(bgr.astype(float) * 0.7, 0, 255), np.clip(bgr.astype(float) * 1.2, 0, 255)):
        (found,) = newest.detector().detect([frame_of(changed.astype(np.uint8))])
        assert len(found) == 5
