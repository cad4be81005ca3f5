"""What splits may use: assets, ranges and the renderer's manner. The hold-out has its own of each."""

from __future__ import annotations

from dataclasses import dataclass

from ..human.kinds import Color, Split

Range = tuple[float, float]
SEEDS: dict[Split, int] = {"train": 0, "val": 1_000_000, "calibration": 2_000_000, "holdout": 3_000_000}
SPAN = 1_000_000  # seeds of a split


@dataclass(frozen=True)
class Style:
    """Colors are linear RGB; lengths in metres, angles in degrees."""

    woods: tuple[Color, ...]
    walls: tuple[Color, ...]
    floors: tuple[Color, ...]
    chairs: tuple[Color, ...]
    boards: tuple[Color, ...]
    layouts: tuple[str, ...]
    camera_height: Range
    view: Range
    row_gap: Range
    column_gap: Range
    samples: tuple[int, ...]
    denoise: float  # share of pictures
    views: tuple[str, ...]
    exposure: float  # spread in stops


TAUGHT = Style(
    woods=((0.42, 0.25, 0.12), (0.55, 0.38, 0.22), (0.30, 0.16, 0.08), (0.62, 0.60, 0.55), (0.35, 0.36, 0.37)),
    walls=((0.72, 0.70, 0.64), (0.78, 0.77, 0.75), (0.60, 0.64, 0.62), (0.70, 0.60, 0.45), (0.45, 0.55, 0.62)),
    floors=((0.30, 0.28, 0.25), (0.38, 0.26, 0.15), (0.20, 0.22, 0.24), (0.45, 0.44, 0.42), (0.15, 0.20, 0.26)),
    chairs=((0.03, 0.03, 0.035), (0.06, 0.12, 0.30), (0.40, 0.24, 0.12), (0.35, 0.06, 0.05), (0.10, 0.25, 0.15)),
    boards=((0.03, 0.10, 0.07), (0.80, 0.80, 0.80), (0.02, 0.02, 0.025)),
    layouts=("single", "double", "fan"),
    camera_height=(1.6, 2.9),
    view=(42, 92),
    row_gap=(1.15, 1.7),
    column_gap=(0.85, 1.6),
    samples=(2,),
    denoise=1.0,
    views=("AgX", "Standard", "Filmic"),
    exposure=0.35,
)
HELD_OUT = Style(
    woods=((0.70, 0.52, 0.34), (0.14, 0.08, 0.05), (0.50, 0.48, 0.50), (0.20, 0.30, 0.24)),
    walls=((0.66, 0.72, 0.56), (0.82, 0.74, 0.66), (0.36, 0.38, 0.42), (0.58, 0.50, 0.56)),
    floors=((0.52, 0.40, 0.28), (0.10, 0.10, 0.11), (0.36, 0.20, 0.14), (0.28, 0.34, 0.30)),
    chairs=((0.45, 0.28, 0.04), (0.30, 0.32, 0.34), (0.20, 0.05, 0.18), (0.65, 0.62, 0.58)),
    boards=((0.05, 0.06, 0.12), (0.62, 0.66, 0.68)),
    layouts=("single", "double", "fan", "groups"),
    camera_height=(1.45, 3.2),
    view=(36, 104),
    row_gap=(1.05, 1.9),
    column_gap=(0.8, 1.8),
    samples=(6, 10),  # more light, and no net that smooths: the grain of a path tracer
    denoise=0.35,
    views=("Filmic", "Khronos PBR Neutral"),
    exposure=0.6,
)


def style(split: Split) -> Style:
    """The style of a split."""
    return HELD_OUT if split == "holdout" else TAUGHT


def split_of(seed: int) -> Split:
    """Which split a seed belongs to."""
    for split, first in SEEDS.items():
        if first <= seed < first + SPAN:
            return split
    raise ValueError(f"seed {seed} belongs to no split")
