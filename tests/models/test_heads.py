"""Head poses by another net: which heads are asked for, and that its signs are ours. Part of it needs the lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from homeroom.detection import Detection, HeadPose
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.models.cache import fetch
from homeroom.models.catalog import catalog
from homeroom.models.heads import MOST, HeadDetector, HeadNet, head_of, part
from homeroom.picture import Frame
from tests.fakes import person
from tests.lab import lab

from .nets import frame_of

NAME = "head-pose-estimation-adas-0001"
EXACT = {"device": "CPU", "precision": "f32"}


def net(folder: Path, outputs: Sequence[str] = ("fc_y", "fc_p", "fc_r"), size: int = 60) -> Mapping[str, Path]:
    """A net whose angles are a tenth of the mean blue, green and red of the head."""
    picture = op.parameter([1, 3, size, size], np.float32, name="data")
    means = op.reduce_mean(picture, op.constant(np.array([2, 3])), keep_dims=False)
    results = []
    for number, name in enumerate(outputs):
        one = op.gather(means, op.constant(np.array([number])), op.constant(np.array(1)))
        tenth = op.multiply(one, op.constant(np.float32(0.1)))
        tenth.output(0).set_names({name})
        results.append(op.result(tenth))
    xml = folder / "heads.xml"
    ov.save_model(ov.Model(results, [picture], "heads"), str(xml), compress_to_fp16=False)
    return {"xml": xml, "bin": xml.with_suffix(".bin")}


class Says:
    """A detector that always says the same."""

    model = "says"

    def __init__(self, people: Sequence[Detection]) -> None:
        self.people = people

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        return [self.people] * len(frames)


def blue(width: int = 800, height: int = 600) -> Frame:
    return frame_of(np.full((height, width, 3), (200, 100, 50), np.uint8))


def posed(folder: Path, people: Sequence[Detection], frame: Frame | None = None) -> Sequence[Detection]:
    made = HeadNet(catalog()[NAME].document, net(folder), EXACT)
    (found,) = HeadDetector(Says(people), made).detect([frame or blue()])
    return found


def test_an_open_head_is_asked_for_in_our_signs(tmp_path: Path) -> None:
    (one,) = posed(tmp_path, [person(0.3, 0.2, 0.5, 0.8)])
    assert one.head_pose is not None
    pose = one.head_pose
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((20, -10, 5), abs=1)


def test_who_is_known_turned_around_asleep_or_small_is_not_asked_for(tmp_path: Path) -> None:
    known = replace(person(0.3, 0.2, 0.5, 0.8), head_pose=HeadPose(1, 2, 3))
    people = [
        known,
        person(0.3, 0.2, 0.5, 0.8, facing={"turned-around": 0.9}),
        person(0.3, 0.2, 0.5, 0.8, posture={"head-on-desk": 0.9}),
        person(0.3, 0.2, 0.33, 0.25),
    ]
    assert [one.head_pose for one in posed(tmp_path, people)] == [known.head_pose, None, None, None]


def test_of_many_heads_the_largest_eight_are_asked_for(tmp_path: Path) -> None:
    people = [person(0.1, 0.1, 0.4, 0.4 + 0.02 * number) for number in range(12)]
    assert [one.head_pose is not None for one in posed(tmp_path, people)] == [False] * 4 + [True] * MOST


@pytest.mark.parametrize("box", [(-0.2, -0.1, 0.1, 0.9), (0.95, 0.5, 1.2, 1.5), (0.5, 0.99, 0.7, 1.4)])
def test_a_head_at_the_picture_s_edge_is_cut_or_left_out(
    box: tuple[float, float, float, float], tmp_path: Path
) -> None:
    posed(tmp_path, [person(*box)], blue(641, 479))


def test_a_part_is_what_lies_in_the_box() -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[20:60, 40:100] = 255
    cut = part(frame_of(image), Box(0.2, 0.2, 0.5, 0.6))
    assert cut is not None
    assert (cut.width, cut.height) == (60, 40)
    assert cut.y.min() > 200
    assert part(frame_of(image), Box(0.2, 0.2, 0.22, 0.6)) is None


def test_a_head_is_a_square_at_the_top() -> None:
    head = head_of(Box(0.4, 0.2, 0.5, 0.6), 16 / 9)
    assert head.width * 16 / 9 == pytest.approx(head.height)
    assert (head.top, head.center[0]) == pytest.approx((0.2, 0.45))


@pytest.mark.parametrize("files", [{"outputs": ("fc_y", "fc_p", "roll")}, {"size": 64}], ids=str)
def test_another_network_is_refused(files: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        HeadNet(catalog()[NAME].document, net(tmp_path, **files), EXACT)


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> HeadNet:
    manifest = catalog()[NAME]
    return HeadNet(manifest.document, fetch(manifest, tmp_path_factory.mktemp("heads"), str(lab("models"))), EXACT)


def test_the_official_net_has_our_signs_on_a_real_head(official: HeadNet) -> None:
    """A woman who turns to the picture's left and back, seen from a little below; mirrored, to its right."""
    with av.open(str(lab("media/intel-head-pose-face-detection-female.gif"))) as clip:
        images = [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]
    request = official.request()
    yaws: dict[bool, list[float]] = {False: [], True: []}
    for image in images[::3]:
        found = _face(image)
        for mirrored, told in yaws.items():
            pose = official.pose(request(frame_of(found[:, ::-1] if mirrored else found)))
            assert pose is not None
            told.append(pose.yaw)
            assert pose.pitch > 0
    assert min(yaws[False]) < -30 < 30 < max(yaws[True])


def _face(image: Any) -> Any:
    """The face of the one who is there, by Open Model Zoo's face detector."""
    folder = lab("models") / "intel/face-detection-adas-0001/FP16"
    detect = ov.Core().compile_model(str(folder / "face-detection-adas-0001.xml"), "CPU")
    small = cv2.resize(image, (672, 384)).transpose(2, 0, 1)[None].astype(np.float32)
    best = max(detect(small)[0].reshape(-1, 7), key=lambda row: row[2])
    height, width = image.shape[:2]
    left, top, right, bottom = (best[3:] * (width, height, width, height)).astype(int)
    return image[max(0, top) : bottom, max(0, left) : right]
