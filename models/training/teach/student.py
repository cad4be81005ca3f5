"""The student: plain dense convolutions, three levels of features, and a person in every cell."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = (64, 128, 256)  # of the teacher's features at these strides, which the student's are to equal


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, normalisation (folded into it when exported) and rectifier."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Residual(nn.Module):
    """Two 3x3 convolutions beside a straight way."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        return functional.relu(x + self.second(self.first(x)))


class Pools(nn.Module):
    """What lies around: the largest values within 5, 9 and 13 cells beside the own one (spatial pyramid pooling)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.thin = conv(channels, channels // 2, 1)
        self.mix = conv(channels * 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        near = self.thin(x)
        wider = functional.max_pool2d(near, 5, 1, 2)
        widest = functional.max_pool2d(wider, 5, 1, 2)
        return self.mix(torch.cat([near, wider, widest, functional.max_pool2d(widest, 5, 1, 2)], 1))


class Features(nn.Module):
    """From BGR 0..255 to `CHANNELS` of features at strides 8, 16, 32, in the teacher's standard deviations.

    Dense 3x3 convolutions alone: they cost a third of depthwise ones of the same time on CPUs with matrix instructions.
    """

    def __init__(self, widths: Sequence[int] = (32, 32, 64, 128, 192), depths: Sequence[int] = (1, 2, 3, 1)) -> None:
        super().__init__()
        stem, w4, w8, w16, w32 = widths
        self.at4 = nn.Sequential(conv(3, stem, 3, 2), conv(stem, w4, 3, 2), *(Residual(w4) for _ in range(depths[0])))
        self.at8 = nn.Sequential(conv(w4, w8, 3, 2), *(Residual(w8) for _ in range(depths[1])))
        self.at16 = nn.Sequential(conv(w8, w16, 3, 2), *(Residual(w16) for _ in range(depths[2])))
        self.at32 = nn.Sequential(conv(w16, w32, 3, 2), Pools(w32), *(Residual(w32) for _ in range(depths[3])))
        self.thin32, self.down16 = conv(w32, w16, 1), conv(2 * w16, w16)
        self.thin16, self.down8 = conv(w16, w8, 1), conv(2 * w8, w8)
        self.step16, self.up16 = conv(w8, w8, 3, 2), conv(2 * w8, w16)
        self.step32, self.up32 = conv(w16, w16, 3, 2), conv(2 * w16, w32)
        self.out = nn.ModuleList(nn.Conv2d(w, c, 1) for w, c in zip((w8, w16, w32), CHANNELS, strict=True))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Raises nothing; sides must be multiples of 32."""
        x8 = self.at8(self.at4(pictures / 128 - 1))
        x16 = self.at16(x8)
        thin32 = self.thin32(self.at32(x16))
        down16 = self.down16(torch.cat([doubled(thin32), x16], 1))
        thin16 = self.thin16(down16)
        f8 = self.down8(torch.cat([doubled(thin16), x8], 1))
        f16 = self.up16(torch.cat([self.step16(f8), thin16], 1))
        f32 = self.up32(torch.cat([self.step32(f16), thin32], 1))
        a, b, c = (out(f) for out, f in zip(self.out, (f8, f16, f32), strict=True))
        return a, b, c


def doubled(x: Tensor) -> Tensor:
    """Twice as wide and high."""
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


class People(nn.Module):
    """A person in every cell: x, y, log w, log h in strides as YOLOX encodes them, and a logit of there being one."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.levels = nn.ModuleList(
            nn.Sequential(conv(c, width, 1), conv(width, width), nn.Conv2d(width, 5, 1)) for c in CHANNELS
        )
        for level in self.levels:
            nn.init.constant_(level[-1].bias[4:], -5.0)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """[B, cells, 5] over strides 8, 16, 32, rows first."""
        return torch.cat([level(f).flatten(2) for level, f in zip(self.levels, features, strict=True)], 2).transpose(
            1, 2
        )


class Student(nn.Module):
    """Features, and the people in them."""

    def __init__(self) -> None:
        super().__init__()
        self.features = Features()
        self.people = People()

    def forward(self, pictures: Tensor) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        """Features of three levels, and people [B, cells, 5]."""
        features = self.features(pictures)
        return features, self.people(features)
