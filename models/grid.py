"""Decoder "person-grid": people out of a small net whose output is a grid of cells, each speaking of one person.

Per cell (row r, column c) the net says how likely the middle of a person is there (a logit), where exactly (x and y
from the cell's middle, log of width and height, all in cells), and one logit per class in heads, one head per axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.manifest import validate
from homeroom.ports import Detector

from .axes import HEADS, AxisMap, softmax
from .compiled import Outputs
from .detector import NetDetector, grey, need_nobody
from .network import Network
from .nms import Floats, soft_nms
from .settings import compute_of, input_of, thresholds_of

MOST = 200  # candidates that go into suppression; bounds the time
STRETCH = 5.0  # largest log of a box's side in cells: beyond any picture

SETTINGS: Mapping[str, Any] = {  # JSON Schema of `decoder_settings`
    "type": "object",
    "additionalProperties": False,
    "required": ["step", "objectness", "box", "heads"],
    "properties": {
        "step": {"description": "Pixels of the input from cell to cell.", "type": "integer", "minimum": 1},
        "objectness": {"description": 'Output with a logit of "somebody" per cell.', "type": "string"},
        "box": {"description": "Output with x, y, log width, log height per cell.", "type": "string"},
        "heads": HEADS,
    },
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which outputs a net has, and their shapes [1, channels, rows, columns]."""

    rows: int
    columns: int
    objectness: str
    box: str
    heads: Mapping[str, int]

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Output -> shape."""
        channels = {self.objectness: 1, self.box: 4, **self.heads}
        return {name: (1, count, self.rows, self.columns) for name, count in channels.items()}


def layout_of(document: Mapping[str, Any]) -> Layout:
    """What a model manifest says of its outputs; BadInput where it contradicts itself."""
    label, settings = f"model {document['id']}", document.get("decoder_settings", {})
    validate(settings, SETTINGS, label, ("decoder_settings",))
    feed, step = input_of(document), settings["step"]
    heads = {head["output"]: head["classes"] for head in settings["heads"]}
    if sum(heads.values()) != len(document["classes"]):
        raise BadInput(f"{label}: {len(document['classes'])} classes, but its heads have {sum(heads.values())}")
    if feed.width % step or feed.height % step:
        raise BadInput(f"{label}: an input of {feed.width}x{feed.height} has no whole cells of {step} pixels")
    return Layout(feed.height // step, feed.width // step, settings["objectness"], settings["box"], heads)


class Decoder:
    """Reads one net's outputs."""

    def __init__(self, document: Mapping[str, Any], layout: Layout, thresholds: Mapping[str, float]) -> None:
        """Raises BadInput when a threshold is missing."""
        lacking = {"detection", "nms_sigma"} - set(thresholds)
        if lacking:
            raise BadInput(f"model {document['id']}: the manifest's thresholds lack {', '.join(sorted(lacking))}")
        self._model: str = document["id"]
        self._layout = layout
        self._floor = thresholds["detection"]
        self._sigma = thresholds["nms_sigma"]
        self._axes = AxisMap([one["axes"] for one in document["classes"]])

    def __call__(self, outputs: Outputs) -> list[Detection]:
        """The people in one picture, likeliest first; cells with a number that is not finite are left out."""
        cells = np.hstack([_per_cell(outputs[name]) for name in self._layout.shapes])
        scores = 1 / (1 + np.exp(-np.clip(cells[:, 0], -50, 50)))
        chosen = np.flatnonzero(np.isfinite(cells).all(axis=1) & (scores >= self._floor))
        chosen = chosen[np.argsort(-scores[chosen], kind="stable")[:MOST]]
        boxes = self._boxes(chosen, cells[chosen, 1:5])
        kept = soft_nms(boxes, scores[chosen], self._sigma, self._floor)
        axes = self._axes(self._probabilities(cells[chosen[[index for index, _ in kept]], 5:]))
        return [
            Detection(Box(*boxes[index].tolist()).clipped(), score, over, self._model)
            for (index, score), over in zip(kept, axes, strict=True)
        ]

    def _boxes(self, cells: NDArray[np.intp], offsets: Floats) -> Floats:
        """Boxes (n, 4) as left, top, right, bottom, shares of the picture; not cut at its edge."""
        rows, columns = np.divmod(cells, self._layout.columns)
        middles = np.column_stack([columns, rows]) + 0.5 + offsets[:, :2]
        halves = np.exp(np.minimum(offsets[:, 2:], STRETCH)) / 2
        corners = np.hstack([middles - halves, middles + halves])
        return np.asarray(corners / ((self._layout.columns, self._layout.rows) * 2), np.float64)

    def _probabilities(self, logits: Floats) -> Floats:
        """Class probabilities (n, classes), each head's summing to 1."""
        powers = []
        start = 0
        for count in self._layout.heads.values():
            head = logits[:, start : start + count]
            powers.append(softmax(head))
            start += count
        return np.hstack(powers)


def _per_cell(output: NDArray[np.float32]) -> Floats:
    """[1, channels, rows, columns] to (rows * columns, channels)."""
    return np.asarray(output[0].reshape(output.shape[1], -1).T, np.float64)


class GridModel:
    """A loaded grid net; the factory behind the entry point "person-grid"."""

    def __init__(self, manifest: Mapping[str, Any], files: Mapping[str, Any], settings: Mapping[str, Any], /) -> None:
        """Compiles the net and tests it on an empty picture; BadInput when it is not what the manifest says."""
        self._id: str = manifest["id"]
        feed, layout = input_of(manifest), layout_of(manifest)
        self._network = Network(files["xml"], files["bin"], feed, compute_of(settings))
        for name, shape in layout.shapes.items():
            found = self._network.shapes.get(name)
            if found != shape:
                raise BadInput(
                    f"model {self._id}: output {name} should have shape {list(shape)}, the file has"
                    f" {list(found) if found else 'no such output'}; take the files that the manifest names"
                )
        self._decoder = Decoder(manifest, layout, thresholds_of(manifest, settings))
        seen = Decoder(manifest, layout, manifest["thresholds"])(self._network.request()(grey(feed)))
        need_nobody(self._id, seen)

    @property
    def id(self) -> str:
        """Id from the model manifest."""
        return self._id

    @property
    def degraded(self) -> str:
        """Why it computes elsewhere than the site manifest says; empty while it does not."""
        return self._network.degraded

    def detector(self) -> Detector:
        """A detector for one thread."""
        return NetDetector(self._id, self._network.request(), self._decoder)
