"""Made sets, outcomes and detectors for these tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from hypothesis import strategies as st

from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.models.evaluation.labels import LabelledPicture, Person
from homeroom.models.evaluation.outcome import Outcome
from homeroom.picture import Frame

AXES: Mapping[str, Sequence[str]] = {
    "posture": ("seated", "standing", "head-on-desk"),
    "activity": ("reading", "writing", "listening"),
    "gesture": ("hand-raised", "none"),
    "facing": ("front", "turned-around"),
}
Words = Mapping[str, str]


def document(*pictures: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Labels of a set."""
    return {"labels": 1, "title": "made", "evidence": "rendered", "pictures": list(pictures), **fields}


def written(folder: Path, *pictures: Mapping[str, Any], size: tuple[int, int] = (64, 48), **fields: Any) -> Path:
    """A folder with labels.json and a grey picture for each entry that names a png or jpg."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.json").write_text(json.dumps(document(*pictures, **fields)))
    for number, picture in enumerate(pictures):
        path = folder / picture["file"]
        if path.suffix in (".png", ".jpg") and ".." not in picture["file"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.full((size[1], size[0], 3), 40 + number % 200, np.uint8))
    return folder


def person(box: Sequence[float] = (0.1, 0.2, 0.3, 0.6), **fields: Any) -> dict[str, Any]:
    """A labelled person as labels.json has one."""
    return {"box": list(box), **fields}


def sure(words: Words, share: float = 1.0) -> dict[str, dict[str, float]]:
    """Distributions that say these values."""
    return {axis: {value: share} for axis, value in words.items()}


def seen(box: Box, words: Words, likelihood: float = 0.9, share: float = 1.0) -> Detection:
    """A detection that says these values."""
    return Detection(box, likelihood, sure(words, share), "made")


def perfect(one: Outcome) -> Outcome:
    """The same picture, seen without an error."""
    found = [Detection(p.box, 0.9, sure(p.axes), "made", p.head_pose) for p in one.picture.people]
    return Outcome(one.picture, tuple(found), one.width, one.height)


@dataclass
class MadeDetector:
    """Finds what `script` says of each frame."""

    script: Callable[[Frame], Sequence[Detection]]
    model: str = "made"

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        return [self.script(frame) for frame in frames]


# coordinates in 64ths and areas of whole cells: so that COCO's pixels are exact, and thresholds are met exactly too
_SIDE = 64


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """A box with area."""
    left, top = draw(st.integers(0, _SIDE - 2)), draw(st.integers(0, _SIDE - 2))
    right, bottom = draw(st.integers(left + 1, _SIDE)), draw(st.integers(top + 1, _SIDE))
    return Box(left / _SIDE, top / _SIDE, right / _SIDE, bottom / _SIDE)


def words() -> st.SearchStrategy[Words]:
    """Values of some axes."""
    return st.fixed_dictionaries(
        {}, optional={axis: st.sampled_from((*values, "uncertain")) for axis, values in AXES.items()}
    )


@st.composite
def people(draw: st.DrawFn) -> Person:
    """A labelled person."""
    groups = draw(st.fixed_dictionaries({}, optional={"skin": st.sampled_from(("light", "dark"))}))
    return Person(draw(boxes()), draw(words()), draw(st.sampled_from((False, False, False, True))), groups=groups)


@st.composite
def nearby(draw: st.DrawFn, box: Box) -> Box:
    """A box near another, or the same."""
    shift = st.integers(-4, 4)
    moved = [(side * _SIDE + draw(shift)) / _SIDE for side in (box.left, box.top, box.right, box.bottom)]
    made = Box(*moved).clipped()
    return made if made.area > 0 else box


@st.composite
def outcomes(draw: st.DrawFn, most: int = 4) -> list[Outcome]:
    """Pictures with people, and detections near them and elsewhere; likelihoods are all different."""
    made = []
    score = iter(draw(st.permutations([n / 200 for n in range(1, 200)])))
    for number in range(draw(st.integers(1, most))):
        there = tuple(draw(st.lists(people(), max_size=4)))
        areas = draw(st.lists(boxes(), max_size=1))
        ignore = tuple(((a.left, a.top), (a.right, a.top), (a.right, a.bottom), (a.left, a.bottom)) for a in areas)
        near = [draw(nearby(one.box)) for one in there if draw(st.booleans())]
        found = [*near, *draw(st.lists(boxes(), max_size=2))]
        detections = tuple(seen(box, draw(words()), next(score)) for box in found)
        picture = LabelledPicture(Path(f"{number}.png"), there, ignore=ignore)
        made.append(Outcome(picture, detections, _SIDE, _SIDE))
    return made
