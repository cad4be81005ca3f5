"""From three levels of features of a crop to key points and behavior."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .axes import AXES, POINTS, WATCHED
from .student import CHANNELS, conv, doubled


class Behavior(nn.Module):
    """Heat maps of 17 key points; behavior from all features, from the points, and from the features where they lie.

    Inputs are in the features' own standard deviations times `std` plus `mean`, both part of the network.
    """

    def __init__(self, side: int, width: int = 64, wide: int = 96) -> None:
        """`side` of the crop in pixels, a multiple of 32; `width` channels beside the key points and `wide` behind."""
        super().__init__()
        self.side = side
        for i, channels in enumerate(CHANNELS):
            self.register_buffer(f"mean{i}", torch.zeros(1, channels, 1, 1))
            self.register_buffer(f"std{i}", torch.ones(1, channels, 1, 1))
        # Whole channels are left out now and then: few rendered people are looked at often, not to be known again.
        self.thin = nn.ModuleList(nn.Sequential(*conv(c, width, 1), nn.Dropout2d(0.15)) for c in CHANNELS)
        self.trunk = nn.Sequential(conv(width, width), conv(width, width))
        self.fine = conv(width, width)
        self.heat = nn.Conv2d(width, POINTS, 1)
        self.sure = nn.Linear(2 * POINTS, POINTS)
        self.step16 = conv(width + POINTS, wide, 3, 2)
        self.at16 = conv(wide + width, wide)
        self.step32 = conv(wide, wide, 3, 2)
        self.at32 = conv(wide + width, wide)
        cells = (side // 32) ** 2
        inputs = wide * cells + width * len(WATCHED) + 3 * POINTS
        self.mixed = nn.Sequential(nn.Dropout(0.3), nn.Linear(inputs, 2 * wide), nn.ReLU(), nn.Dropout(0.3))
        sizes = {**{axis: len(values) for axis, values in AXES.items()}, "head": 4, "person": 1, "box": 4}
        self.answers = nn.ModuleDict({name: nn.Linear(2 * wide, size) for name, size in sizes.items()})
        for axis in AXES:
            self.register_buffer(f"temperature_{axis}", torch.ones(1))
        self.register_buffer("temperature_person", torch.ones(1))
        self.register_buffer("about", torch.tensor([0.08, 0.08, 0.92, 0.92]))  # where a detector's own box would be
        fine = torch.arange(side // 4) * 4.0 / side + 2.0 / side  # middles of the heat maps' cells
        self.register_buffer("columns", fine.repeat(side // 4))
        self.register_buffer("rows", fine.repeat_interleave(side // 4))

    def norm(self, mean: Sequence[Tensor], std: Sequence[Tensor]) -> None:
        """Sets what inputs are normalised by."""
        for i, (m, s) in enumerate(zip(mean, std, strict=True)):
            getattr(self, f"mean{i}").copy_(m.view(1, -1, 1, 1))
            getattr(self, f"std{i}").copy_(s.view(1, -1, 1, 1))

    def forward(self, features: Sequence[Tensor]) -> dict[str, Tensor]:
        """By name: calibrated logits; head as sines and cosines; key points [B, 17, 3]; `heat` and `sure` to learn by.

        `box` is that of what is visible, in shares of the crop. `features` are as the teaching network gives them.
        """
        f8, f16, f32 = (
            thin((f - getattr(self, f"mean{i}")) / getattr(self, f"std{i}"))
            for i, (thin, f) in enumerate(zip(self.thin, features, strict=True))
        )
        trunk = self.trunk(f8 + doubled(f16 + doubled(f32)))
        heat = self.heat(self.fine(doubled(trunk)))
        where = functional.softmax(heat.flatten(2), 2)  # [B, 17, cells]
        x, y = (where * self.columns).sum(2), (where * self.rows).sum(2)
        sure = self.sure(torch.cat([heat.flatten(2).amax(2), where.amax(2)], 1))
        points = torch.stack([x, y, sure.sigmoid()], 2)
        coarse = functional.avg_pool2d(where.view_as(heat), 2) * 4  # shares in the trunk's cells
        at = torch.matmul(coarse.flatten(2), trunk.flatten(2).transpose(1, 2))[:, list(WATCHED)]
        deep = self.at16(torch.cat([self.step16(torch.cat([trunk, coarse], 1)), f16], 1))
        deep = self.at32(torch.cat([self.step32(deep), f32], 1))
        mixed = self.mixed(torch.cat([deep.flatten(1), at.flatten(1), points.flatten(1)], 1))
        out = {name: answer(mixed) for name, answer in self.answers.items()}
        out["box"] = out["box"] + self.about
        for name in (*AXES, "person"):
            out[name] = out[name] / getattr(self, f"temperature_{name}")
        return {**out, "keypoints": points, "heat": heat, "sure": sure}
