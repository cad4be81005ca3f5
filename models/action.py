"""Decoder "action-ssd": people and their actions out of Open Model Zoo's person-detection-action-recognition nets.

The nets are SSDs (Liu et al., 2016): per prior box four offsets, a probability of "person", and one logit per action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.ports import Detector

from .axes import AxisMap, softmax
from .compiled import Outputs
from .detector import NetDetector, grey, need_nobody
from .network import Input, Network
from .nms import Floats, soft_nms
from .settings import compute_of, input_of, thresholds_of

MOST = 200  # candidates that go into suppression, as in Open Model Zoo's smart_classroom_demo; bounds the time
STRETCH = 10.0  # largest exponent of a box's growth: more is no box, and would overflow


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of the picture, `step` pixels apart, with one head per anchor; its first prior has the index `first`."""

    rows: int
    columns: int
    step: int
    heads: tuple[str, ...]
    channels_first: tuple[bool, ...]
    first: int

    @property
    def priors(self) -> int:
        """How many prior boxes it has."""
        return self.rows * self.columns * len(self.heads)

    def logits(self, outputs: Outputs, priors: NDArray[np.intp], into: Floats) -> None:
        """Writes the action logits of those priors (indices over all grids) that are this grid's into their rows."""
        mine = np.flatnonzero((priors >= self.first) & (priors < self.first + self.priors))
        cells, heads = np.divmod(priors[mine] - self.first, len(self.heads))
        for head in set(heads.tolist()):
            values = outputs[self.heads[head]][0]
            flat = values.reshape(len(values), -1).T if self.channels_first[head] else values.reshape(-1, into.shape[1])
            its = heads == head
            into[mine[its]] = flat[cells[its]]


def anchored(grid: Grid, anchors: Sequence[Sequence[float]], feed: Input) -> Floats:
    """Prior boxes (n, 4) of a grid: x and y of the middle, width, height, as shares of the picture."""
    y, x, anchor = np.meshgrid(range(grid.rows), range(grid.columns), range(len(anchors)), indexing="ij")
    sizes = np.asarray(anchors, np.float64)[anchor.ravel()]
    pixels = np.column_stack([(x.ravel() + 0.5) * grid.step, (y.ravel() + 0.5) * grid.step, sizes])
    return pixels / (feed.width, feed.height, feed.width, feed.height)


def given(output: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Prior boxes as in `anchored`, and their variances, from a PriorBox output [1, 2, 4 n] (corners, variances)."""
    corners, variances = output.astype(np.float64).reshape(2, -1, 4)
    middles, sizes = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    return np.hstack([middles, sizes]), variances


def decoded(offsets: Floats, priors: Floats, variances: Floats) -> Floats:
    """Boxes (n, 4) as left, top, right, bottom, from offsets in the order x, y, width, height (Liu et al., 2016, §2.2).

    Not cut at the picture's edge; a row is not finite where its offsets are not.
    """
    scaled = offsets * variances
    middles = priors[:, :2] + scaled[:, :2] * priors[:, 2:]
    halves = priors[:, 2:] * np.exp(np.minimum(scaled[:, 2:], STRETCH)) / 2
    return np.hstack([middles - halves, middles + halves])


class Decoder:
    """Reads one net's outputs. What `sample`, the outputs for some picture, shows decides the order of axes."""

    def __init__(self, document: Mapping[str, Any], sample: Outputs, thresholds: Mapping[str, float]) -> None:
        """Raises BadInput when the outputs are not those of the manifest."""
        settings = document["decoder_settings"]
        feed = input_of(document)
        self._model: str = document["id"]
        self._classes = len(document["classes"])
        self._boxes: str = settings["boxes"]
        self._scores: str = settings["scores"]
        self._order = [1, 0, 3, 2] if settings["box_order"] == "yxhw" else [0, 1, 2, 3]
        self._scale: float = settings["action_scale"]
        self._floor = thresholds["detection"]
        self._sigma = thresholds["nms_sigma"]
        self._axes = AxisMap([one["axes"] for one in document["classes"]])
        _need(self._model, sample, _names(settings))
        self._grids = _grids(document, sample, feed)
        self._priors, self._variances = _priors(document, sample, self._grids, feed)
        self._check(sample)

    def __call__(self, outputs: Outputs) -> list[Detection]:
        """The people in one picture, likeliest first; rows with a number that is not finite are left out."""
        scores = outputs[self._scores].reshape(-1, 2)[:, 1]
        chosen = np.flatnonzero(scores >= self._floor)
        chosen = chosen[scores[chosen] < np.inf]
        if not len(chosen):
            return []  # what follows costs as much for nobody as for a few
        if len(chosen) > MOST:
            chosen = chosen[np.argsort(-scores[chosen], kind="stable")[:MOST]]
        offsets = outputs[self._boxes].reshape(-1, 4)[chosen][:, self._order].astype(np.float64)
        logits = self._logits(outputs, chosen)
        finite = np.isfinite(offsets).all(axis=1) & np.isfinite(logits).all(axis=1)
        chosen, offsets, logits = chosen[finite], offsets[finite], logits[finite]
        boxes = decoded(offsets, self._priors[chosen], self._variances[chosen])
        kept = soft_nms(boxes, np.minimum(scores[chosen], 1.0).astype(np.float64), self._sigma, self._floor)
        indices = [index for index, _ in kept]
        axes = self._axes(softmax(logits[indices], self._scale))
        found = [
            Detection(Box(*boxes[index].tolist()).clipped(), score, over, self._model)
            for (index, score), over in zip(kept, axes, strict=True)
        ]
        return [one for one in found if one.box.area > 0]

    def _logits(self, outputs: Outputs, priors: NDArray[np.intp]) -> Floats:
        logits = np.full((len(priors), self._classes), np.nan)
        for grid in self._grids:
            grid.logits(outputs, priors, logits)
        return logits

    def _check(self, sample: Outputs) -> None:
        """Holds the prior count to the outputs' sizes, and sees that the scores are probabilities."""
        count = len(self._priors)
        for name, width in ((self._boxes, 4), (self._scores, 2)):
            if sample[name].size != count * width:
                raise BadInput(
                    f"model {self._model}: output {name} has {sample[name].size} numbers; its {count} prior boxes need"
                    f" {count * width}: the file is not the manifest's"
                )
        sums = sample[self._scores].reshape(-1, 2).sum(axis=1)
        if not np.allclose(sums, 1.0, atol=0.01):
            raise BadInput(
                f"model {self._model}: output {self._scores} holds no probabilities of background and person"
            )


def _names(settings: Mapping[str, Any]) -> list[str]:
    heads = [head for grid in settings["grids"] for head in grid["heads"]]
    priors = [settings["priors"]] if "priors" in settings else []
    return [settings["boxes"], settings["scores"], *priors, *heads]


def _need(model: str, sample: Outputs, names: Sequence[str]) -> None:
    for name in names:
        if name not in sample:
            raise BadInput(f"model {model}: the file has no output {name!r}; it has {', '.join(sorted(sample))}")


def _grids(document: Mapping[str, Any], sample: Outputs, feed: Input) -> list[Grid]:
    """The grids, each head's order of axes looked at."""
    grids: list[Grid] = []
    first = 0
    for entry in document["decoder_settings"]["grids"]:
        step, heads = entry["step"], tuple(entry["heads"])
        rows, columns = -(-feed.height // step), -(-feed.width // step)
        classes = len(document["classes"])
        order = tuple(_channels_first(name, sample[name].shape, rows, columns, classes) for name in heads)
        grids.append(Grid(rows, columns, step, heads, order, first))
        first += grids[-1].priors
    return grids


def _channels_first(name: str, shape: tuple[int, ...], rows: int, columns: int, classes: int) -> bool:
    """Whether a head's shape says NCHW (Open Model Zoo until 2021) rather than NHWC (2022 and later)."""
    first, last = shape == (1, classes, rows, columns), shape == (1, rows, columns, classes)
    if first == last:
        trouble = "fits two orders of axes" if first else "is not what the manifest says"
        raise BadInput(
            f"output {name} has shape {list(shape)}, which {trouble}:"
            f" {rows} rows, {columns} columns and {classes} classes are expected"
        )
    return first


def _priors(document: Mapping[str, Any], sample: Outputs, grids: Sequence[Grid], feed: Input) -> tuple[Floats, Floats]:
    """Prior boxes and their variances (both (n, 4)), from the file where it has them, else from the anchors."""
    settings = document["decoder_settings"]
    if "priors" in settings:
        priors, variances = given(sample[settings["priors"]])
    else:
        if "variances" not in settings or any(len(e.get("anchors", ())) != len(e["heads"]) for e in settings["grids"]):
            raise BadInput(
                f"model {document['id']}: name the output `priors`, or give variances and an anchor per head"
            )
        pairs = zip(grids, settings["grids"], strict=True)
        priors = np.vstack([anchored(grid, entry["anchors"], feed) for grid, entry in pairs])
        variances = np.broadcast_to(np.asarray(settings["variances"], np.float64), priors.shape)
    if len(priors) != sum(grid.priors for grid in grids):
        raise BadInput(f"model {document['id']}: {len(priors)} prior boxes, but the action heads have other sizes")
    return priors, variances


class ActionModel:
    """A loaded action net; the factory behind the entry point "action-ssd"."""

    def __init__(self, manifest: Mapping[str, Any], files: Mapping[str, Any], settings: Mapping[str, Any], /) -> None:
        """Compiles the net and tests it on an empty picture; BadInput when it is not what the manifest says."""
        feed = input_of(manifest)
        self._id: str = manifest["id"]
        self._network = Network(files["xml"], files["bin"], feed, compute_of(settings))
        empty = self._network.request()(grey(feed))
        thresholds = thresholds_of(manifest, settings)
        self._decoder = Decoder(manifest, empty, thresholds)
        seen = Decoder(manifest, empty, manifest["thresholds"])(empty)
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
