"""Stage `export`: networks as OpenVINO IR, FP16, with the shapes and names that the product reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from torch import Tensor, nn

from .axes import OUTPUTS
from .behavior import Behavior
from .boxes import cells
from .geometry import DETECTOR, STRIDES
from .student import CHANNELS, Features, Student
from .teachers import FEATURES

BATCH = 8


class Detector(nn.Module):
    """The student, its boxes decoded: `people` [1, cells, 6] x, y, w, h in pixels of the input, probability, 1."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student
        grid = torch.from_numpy(cells(*DETECTOR))
        self.register_buffer("cell", grid[None, :, :2])
        self.register_buffer("stride", grid[None, :, 2:])

    def forward(self, picture: Tensor) -> Tensor:
        """From BGR 0..255 [1, 3, 384, 672]."""
        people = self.student(picture)[1]
        middle = (people[..., :2] + self.cell) * self.stride
        size = people[..., 2:4].clamp(max=8).exp() * self.stride
        score = people[..., 4:].sigmoid()
        return torch.cat([middle, size, score, torch.ones_like(score)], 2)


class Crops(nn.Module):
    """The student's features, and behavior from them."""

    def __init__(self, features: Features, behavior: Behavior) -> None:
        super().__init__()
        self.features, self.behavior = features, behavior

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """From BGR 0..255 [8, 3, S, S] to `OUTPUTS`."""
        out = self.behavior(self.features(crops))
        return tuple(out[name] for name in OUTPUTS)


class OnFeatures(nn.Module):
    """Behavior from another network's features."""

    def __init__(self, behavior: Behavior) -> None:
        super().__init__()
        self.behavior = behavior

    def forward(self, at8: Tensor, at16: Tensor, at32: Tensor) -> tuple[Tensor, ...]:
        """From [8, 64, S/8, S/8], [8, 128, S/16, S/16], [8, 256, S/32, S/32] to `OUTPUTS`."""
        out = self.behavior((at8, at16, at32))
        return tuple(out[name] for name in OUTPUTS)


def write(
    model: nn.Module, shapes: Sequence[Sequence[int]], inputs: Sequence[str], outputs: Sequence[str], xml: Path
) -> None:
    """Converts, names inputs and outputs, fixes shapes, and writes .xml and .bin in FP16."""
    model = model.eval().to(memory_format=torch.contiguous_format)
    example = tuple(torch.zeros(*shape) for shape in shapes)
    with torch.no_grad():
        graph = ov.convert_model(model, example_input=example, input=[tuple(s) for s in shapes])
    for port, name in zip(graph.inputs, inputs, strict=True):
        port.get_node().set_friendly_name(name)
        port.set_names({name})
    for port, name in zip(graph.outputs, outputs, strict=True):
        port.set_names({name})
        port.get_node().set_friendly_name(name)
    graph.validate_nodes_and_infer_types()
    xml.parent.mkdir(parents=True, exist_ok=True)
    ov.save_model(graph, str(xml), compress_to_fp16=True)


def detector(student: Student, xml: Path) -> None:
    """`homeroom-people`."""
    write(Detector(student), [(1, 3, *DETECTOR)], ["image"], ["people"], xml)


def crops(features: Features, behavior: Behavior, side: int, xml: Path) -> None:
    """`homeroom-behavior`."""
    write(Crops(features, behavior), [(BATCH, 3, side, side)], ["crops"], list(OUTPUTS), xml)


def on_features(behavior: Behavior, side: int, xml: Path) -> None:
    """`homeroom-behavior-on-yolox`: inputs named as YOLOX's tensors."""
    write(OnFeatures(behavior), feature_shapes(side), list(FEATURES), list(OUTPUTS), xml)


def feature_shapes(side: int) -> list[tuple[int, int, int, int]]:
    """Of the three levels of features of a batch of crops."""
    return [(BATCH, c, side // s, side // s) for c, s in zip(CHANNELS, STRIDES, strict=True)]


def features(student: Features, batch: int, side: int, xml: Path) -> None:
    """The student's features alone, to teach crop networks on."""
    write(student, [(batch, 3, side, side)], ["crops"], list(FEATURES), xml)


def difference(model: nn.Module, shapes: Sequence[Sequence[int]], xml: Path, precision: str = "f32") -> float:
    """Largest difference between what PyTorch and OpenVINO say of the same random input, of the outputs' range."""
    rng = np.random.default_rng(0)
    given = [rng.uniform(0, 255, s).astype(np.float32) for s in shapes]
    net = ov.Core().compile_model(str(xml), "CPU", {"INFERENCE_PRECISION_HINT": precision})
    with torch.no_grad():
        wanted = model.eval()(*map(torch.from_numpy, given))
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    got = net(given)
    return max(float(np.abs(got[i] - w.numpy()).max() / (w.abs().max() + 1e-6)) for i, w in enumerate(wanted))
