"""Stage `int8`: the embedded networks with weights and activations of 8 bits, to be measured against FP16."""

from __future__ import annotations

from pathlib import Path

import nncf
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from . import crops
from .export import BATCH
from .geometry import SIDES, letterboxed
from .scenes import load
from .views import plain

SEED = 5


def quantized(export: Path, calibration: Path, target: Path) -> None:
    """Writes homeroom-people and homeroom-behavior of `export` to `target`, ranges taken from the calibration split.

    Post-training quantization of NNCF, its defaults for convolutions and symmetric activations ("performance").
    """
    target.mkdir(exist_ok=True)
    whole = [letterboxed(scene.picture)[0][None] for scene in load(calibration)]
    _write(export / "homeroom-people.xml", whole, target)
    known, side = crops.rendered(calibration, 0), SIDES["homeroom-behavior"]
    order = np.random.default_rng(SEED).permutation(len(known))
    squares = [plain(known, int(row), side).picture for row in order[: len(order) // BATCH * BATCH]]
    batches = [np.stack(squares[first : first + BATCH]) for first in range(0, len(squares), BATCH)]
    _write(export / "homeroom-behavior.xml", batches, target)


def _write(xml: Path, pictures: list[NDArray[np.uint8]], target: Path) -> None:
    """`pictures` are batches [n, height, width, 3] BGR."""
    inputs = [p.transpose(0, 3, 1, 2).astype(np.float32) for p in pictures]
    made = nncf.quantize(ov.Core().read_model(xml), nncf.Dataset(inputs), subset_size=len(inputs))
    ov.save_model(made, target / xml.name)
