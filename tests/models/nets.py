"""Small networks made on the spot, and pictures to show them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

from homeroom.picture import Frame

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS, COLUMNS, STEP = 2, 4, 16
WIDTH, HEIGHT = COLUMNS * STEP, ROWS * STEP
CLASSES: list[dict[str, Any]] = [
    {"label": "sitting", "axes": {"posture": "seated", "gesture": "none", "facing": "front"}},
    {"label": "raising_hand", "axes": {"gesture": "hand-raised", "facing": "front"}},
    {"label": "standing", "axes": {"posture": "standing", "gesture": "none"}},
]


def frame_of(bgr: NDArray[Any], full_range: bool = False) -> Frame:
    """A frame with the even part of a BGR picture."""
    height, width = bgr.shape[0] & ~1, bgr.shape[1] & ~1
    planes = np.asarray(cv2.cvtColor(np.ascontiguousarray(bgr[:height, :width]), cv2.COLOR_BGR2YUV_I420), np.uint8)
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Frame("room", START, planes[:height], chroma[0], chroma[1], full_range=full_range)


def flat(level: int) -> Frame:
    """An evenly grey frame of the small net's size."""
    return frame_of(np.full((HEIGHT, WIDTH, 3), level, np.uint8))


def frames_of(path: Path) -> Iterator[Frame]:
    """Every frame of a recording."""
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            yield frame_of(picture.to_ndarray(format="bgr24"))


def small_net(folder: Path, *, channels_first: bool = False, head: NDArray[Any] | None = None) -> Mapping[str, Path]:
    """An action net that sees one person (prior 5: row 1, column 1) when the picture is bright, nobody when dark.

    The action head is constant: class 1 at prior 5, class 0 elsewhere. `head` replaces it.
    """
    shape = [1, 3, HEIGHT, WIDTH] if channels_first else [1, HEIGHT, WIDTH, 3]
    picture = op.parameter(shape, np.float32, name="input")
    mean = op.reduce_mean(picture, op.constant(np.array([1, 2, 3])), keep_dims=False)
    brightness = op.reshape(mean, op.constant(np.array([1, 1, 1])), special_zero=False)

    count = ROWS * COLUMNS
    slope = np.zeros((1, count, 1), np.float32)
    slope[0, 5] = 0.2
    bias = np.full((1, count, 1), -9.0, np.float32)
    bias[0, 5] = -0.2 * 200
    person = op.add(op.multiply(brightness, op.constant(slope)), op.constant(bias))
    logits = op.concat([op.constant(np.zeros((1, count, 1), np.float32)), person], axis=2)
    scores = op.softmax(logits, axis=2)

    still = op.multiply(brightness, op.constant(np.zeros((1, 1, 1), np.float32)))
    offsets = op.add(op.constant(np.zeros((1, count, 4), np.float32)), still)
    if head is None:
        head = np.zeros((1, ROWS, COLUMNS, len(CLASSES)), np.float32)
        head[..., 0] = 1.0
        head[0, 1, 1] = (0.0, 1.0, 0.0)
        head = head.transpose(0, 3, 1, 2) if channels_first else head
    actions = op.add(
        op.constant(head.astype(np.float32)), op.reshape(still, op.constant(np.array([1])), special_zero=False)
    )

    results = []
    for node, name in ((offsets, "boxes"), (scores, "scores"), (actions, "actions")):
        node.output(0).set_names({name})
        results.append(op.result(node))
    folder.mkdir(parents=True, exist_ok=True)
    xml = folder / "small.xml"
    ov.save_model(ov.Model(results, [picture], "small"), str(xml), compress_to_fp16=False)
    return {"xml": xml, "bin": xml.with_suffix(".bin")}


def small_manifest(files: Mapping[str, Path], /, **changes: Any) -> dict[str, Any]:
    """A manifest for `small_net`, its files beside it."""
    document: dict[str, Any] = {
        "id": "small",
        "title": "Small",
        "description": "Made for tests.",
        "licence": "Apache-2.0",
        "source": "https://example.org/small",
        "decoder": "action-ssd",
        "files": {role: described(path) for role, path in files.items()},
        "input": {"width": WIDTH, "height": HEIGHT},
        "classes": CLASSES,
        "thresholds": {"detection": 0.4, "nms_sigma": 0.6},
        "decoder_settings": {
            "boxes": "boxes",
            "scores": "scores",
            "box_order": "yxhw",
            "variances": [0.1, 0.1, 0.2, 0.2],
            "action_scale": 16,
            "grids": [{"step": STEP, "heads": ["actions"], "anchors": [[8, 12]]}],
        },
        "accuracy": [],
    }
    return {**document, **changes}


def described(path: Path) -> dict[str, Any]:
    """A file as a manifest names it."""
    data = path.read_bytes()
    return {"name": path.name, "embedded": True, "size": len(data), "sha384": hashlib.sha384(data).hexdigest()}
