"""Stage `render`: labelled pictures of each split, made by a Python that has Blender; it keeps what is there."""

from __future__ import annotations

import subprocess
from pathlib import Path

PICTURES = {"train": 2400, "val": 100, "calibration": 200, "holdout": 300}
ROOT = Path(__file__).resolve().parents[3]


def render(folder: Path, bpy: str, share: float) -> None:
    """Renders what is missing of every split into `folder`. `bpy` is that Python's path."""
    for split, pictures in PICTURES.items():
        count = max(1, round(pictures * share))
        command = [bpy, "-m", "models.training.classroom", "--split", split, "--count", str(count)]
        subprocess.run([*command, "--out", str(folder)], cwd=ROOT, check=True)  # noqa: S603  our own module
