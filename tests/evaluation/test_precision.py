"""Average precision is COCO's, to the last digit that counts."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings

from homeroom.geometry import Box
from homeroom.models.evaluation.coco import detections_as_coco, labels_as_coco
from homeroom.models.evaluation.intervals import weights
from homeroom.models.evaluation.labels import LabelledPicture, LabelledSet, Person
from homeroom.models.evaluation.matching import overlaps
from homeroom.models.evaluation.outcome import Outcome
from homeroom.models.evaluation.precision import average_precision
from tests.evaluation.made import outcomes, seen

coco = pytest.importorskip("pycocotools.coco", reason="needs pycocotools (pip install -e '.[test]')")
cocoeval = pytest.importorskip("pycocotools.cocoeval", reason="needs pycocotools (pip install -e '.[test]')")


def official(found: Sequence[Outcome]) -> tuple[float, float]:
    """AP@.5 and AP@.5:.95 of pycocotools, on what we write as COCO's JSON; -1 for nobody."""
    here = Path.cwd().resolve()
    placed = tuple(replace(one.picture, path=here / one.picture.path) for one in found)
    made = LabelledSet("made", "rendered", placed, here)
    sizes = {number: (one.width, one.height) for number, one in enumerate(found)}
    results = detections_as_coco((number, one.detections, sizes[number]) for number, one in enumerate(found))
    with contextlib.redirect_stdout(io.StringIO()):
        truth: Any = coco.COCO()
        truth.dataset = labels_as_coco(made, sizes)
        truth.createIndex()
        judge = cocoeval.COCOeval(truth, truth.loadRes(results) if results else coco.COCO(), "bbox")
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, 0, 0, 2]  # thresholds, recalls; all areas, 100 detections
    return float(precision[0].mean()), float(precision.mean())


@settings(max_examples=150)
@given(outcomes())
def test_average_precision_equals_pycocotools(found: list[Outcome]) -> None:
    if not any(one.detections for one in found):
        return
    over = [overlaps(one.picture, one.detections) for one in found]
    edges = np.concatenate([abs(one.people.ravel()[:, None] - np.arange(0.5, 1, 0.05)).ravel() for one in over])
    assume(not (edges < 1e-9).any())  # an overlap of exactly .85 is rounded to either side
    ap50, ap = average_precision(over, weights(len(found), 3))
    expected = official(found)
    if ap50.value is None:
        assert expected[0] == -1
    else:
        assert [ap50.value, ap.value] == pytest.approx(list(expected), abs=1e-9)


def test_on_many_pictures_too() -> None:
    chance = np.random.default_rng(1)
    found = _crowded(chance, 60)
    over = [overlaps(one.picture, one.detections) for one in found]
    ap50, ap = average_precision(over, weights(len(found), 20))
    assert [ap50.value, ap.value] == pytest.approx(list(official(found)), abs=1e-9)
    assert ap50.low is not None
    assert ap.low is not None
    assert ap50.low < (ap50.value or 0) < (ap50.high or 0)


def _crowded(chance: np.random.Generator, pictures: int) -> list[Outcome]:
    made = []
    for number in range(pictures):
        lows = chance.uniform(0, 0.8, (8, 2))
        boxes = [
            Box(x, y, x + w, y + h) for (x, y), (w, h) in zip(lows, chance.uniform(0.05, 0.2, (8, 2)), strict=True)
        ]
        people = tuple(Person(box, difficult=index == 7) for index, box in enumerate(boxes))
        moved = [
            Box(*(np.array([b.left, b.top, b.right, b.bottom]) + chance.normal(0, 0.01, 4))).clipped()
            for b in boxes[:6]
        ]
        extra = [Box(x, y, x + 0.1, y + 0.1) for x, y in chance.uniform(0, 0.9, (2, 2))]
        found = tuple(seen(box, {}, float(chance.uniform())) for box in [*moved, *extra] if box.area > 0)
        made.append(Outcome(LabelledPicture(Path(f"{number}.png"), people), found, 640, 480))
    return made
