"""Two small networks for the decoder "people-behavior": one finds somebody who is bright, one judges what it is shown.

The first says somebody is in the left half of the picture, or in the right one, where that is bright. The second reads
the middle of a square: bright blue is a raised hand, bright green is standing, bright red a turned back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import openvino as ov
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from openvino import opset13 as op

from .nets import described

WIDTH, HEIGHT = 64, 32
SIDE, BATCH = 32, 8
BLUE, GREEN, RED = (255, 40, 40), (40, 255, 40), (40, 40, 255)
OUTPUTS = {"posture": 3, "activity": 4, "gesture": 2, "facing": 2, "head": 4, "person": 1}
CLASSES: list[dict[str, Any]] = [
    {"label": "seated", "axes": {"posture": "seated"}},
    {"label": "standing", "axes": {"posture": "standing"}},
    {"label": "head on desk", "axes": {"posture": "head-on-desk"}},
    {"label": "reading", "axes": {"activity": "reading"}},
    {"label": "writing", "axes": {"activity": "writing"}},
    {"label": "listening", "axes": {"activity": "listening"}},
    {"label": "none of these", "axes": {}},
    {"label": "hand raised", "axes": {"gesture": "hand-raised"}},
    {"label": "no hand raised", "axes": {"gesture": "none"}},
    {"label": "front", "axes": {"facing": "front"}},
    {"label": "turned around", "axes": {"facing": "turned-around"}},
]


def finder(folder: Path, *, bias: float = -50.0, columns: int = 6) -> Path:
    """An IR: rows [1, 2, columns] for the two halves, 20 x 24 px boxes in their middles."""
    picture = op.parameter([1, 3, HEIGHT, WIDTH], np.float32, name="image")
    vivid = op.reduce_max(picture, op.constant(np.array([1])), keep_dims=True)
    halves = op.avg_pool(vivid, [1, 32], [0, 0], [0, 0], [HEIGHT, 32], exclude_pad=False)  # [1, 1, 1, 2]
    bright = op.reshape(halves, op.constant(np.array([1, 2, 1])), special_zero=False)
    score = op.sigmoid(op.add(op.multiply(bright, op.constant(np.float32(0.25))), op.constant(np.float32(bias))))
    boxes = op.constant(np.array([[[16, 16, 20, 24], [48, 16, 20, 24]]], np.float32))
    ones = op.constant(np.ones((1, 2, columns - 5), np.float32))
    return _saved([(op.concat([boxes, score, ones], axis=2), "people")], [picture], folder / "people.xml")


def judge(folder: Path, *, person: float = 9.0, outputs: Mapping[str, int] = OUTPUTS, side: int = SIDE) -> Path:
    """An IR: logits from the mean color of the middle of each square."""
    squares = op.parameter([BATCH, 3, side, side], np.float32, name="crops")
    return _saved(_told(_middle(squares, side), person, outputs), [squares], folder / "behavior.xml")


def heads_on(folder: Path, tensor: str, shape: Sequence[int], *, person: float = 9.0) -> Path:
    """An IR that judges from an inner tensor [8, 3, ...] of another network, and asks for one more of the same."""
    first = op.parameter(list(shape), np.float32, name=tensor)
    first.output(0).set_names({tensor})
    second = op.parameter([shape[0], shape[1], shape[2] // 2, shape[3] // 2], np.float32, name="coarse")
    second.output(0).set_names({"coarse"})
    none = op.multiply(
        op.reduce_mean(second, op.constant(np.array([1, 2, 3])), keep_dims=True), op.constant(np.float32(0))
    )
    colors = op.add(_middle(first, shape[2]), op.reshape(none, op.constant(np.array([BATCH, 1])), special_zero=False))
    return _saved(_told(colors, person, OUTPUTS), [first, second], folder / "heads.xml")


def yolox_like(path: Path) -> Path:
    """An ONNX file as YOLOX exports: 85 columns, boxes in cells of 8 and 16 px, its inner tensors named.

    In each cell there is somebody where it is all white. `fine` and `coarse` are the picture at an eighth and less.
    """
    side = 64  # made for another size than it is used at
    means = {"fine": 8, "coarse": 16}
    nodes, rows, held = [], [], []
    kernel = np.zeros((85, 3, 1, 1), np.float32)
    kernel[4] = 1 / 3 / 8  # objectness
    bias = np.zeros(85, np.float32)
    bias[:4] = (0.5, 0.5, np.log(2), np.log(3))  # two cells wide, three high
    bias[4], bias[5] = -30, 9
    held += [numpy_helper.from_array(kernel, "kernel"), numpy_helper.from_array(bias, "bias")]
    held.append(numpy_helper.from_array(np.array([1, 85, -1], np.int64), "flat"))
    for name, step in means.items():
        nodes.append(helper.make_node("AveragePool", ["images"], [name], kernel_shape=[step] * 2, strides=[step] * 2))
        nodes.append(helper.make_node("Conv", [name, "kernel", "bias"], [f"{name}-raw"]))
        nodes.append(helper.make_node("Reshape", [f"{name}-raw", "flat"], [f"{name}-flat"]))
        rows.append(f"{name}-flat")
    nodes.append(helper.make_node("Concat", rows, ["whole"], axis=2))
    nodes.append(helper.make_node("Transpose", ["whole"], ["told"], perm=[0, 2, 1]))
    held += [numpy_helper.from_array(np.array(v, np.int64), n) for n, v in (("0", [0]), ("4", [4]), ("85", [85]))]
    held += [numpy_helper.from_array(np.array([2], np.int64), "2")]
    nodes.append(helper.make_node("Slice", ["told", "0", "4", "2"], ["boxes"]))
    nodes.append(helper.make_node("Slice", ["told", "4", "85", "2"], ["logits"]))
    nodes.append(helper.make_node("Sigmoid", ["logits"], ["scores"]))
    nodes.append(helper.make_node("Concat", ["boxes", "scores"], ["output"], axis=2))
    count = sum((side // step) ** 2 for step in means.values())
    graph = helper.make_graph(
        nodes,
        "yolox-like",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, count, 85])],
        held,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def manifest(files: Mapping[str, Path], /, **changes: Any) -> dict[str, Any]:
    """A model manifest for these networks."""
    document: dict[str, Any] = {
        "id": "pair",
        "title": "Pair",
        "description": "Made for tests.",
        "licence": "Apache-2.0",
        "source": "https://example.org/pair",
        "decoder": "people-behavior",
        "files": {role: described(path) for role, path in files.items()},
        "input": {"width": WIDTH, "height": HEIGHT},
        "classes": CLASSES,
        "thresholds": {
            "detection": 0.4,
            "nms_sigma": 0.3,
            "person": 0.5,
            "head": 0.5,
            "posture": 0.5,
            "activity": 0.5,
            "gesture": 0.6,
            "facing": 0.6,
        },
        "decoder_settings": {
            "people": "people",
            "side": SIDE,
            "heads": [{"output": name, "classes": OUTPUTS[name]} for name in list(OUTPUTS)[:4]],
        },
        "accuracy": [],
    }
    return {**document, **changes}


def pair(folder: Path, first: Path | None = None, second: Path | None = None) -> dict[str, Path]:
    """Both networks' files by role."""
    folder.mkdir(parents=True, exist_ok=True)
    people, behavior = first or finder(folder), second or judge(folder)
    return {
        "people-xml": people,
        "people-bin": people.with_suffix(".bin"),
        "behavior-xml": behavior,
        "behavior-bin": behavior.with_suffix(".bin"),
    }


def picture(*colors: tuple[int, int, int], width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """BGR: stripes of these colors from left to right."""
    made = np.zeros((height, width, 3), np.uint8)
    for index, color in enumerate(colors):
        made[:, width * index // len(colors) : width * (index + 1) // len(colors)] = color
    return made


def _middle(pictures: Any, side: int) -> Any:
    """Mean colors [8, 3] of the middle quarter of pictures."""
    quarter = side // 4
    begin, end, step, axes = (op.constant(np.array(at)) for at in ([quarter] * 2, [side - quarter] * 2, [1, 1], [2, 3]))
    part = op.slice(pictures, begin, end, step, axes)
    return op.reduce_mean(part, op.constant(np.array([2, 3])), keep_dims=False)


def _told(colors: Any, person: float, outputs: Mapping[str, int]) -> list[tuple[Any, str]]:
    """Outputs by name: 0.1 x (color - 150) is the logit of what a color stands for, 0 of all else."""
    rows = {"posture": (1, 1), "gesture": (0, 0), "facing": (2, 1)}  # output -> channel, class
    told = []
    for name, width in outputs.items():
        weights, bias = np.zeros((3, width), np.float32), np.zeros((1, width), np.float32)
        if name in rows:
            channel, one = rows[name]
            weights[channel, one], bias[0, one] = 0.1, -15
        bias[0] += {"head": (0.0, 1.0, 0.0, 1.0), "person": (person,)}.get(name, (0.0,) * width)
        told.append(
            (
                op.add(
                    op.matmul(colors, op.constant(weights), transpose_a=False, transpose_b=False), op.constant(bias)
                ),
                name,
            )
        )
    return told


def _saved(outputs: list[tuple[Any, str]], inputs: list[Any], xml: Path) -> Path:
    results = []
    for node, name in outputs:
        node.output(0).set_names({name})
        results.append(op.result(node))
    ov.save_model(ov.Model(results, inputs, xml.stem), str(xml), compress_to_fp16=False)
    return xml
