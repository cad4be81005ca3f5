"""Draws the picture of the README: a moment of the demonstration's lesson with what the embedded model says of it.

python models/training/readme_picture.py packaging/demo.png
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from homeroom.detection import Detection
from homeroom.models.evaluation.labels import read_labels
from homeroom.models.evaluation.pictures import frames
from homeroom.models.loading import load_model

LESSON = Path(__file__).resolve().parents[2] / "plugin" / "lesson"
CAMERA, MOMENT = "front", 24.0  # second of the lesson
WIDTH = 1280  # pixels of the picture made
Image = NDArray[np.uint8]
COLORS = {"hand-raised": (60, 150, 240), "head-on-desk": (70, 70, 215), "standing": (60, 150, 240)}
CALM = (120, 140, 60)
SILENT = {"seated", "none", "front"}  # said only where nothing else is to be said


def labels(axes: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float]]:
    """What is worth saying of a person: the likeliest value of each axis, at 0.5 or more."""
    likeliest = {axis: max(over, key=lambda value: over[value]) for axis, over in axes.items()}
    sure = [(value, axes[axis][value]) for axis, value in likeliest.items() if axes[axis][value] >= 0.5]
    return [(value, share) for value, share in sure if value not in SILENT] or sure[:1]


def mark(image: Image, one: Detection) -> None:
    """Draws a detection's box and labels into the picture."""
    height, width = image.shape[:2]
    said = sorted(labels(one.axes), key=lambda label: label[0] not in COLORS)
    color = COLORS.get(said[0][0], CALM)
    left, top = round(one.box.left * width), round(one.box.top * height)
    right, bottom = round(one.box.right * width), round(one.box.bottom * height)
    cv2.rectangle(image, (left, top), (right, bottom), color, 2, cv2.LINE_AA)
    for row, (value, share) in enumerate(reversed(said)):
        text = f"{value.replace('-', ' ')}  {min(99, round(100 * share))} %"
        (wide, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.55, 1)
        base = top - 24 * row
        cv2.rectangle(image, (left - 1, base - 24), (left + wide + 14, base), COLORS.get(value, CALM), cv2.FILLED)
        cv2.putText(image, text, (left + 7, base - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 1, cv2.LINE_AA)


def main() -> None:
    """Writes the picture to the path given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("png", type=Path)
    args = parser.parse_args()
    pictures = read_labels(LESSON / "labels.json").pictures
    shown = [one for one in pictures if one.camera == CAMERA and one.at == MOMENT]
    ((_, frame),) = frames(shown)
    image = frame.bgr()
    image = cv2.resize(image, (WIDTH, round(WIDTH * image.shape[0] / image.shape[1])), interpolation=cv2.INTER_AREA)
    model = load_model({"id": "homeroom-embedded", "device": "CPU", "precision": "f32"})
    for one in model.detector().detect([frame])[0]:
        mark(image, one)
    args.png.write_bytes(cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes())
    print(f"{args.png}: {args.png.stat().st_size} bytes")


if __name__ == "__main__":
    main()
