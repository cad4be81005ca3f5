"""Trains the network from random values, on drawn classrooms alone, and writes its OpenVINO IR.

    python -m tests.drawn.train tests/drawn/drawn.xml

Needs PyTorch beside Homeroom's own requirements; about ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino.opset13 as ops
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from tests.drawn.scene import AXES, Image, Person, sample

WIDTH, HEIGHT, STRIDE = 384, 224, 16
COLUMNS, ROWS = WIDTH // STRIDE, HEIGHT // STRIDE
TRAINING_SEEDS = 0  # scenes of training begin here; evaluate.py begins far above
HEADS: Mapping[str, int] = {"objectness": 1, "box": 4, **{axis: len(values) for axis, values in AXES.items()}}
# (channels, stride, dilation) of each 3x3 convolution; layers that keep shape and channels are residual
LAYERS = ((16, 2, 1), (32, 2, 1), (48, 2, 1), (64, 1, 1), (96, 2, 1), (96, 1, 2), (96, 1, 2))


class Net(nn.Module):  # type: ignore[misc]
    """Plain convolutions to a grid of 24x14 cells of 16 pixels; each cell speaks of one person. Input BGR 0..1."""

    def __init__(self) -> None:
        super().__init__()
        channels = [3, *(layer[0] for layer in LAYERS)]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride, dilation, dilation, bias=False), nn.BatchNorm2d(b))
            for (a, b), (_, stride, dilation) in zip(pairwise(channels), LAYERS, strict=True)
        )
        self.head = nn.Conv2d(channels[-1], sum(HEADS.values()), 1)
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, 0.0)
        with torch.no_grad():
            self.head.bias[0] = -4.0  # most cells hold nobody

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(n, 3, 224, 384) to one map (n, channels, 14, 24) for each of HEADS."""
        for layer in self.layers:
            y = layer(x)
            x = functional.relu(y + x if y.shape == x.shape else y)
        return dict(zip(HEADS, self.head(x).split(list(HEADS.values()), dim=1), strict=True))


def targets(people: list[Person]) -> NDArray[np.float32]:
    """What the grid is to say, (9, 14, 24): whose cell it is, box 4, axes 4.

    The first is 1 at the middle of a person, -1 around it (box and axes are learned there too), 0 elsewhere; an
    axis is -1 where nothing is to be said. Box: middle from the cell's middle and log of sides, in cells.
    """
    grid = np.zeros((9, ROWS, COLUMNS), np.float32)
    grid[5:] = -1
    nearest = np.full((ROWS, COLUMNS), np.inf)
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    for person in people:
        left, top, right, bottom = np.array(person.box) * [COLUMNS, ROWS, COLUMNS, ROWS]
        dx, dy = (left + right) / 2 - columns, (top + bottom) / 2 - rows
        reach = np.maximum(abs(dx), abs(dy))
        mine = (reach < 1.5) & (reach < nearest)
        nearest[mine] = reach[mine]
        sides = np.log([max(right - left, 0.2), max(bottom - top, 0.2)])
        named = [values.index(person.axes[axis]) if axis in person.axes else -1 for axis, values in AXES.items()]
        grid[0][mine] = np.where(reach[mine] < 0.75, 1, -1)
        grid[1][mine], grid[2][mine] = dx[mine], dy[mine]
        for channel, value in enumerate([*sides, *named], start=3):
            grid[channel][mine] = value
    return grid


def scene(seed: int) -> tuple[Image, NDArray[np.float32]]:
    """A training picture and its grid of targets."""
    image, people = sample(seed, WIDTH, HEIGHT)
    return image, targets(people)


def loss_of(outputs: Mapping[str, Tensor], wanted: Tensor) -> Tensor:
    """Focal loss of objectness (Lin et al., 2017), smooth L1 of boxes, cross entropy of each axis."""
    owner = wanted[:, 0]
    near = owner != 0
    count = (owner == 1).sum().clamp(min=1)
    logit = outputs["objectness"][:, 0]
    truth = (owner == 1).float()
    wrong = (torch.sigmoid(logit) - truth).abs()
    each = functional.binary_cross_entropy_with_logits(logit, truth, reduction="none") * wrong**1.5
    total = each[owner != -1].sum() / count
    boxes = outputs["box"].permute(0, 2, 3, 1)[near], wanted[:, 1:5].permute(0, 2, 3, 1)[near]
    total = total + 2.0 * functional.smooth_l1_loss(*boxes, beta=0.2)
    for channel, axis in enumerate(AXES, start=5):
        label = torch.where(near, wanted[:, channel].long(), -1)
        total = total + functional.cross_entropy(outputs[axis], label, ignore_index=-1, label_smoothing=0.02)
    return total


def batches(images: Tensor, grids: Tensor, size: int, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """`steps` batches of random pictures, their brightness and color varied a little more."""
    order = torch.cat([torch.randperm(len(images)) for _ in range(steps * size // len(images) + 1)])
    for step in range(steps):
        index = order[step * size : (step + 1) * size]
        x = images[index].permute(0, 3, 1, 2).float() / 255
        x = x * (1 + 0.08 * torch.randn(size, 3, 1, 1)) + 0.03 * torch.randn(size, 1, 1, 1)
        yield x.contiguous(memory_format=torch.channels_last), grids[index]


def train(net: Net, images: Tensor, grids: Tensor, steps: int) -> None:
    """Teaches the net in place; prints how the loss falls."""
    size = 16
    net.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps, pct_start=0.15)
    mean, begun = 0.0, time.monotonic()
    for step, (x, wanted) in enumerate(batches(images, grids, size, steps)):
        loss = loss_of(net(x), wanted)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        mean = loss.item() if not step else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"step {step}/{steps}  loss {mean:.3f}  {time.monotonic() - begun:.0f} s", flush=True)


def export(net: Net, path: Path) -> None:
    """Writes the IR with FP16 weights: input "image" (1, 3, 224, 384) BGR 0..255, one output for each of HEADS."""
    image = ops.parameter([1, 3, HEIGHT, WIDTH], ov.Type.f32, name="image")
    image.output(0).set_names({"image"})
    x: Any = image
    for index, (layer, (_, stride, dilation)) in enumerate(zip(net.eval().layers, LAYERS, strict=True)):
        weight, bias = _folded(layer)
        if index == 0:
            weight = weight / 255  # the net learned on 0..1
        y = _convolution(x, weight, bias, stride, dilation)
        x = ops.relu(ops.add(y, x) if list(y.shape) == list(x.shape) else y)
    head = net.head.weight.detach().numpy(), net.head.bias.detach().numpy()
    results, start = [], 0
    for name, channels in HEADS.items():
        part = slice(start, start := start + channels)
        y = _convolution(x, head[0][part], head[1][part], 1, 1)
        y.set_friendly_name(name)
        y.output(0).set_names({name})
        results.append(ops.result(y))
    ov.save_model(ov.Model(results, [image], path.stem), str(path), compress_to_fp16=True)


def _folded(layer: Any) -> tuple[Any, Any]:
    """Weights and bias of a convolution with its batch normalization multiplied in."""
    conv, norm = layer
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = conv.weight * factor[:, None, None, None]
    bias = norm.bias - norm.running_mean * factor
    return weight.detach().numpy(), bias.detach().numpy()


def _convolution(x: Any, weight: NDArray[np.float32], bias: NDArray[np.float32], stride: int, dilation: int) -> Any:
    pad = dilation * (weight.shape[2] // 2)
    kernel = ops.constant(np.ascontiguousarray(weight, np.float32))
    y = ops.convolution(x, kernel, [stride] * 2, [pad] * 2, [pad] * 2, [dilation] * 2)
    return ops.add(y, ops.constant(bias.reshape(1, -1, 1, 1).astype(np.float32)))


def main() -> None:
    """Draws the scenes, trains, and writes the IR to the path given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("xml", type=Path)
    parser.add_argument("--scenes", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    args = parser.parse_args()
    begun = time.monotonic()
    images = np.empty((args.scenes, HEIGHT, WIDTH, 3), np.uint8)
    grids = np.empty((args.scenes, 9, ROWS, COLUMNS), np.float32)
    with ProcessPoolExecutor(args.processes) as pool:
        seeds = range(TRAINING_SEEDS, TRAINING_SEEDS + args.scenes)
        for index, (image, grid) in enumerate(pool.map(scene, seeds, chunksize=50)):
            images[index], grids[index] = image, grid
    print(f"drew {args.scenes} scenes in {time.monotonic() - begun:.0f} s", flush=True)
    torch.manual_seed(1)
    torch.set_num_threads(args.processes)
    net = Net()
    print(f"{sum(p.numel() for p in net.parameters())} parameters")
    train(net, torch.from_numpy(images), torch.from_numpy(grids), args.steps)
    export(net, args.xml)
    print(f"done in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
