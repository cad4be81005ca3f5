"""Labelled sets in shards of 20 pictures: a shard is there whole, or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = 20  # pictures
VERSION = 1  # of the renderer: pictures of one seed and version are alike

Rendered = tuple[NDArray[np.uint8], dict[str, Any], int]  # a picture, its label without a name, JPEG's quality


def missing(folder: Path, first: int, count: int) -> Iterator[int]:
    """First seeds of the shards that are not there yet."""
    for start in range(first, first + count, SIZE):
        if not (folder / f"{start:07d}" / "labels.json").exists():
            yield start


def write(folder: Path, start: int, count: int, render: Callable[[int], Rendered]) -> None:
    """Renders the pictures of a shard, and puts it into its place when all are there."""
    done, begun = folder / f"{start:07d}", folder / f".{start:07d}"
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    pictures = []
    for seed in range(start, start + count):
        picture, label, quality = render(seed)
        name = f"{seed:07d}.jpg"
        if not cv2.imwrite(str(begun / name), picture, [cv2.IMWRITE_JPEG_QUALITY, quality]):
            raise OSError(f"cannot write {begun / name}")
        pictures.append({"file": name, **label})
    told = {
        "labels": 1,
        "title": f"rendered classrooms, seeds {start} to {start + count - 1}",
        "evidence": "rendered",
        "licence": "Apache-2.0",
        "source": f"models/training/classroom, version {VERSION}",
        "pictures": pictures,
    }
    with (begun / "labels.json").open("w", encoding="utf-8") as file:
        json.dump(told, file, separators=(",", ":"))
        file.flush()
        os.fsync(file.fileno())
    shutil.rmtree(done, ignore_errors=True)
    begun.rename(done)
