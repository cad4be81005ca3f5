"""Stage `render`: shards of labelled pictures of each split, made by a Python that has Blender."""

from __future__ import annotations

import subprocess
from pathlib import Path

PICTURES = {"train": 2400, "val": 100, "calibration": 200, "holdout": 300}
SHARD = 20  # pictures that are rendered at a time
ROOT = Path(__file__).resolve().parents[3]


def shards(pictures: int) -> list[tuple[int, int]]:
    """First picture and count of each shard."""
    return [(first, min(SHARD, pictures - first)) for first in range(0, pictures, SHARD)]


def render(folder: Path, bpy: str, share: float) -> int:
    """Renders every shard of every split that is not there yet; says how many. `bpy` is that Python's path."""
    made = 0
    for split, pictures in PICTURES.items():
        for first, count in shards(max(1, round(pictures * share))):
            shard = folder / split / f"{first:06d}"
            if (shard / "labels.json").exists():
                continue
            command = [bpy, "-m", "models.training.classroom", "--split", split, "--first", str(first)]
            subprocess.run([*command, "--count", str(count), "--out", str(shard)], cwd=ROOT, check=True)  # noqa: S603
            made += 1
    return made
