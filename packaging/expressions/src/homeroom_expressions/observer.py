"""The observer: heads of people, an expression for each, and of all that the totals alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from homeroom.detection import Detection
from homeroom.models.cache import default_cache
from homeroom.picture import Frame

from .net import Net, Picture
from .shelf import FIVE, HEADS, SEVEN, paths, shelf

FEWEST = 5  # faces: of fewer nothing is told, since a total would speak of each of them
SMALLEST = 32  # pixels of a face's height, under which the nets guess
UNCERTAIN = "uncertain"
ROWS, NUMBERS = 200, 7  # of the head net's output: picture, label, likelihood, left, top, right, bottom


class Expressions:
    """Totals of expressions in a picture, behind the entry point "expressions" of group homeroom.observers.

    What a single face shows exists while one call of `totals` runs, and nowhere else.
    """

    schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id"],
        "properties": {"id": {"const": "expressions"}, "model": {"enum": [FIVE, SEVEN]}, "cache": {"type": "string"}},
    }

    def __init__(self, settings: Mapping[str, Any], folder: Path, /) -> None:
        """Settings: `model` (the one with five expressions unless named), `cache`. Raises BadInput."""
        cache = folder / settings["cache"] if "cache" in settings else default_cache()
        known = shelf(cache)
        heads, faces = known[HEADS], known[settings.get("model", FIVE)]
        self._heads = Net(paths(heads, cache), ROWS * NUMBERS)
        self._faces = Net(paths(faces, cache), len(faces.classes))
        self._likely: float = heads.thresholds["detection"]
        self._sure: float = faces.thresholds["expression"]
        self._names = [one.label for one in faces.classes]

    def totals(self, frame: Frame, detections: Sequence[Detection], /) -> Mapping[str, int]:
        """Expression -> how many faces show it, `uncertain` among them; nothing where there are fewer than FEWEST."""
        picture: Picture = frame.bgr()
        counts = Counter(self._expression(face) for face in self._crops(picture, detections))
        return dict(counts) if counts.total() >= FEWEST else {}

    def _crops(self, picture: Picture, detections: Sequence[Detection]) -> Iterator[Picture]:
        """The faces of people whom the model found: a face on a poster is nobody's, if the model says so."""
        height, width = picture.shape[:2]
        for row in self._heads(picture).reshape(ROWS, NUMBERS):
            if row[2] < self._likely or not np.isfinite(row).all():
                continue
            left, top, right, bottom = np.clip(row[3:], 0, 1).tolist()
            x, y = (left + right) / 2, (top + bottom) / 2
            if any(b.left <= x <= b.right and b.top <= y <= b.bottom for b in (one.box for one in detections)):
                crop = picture[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
                if crop.size:
                    yield crop

    def _expression(self, face: Picture) -> str:
        if len(face) < SMALLEST:
            return UNCERTAIN
        over = self._faces(face)
        best = int(over.argmax())
        return self._names[best] if over[best] >= self._sure else UNCERTAIN


if TYPE_CHECKING:
    from homeroom.ports import ObserverFactory

    _: ObserverFactory = Expressions
