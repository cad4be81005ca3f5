"""Sizes and squares that training and the product share."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

STRIDES = (8, 16, 32)
DETECTOR = (384, 672)  # height and width of the detector's input
GREY = 114  # fills what lies outside of a picture
SIDES = {"homeroom-behavior": 64, "homeroom-behavior-on-yolox": 64}  # pixels of a crop as each network sees it
MARGIN = 1.2  # side of a crop in longer sides of the box


def square(box: NDArray[np.float32]) -> tuple[float, float, float]:
    """Left, top and side of the crop around a box (left, top, right, bottom): 1.2 x the longer side, same middle."""
    left, top, right, bottom = (float(v) for v in box[:4])
    side = MARGIN * max(right - left, bottom - top)
    return (left + right - side) / 2, (top + bottom - side) / 2, side


def crop(picture: NDArray[np.uint8], left: float, top: float, side: float, size: int) -> NDArray[np.uint8]:
    """The square scaled to `size`; grey outside of the picture. Shrinking averages, so that nothing aliases."""
    scale = size / side
    if scale < 0.5:  # bilinear sampling would skip pixels: halve first what the square needs of the picture
        x0, y0 = max(0, int(left)), max(0, int(top))
        x1, y1 = int(np.ceil(left + side)) + 1, int(np.ceil(top + side)) + 1
        part = picture[y0:y1, x0:x1]
        if part.size == 0:
            return np.full((size, size, 3), GREY, np.uint8)
        width, height = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        small = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
        sx, sy = width / part.shape[1], height / part.shape[0]
        matrix = np.array([[scale / sx, 0, (x0 - left) * scale], [0, scale / sy, (y0 - top) * scale]])
        source = small
    else:
        matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
        source = picture
    matrix[:, 2] += (matrix[:, [0, 1]].sum(1) - 1) / 2  # pixel middles onto pixel middles
    return np.asarray(
        cv2.warpAffine(source, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY)), np.uint8
    )


def letterboxed(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The picture scaled to the top left of the detector's input, the rest grey; and the scale."""
    height, width = DETECTOR
    scale = min(width / picture.shape[1], height / picture.shape[0])
    out = np.full((height, width, 3), GREY, np.uint8)
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    out[: size[1], : size[0]] = cv2.resize(
        picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return out, scale
