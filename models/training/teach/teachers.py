"""Networks of others that teach: run as they are, in OpenVINO; only their answers are learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

FEATURES = ("777", "990", "1024")  # YOLOX-nano's features at strides 8, 16 and 32
HEADS = (
    "1066",
    "1108",
    "1150",
)  # its 85 answers in each of their cells; what follows in the file is for one picture only
YOLOX = "other/person/yolox/yolox_nano_416.onnx"
MOVENET = "other/pose/movenet/movenet_lightning_int8_4.tflite"
FACES = "intel/face-detection-adas-0001/FP16/face-detection-adas-0001.xml"
HEAD_POSE = "intel/head-pose-estimation-adas-0001/FP16/head-pose-estimation-adas-0001.xml"
Picture = NDArray[np.uint8]  # height x width x BGR


def _compiled(model: ov.Model, threads: int) -> ov.CompiledModel:
    return ov.Core().compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"})


class Yolox:
    """YOLOX-nano for batches of one shape: features of three levels, and a person in every cell."""

    def __init__(self, models: Path, batch: int, height: int, width: int, threads: int = 1) -> None:
        """`height` and `width` are multiples of 32."""
        model = ov.Core().read_model(models / YOLOX)
        model.reshape([batch, 3, height, width])
        named = {name: o for op in model.get_ops() for o in op.outputs() for name in o.get_names()}
        self._net = _compiled(
            ov.Model([named[n] for n in (*FEATURES, *HEADS)], model.get_parameters(), "yolox"), threads
        )

    def __call__(self, pictures: NDArray[np.uint8]) -> tuple[list[NDArray[np.float16]], NDArray[np.float32]]:
        """From BGR [B, H, W, 3] to features [B, C, h, w] and people [B, cells, 5]: x, y, log w, log h, probability."""
        out = self._net(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)).astype(np.float32))
        raw = np.concatenate([out[i].reshape(len(pictures), 85, -1) for i in (3, 4, 5)], 2).transpose(0, 2, 1)
        people = np.concatenate([raw[..., :4], raw[..., 4:5] * raw[..., 5:6]], 2)
        return [out[i].astype(np.float16) for i in range(3)], people


class MoveNet:
    """MoveNet lightning: 17 key points of the one person in a square."""

    SIDE = 192

    def __init__(self, models: Path, threads: int = 1) -> None:
        self._net = _compiled(ov.Core().read_model(models / MOVENET), threads)

    def __call__(self, square: Picture) -> NDArray[np.float32]:
        """From BGR 192x192 to [17, 3]: x, y in 0..1 and confidence."""
        rows = self._net(square[None, :, :, ::-1].astype(np.float32))[0].reshape(17, 3)
        return rows[:, [1, 0, 2]]


class HeadPose:
    """Open Model Zoo's head pose of a square around a face."""

    SIDE = 60

    def __init__(self, models: Path, threads: int = 1) -> None:
        self._net = _compiled(ov.Core().read_model(models / HEAD_POSE), threads)

    def __call__(self, square: Picture) -> tuple[float, float]:
        """From BGR 60x60 to yaw (positive towards the picture's right) and pitch (positive up) in degrees."""
        out = self._net(square.transpose(2, 0, 1)[None].astype(np.float32))
        yaw, pitch = (float(out[name].ravel()[0]) for name in ("angle_y_fc", "angle_p_fc"))
        return yaw, -pitch


class Faces:
    """Open Model Zoo's face detector."""

    SIZE = (672, 384)

    def __init__(self, models: Path, threads: int = 1) -> None:
        self._net = _compiled(ov.Core().read_model(models / FACES), threads)

    def __call__(self, picture: Picture, least: float = 0.6) -> list[tuple[float, float, float, float]]:
        """From BGR 672x384 to boxes (left, top, right, bottom) as shares."""
        rows: Sequence[NDArray[np.float32]] = self._net(picture.transpose(2, 0, 1)[None].astype(np.float32))[0][0, 0]
        return [(float(r[3]), float(r[4]), float(r[5]), float(r[6])) for r in rows if r[2] >= least]
