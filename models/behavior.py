"""What one person does, out of a network that looks at a square around each: axes, head, and whether it is a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from homeroom.detection import Distribution, HeadPose
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.picture import Frame

from .axes import AxisMap, softmax
from .compiled import Inference, Outputs
from .crops import cut, square
from .joining import CURE
from .letterbox import GREY
from .nms import Floats

BATCH = 8  # squares that the network takes at once; where there are fewer the rest is grey
HEAD, PERSON = "head", "person"  # outputs beside those of the axes
Someone = tuple[Frame, Box]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a square shows. `person`: how likely a live person is in its middle, and no picture of one, and no thing."""

    person: float
    axes: Mapping[str, Distribution]
    head_pose: HeadPose | None


@dataclass(frozen=True, slots=True)
class _Axis:
    """One output of logits, the axes that its classes prove, and the least probability that is told."""

    output: str
    classes: int
    map: AxisMap
    least: float


class BehaviorDecoder:
    """Reads a crop network's outputs."""

    def __init__(self, document: Mapping[str, Any], thresholds: Mapping[str, float]) -> None:
        """Raises BadInput when the manifest contradicts itself."""
        label = f"model {document['id']}"
        entries = document["decoder_settings"]["heads"]
        classes = [one["axes"] for one in document["classes"]]
        lacking = {HEAD, PERSON, *(one["output"] for one in entries)} - set(thresholds)
        if lacking:
            raise BadInput(f"{label}: the manifest's thresholds lack {', '.join(sorted(lacking))}")
        if sum(one["classes"] for one in entries) != len(classes):
            count = sum(one["classes"] for one in entries)
            raise BadInput(f"{label}: {len(classes)} classes, but its heads have {count}")
        self._heads: list[_Axis] = []
        first = 0
        for one in entries:
            own = AxisMap(classes[first : first + one["classes"]])
            self._heads.append(_Axis(one["output"], one["classes"], own, thresholds[one["output"]]))
            first += one["classes"]
        self._turns = thresholds[HEAD]

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Output -> shape."""
        widths = {**{one.output: one.classes for one in self._heads}, HEAD: 4, PERSON: 1}
        return {name: (BATCH, width) for name, width in widths.items()}

    def check(self, found: Mapping[str, tuple[int, ...]], label: str) -> None:
        """Raises BadInput when a file with outputs of those shapes is not the manifest's."""
        for name, shape in self.shapes.items():
            if found.get(name) != shape:
                has = list(found[name]) if name in found else "no such output"
                raise BadInput(f"{label}: output {name} should have shape {list(shape)}, the file has {has}; {CURE}")

    def __call__(self, outputs: Outputs, count: int) -> list[Judgement | None]:
        """What the first `count` squares show; None where a number is not finite."""
        told = {name: outputs[name][:count].astype(np.float64) for name in self.shapes}
        finite = np.all([np.isfinite(values).all(axis=1) for values in told.values()], axis=0)
        told = {name: np.where(finite[:, None], values, 0.0) for name, values in told.items()}
        axes: list[dict[str, Distribution]] = [{} for _ in range(count)]
        for one in self._heads:
            shares = softmax(told[one.output])
            for row, (over, sure) in enumerate(zip(one.map(shares), shares.max(axis=1), strict=True)):
                if sure >= one.least:  # else the whole axis is uncertain
                    axes[row].update(over)
        person = 1 / (1 + np.exp(-np.clip(told[PERSON][:, 0], -50, 50)))
        return [
            Judgement(float(person[row]), axes[row], self._pose(told[HEAD][row])) if finite[row] else None
            for row in range(count)
        ]

    def _pose(self, head: Floats) -> HeadPose | None:
        """Where the head turns, from sine and cosine of yaw and of pitch; None where the network is not sure.

        It was taught to tell the mean of all that may be, so a pair is shorter than 1 as far as it doubts (a mean
        resultant length; Mardia & Jupp, Directional Statistics, 2000, §2.3). It tells no roll: 0.
        """
        yaw, pitch = head[:2], head[2:]
        if min(np.hypot(*yaw), np.hypot(*pitch)) < self._turns:
            return None
        return HeadPose(float(np.degrees(np.arctan2(*yaw))), float(np.degrees(np.arctan2(*pitch))), 0.0)


class Judge:
    """Looks at people, eight at a time, for one thread."""

    def __init__(self, inference: Inference, decoder: BehaviorDecoder, side: int) -> None:
        """`side` of a square in pixels of the network's input."""
        self._inference = inference
        self._decoder = decoder
        self._side = side

    def __call__(self, people: Sequence[Someone]) -> list[Judgement | None]:
        """What each of them does; they may be of several frames. None where the network gives no number."""
        return [one for start in range(0, len(people), BATCH) for one in self._batch(people[start : start + BATCH])]

    def _batch(self, people: Sequence[Someone]) -> Iterator[Judgement | None]:
        crops = [cut(frame, square(box, frame), self._side) for frame, box in people]

        def fill(into: Any) -> None:
            into[: len(crops)] = crops
            into[len(crops) :] = GREY

        yield from self._decoder(self._inference(fill), len(crops))
