"""Pictures of figures, drawn with OpenCV: confusion matrices, a reliability plot, figures with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from homeroom.picture import Plane

FONT = cv2.FONT_HERSHEY_SIMPLEX
FINE = 2  # drawn twice as large and made smaller, so that lines and letters are smooth
INK, FAINT, PAPER, BLUE, RED = (40, 40, 40), (205, 205, 205), (255, 255, 255), (168, 96, 32), (60, 60, 205)  # BGR
CELL, MARGIN, LINE = 74, 16, 30

Color = tuple[int, int, int]


class Sheet:
    """White paper with a few strokes; all lengths in pixels of the finished picture."""

    def __init__(self, width: int, height: int) -> None:
        self._image = np.full((height * FINE, width * FINE, 3), 255, np.uint8)

    def text(
        self, at: tuple[float, float], words: str, size: float = 0.45, color: Color = INK, align: float = 0.0
    ) -> None:
        """Words whose baseline begins at `at`; `align` 0.5 centers them there, 1 ends them there."""
        plain = words.encode("ascii", "replace").decode()
        (wide, _), _ = cv2.getTextSize(plain, FONT, size * FINE, FINE)
        place = int(at[0] * FINE - wide * align), int(at[1] * FINE)
        cv2.putText(self._image, plain, place, FONT, size * FINE, color, FINE, cv2.LINE_AA)

    def line(self, start: tuple[float, float], end: tuple[float, float], color: Color = INK, thick: float = 1) -> None:
        """A straight line."""
        cv2.line(self._image, _fine(start), _fine(end), color, round(thick * FINE), cv2.LINE_AA)

    def rectangle(self, low: tuple[float, float], high: tuple[float, float], color: Color) -> None:
        """A filled rectangle."""
        cv2.rectangle(self._image, _fine(low), _fine(high), color, cv2.FILLED)

    def dot(self, at: tuple[float, float], radius: float, color: Color) -> None:
        """A filled circle."""
        cv2.circle(self._image, _fine(at), round(radius * FINE), color, cv2.FILLED, cv2.LINE_AA)

    def finished(self) -> Plane:
        """The picture (height, width, 3), BGR."""
        size = self._image.shape[1] // FINE, self._image.shape[0] // FINE
        return np.asarray(cv2.resize(self._image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fine(at: tuple[float, float]) -> tuple[int, int]:
    return round(at[0] * FINE), round(at[1] * FINE)


def confusion(axis: str, matrix: Mapping[str, Any], note: str = "") -> Plane:
    """A confusion matrix: rows are what is true, columns what was said; the darker, the larger the row's share."""
    rows, columns, counts = matrix["truth"], matrix["said"], matrix["counts"]
    left, top = 140, 92
    sheet = Sheet(max(460, left + CELL * len(columns) + MARGIN), top + CELL * len(rows) + 34)
    sheet.text((MARGIN, 26), f"{axis}: what is true (rows), what was said (columns)", 0.5)
    sheet.text((MARGIN, 46), note, 0.38, (110, 110, 110))
    for column, name in enumerate(columns):
        sheet.text((left + CELL * (column + 0.5), top - 10), name, 0.36, align=0.5)
    for row, name in enumerate(rows):
        whole = sum(counts[row])
        sheet.text((left - 10, top + CELL * (row + 0.5)), name, 0.42, align=1)
        sheet.text((left - 10, top + CELL * (row + 0.5) + 17), f"n = {whole}", 0.34, (110, 110, 110), align=1)
        for column, count in enumerate(counts[row]):
            share = count / whole if whole else 0.0
            hue = BLUE if name == columns[column] else RED
            corner = (left + CELL * column, top + CELL * row)
            shade: Color = tuple(round(255 - (255 - tone) * share) for tone in hue)  # type: ignore[assignment]
            sheet.rectangle((corner[0] + 1, corner[1] + 1), (corner[0] + CELL - 2, corner[1] + CELL - 2), shade)
            ink = PAPER if share > 0.55 else INK
            middle = corner[0] + CELL / 2
            sheet.text((middle, corner[1] + 35), str(count), 0.5, ink, align=0.5)
            if whole:
                sheet.text((middle, corner[1] + 54), f"{share:.0%}", 0.36, ink, align=0.5)
    return sheet.finished()


def reliability(bins: Mapping[str, Sequence[Mapping[str, float]]], errors: Mapping[str, Any]) -> Plane:
    """A reliability plot for all axes and each: on the diagonal confidence is what it says. Dots grow with claims."""
    size, gap, top = 230, 66, 74
    sheet = Sheet(gap + (size + gap) * len(bins), top + size + 60)
    sheet.text(
        (MARGIN, 26), "Reliability: how sure the model was, and what share was right (15 bins of equal width)", 0.5
    )
    for number, (name, rows) in enumerate(bins.items()):
        left = gap + (size + gap) * number
        error = errors[name]["value"]
        sheet.text((left, top - 12), f"{name}, ECE {'-' if error is None else f'{error:.3f}'}", 0.45)
        _frame(sheet, left, top, size)
        sheet.line((left, top + size), (left + size, top), FAINT, 1)
        most = max((row["n"] for row in rows), default=1)
        points = [(left + row["confidence"] * size, top + size - row["right"] * size) for row in rows]
        for one, other in pairwise(points):
            sheet.line(one, other, BLUE, 1)
        for point, row in zip(points, rows, strict=True):
            sheet.dot(point, 2 + 5 * (row["n"] / most) ** 0.5, BLUE)
        sheet.text((left + size / 2, top + size + 34), "confidence", 0.4, align=0.5)
        sheet.text((left - 6, top - 12), "right", 0.36, align=1)
    return sheet.finished()


def _frame(sheet: Sheet, left: float, top: float, size: float) -> None:
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + share * size, top + size - share * size
        sheet.line((x, top), (x, top + size), (235, 235, 235))
        sheet.line((left, y), (left + size, y), (235, 235, 235))
        sheet.text((x, top + size + 16), f"{share:g}", 0.36, align=0.5)
        sheet.text((left - 6, y + 4), f"{share:g}", 0.36, align=1)
    sheet.line((left, top), (left, top + size))
    sheet.line((left, top + size), (left + size, top + size))


def bars(title: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Plane:
    """Figures from 0 to 1 with their intervals, one a line."""
    left, width = 250, 420
    sheet = Sheet(left + width + 190, 64 + LINE * len(rows) + 28)
    sheet.text((MARGIN, 26), title, 0.5)
    bottom = 50 + LINE * len(rows)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        sheet.line((left + share * width, 46), (left + share * width, bottom), (228, 228, 228))
        sheet.text((left + share * width, bottom + 18), f"{share:g}", 0.36, align=0.5)
    for number, (name, figure) in enumerate(rows):
        y = 62 + LINE * number
        sheet.text((left - 12, y + 5), name, 0.42, align=1)
        if figure["value"] is None:
            sheet.text((left + 6, y + 5), "nothing to measure", 0.4, (140, 140, 140))
            continue
        low, high = figure["low"], figure["high"]
        if low is not None:
            sheet.line((left + low * width, y), (left + high * width, y), (200, 160, 110), 3)
        sheet.dot((left + figure["value"] * width, y), 5, BLUE)
        spread = "" if low is None else f" ({low:.2f}..{high:.2f})"
        sheet.text((left + width + 14, y + 5), f"{figure['value']:.3f}{spread}, n {figure['n']}", 0.38)
    return sheet.finished()
