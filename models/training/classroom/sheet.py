"""A sheet of a split's pictures, evenly chosen, to look at: python -m models.training.classroom.sheet FOLDER SHEET."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS, WIDTH, HEIGHT = 4, 6, 352, 198
QUALITY = 70  # of the sheet as JPEG


def sheet(folder: Path) -> NDArray[np.uint8]:
    """Thumbnails of up to 24 pictures of the labelled sets below a folder, BGR."""
    files = [
        labels.parent / one["file"]
        for labels in sorted(folder.rglob("labels.json"))
        for one in json.loads(labels.read_text("utf-8"))["pictures"]
    ]
    out = np.full((ROWS * HEIGHT, COLUMNS * WIDTH, 3), 255, np.uint8)
    chosen = [files[i] for i in sorted({round(i) for i in np.linspace(0, len(files) - 1, ROWS * COLUMNS)})]
    for place, path in enumerate(chosen):
        y, x = place // COLUMNS * HEIGHT, place % COLUMNS * WIDTH
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        scale = min(WIDTH / image.shape[1], HEIGHT / image.shape[0])
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        out[y : y + small.shape[0], x : x + small.shape[1]] = small
    return out


if __name__ == "__main__":
    cv2.imwrite(sys.argv[2], sheet(Path(sys.argv[1])), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
