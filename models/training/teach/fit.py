"""Stages `behavior` and `behavior-on-yolox`: heads on features that stay as they are, taught on crops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import IterableDataset

from . import loop
from .axes import AXES
from .behavior import Behavior
from .crops import Crops
from .labels import UNKNOWN
from .teachers import FEATURES, YOLOX
from .views import View, plain, varied

SEED = 71
BATCH = 96
WEIGHTS = {
    "posture": 1.0,
    "activity": 1.0,
    "gesture": 1.0,
    "facing": 0.7,
    "head": 1.0,
    "person": 0.5,
    "box": 2.0,
    "heat": 0.4,
    "sure": 0.3,
}
Extract = Callable[[NDArray[np.uint8]], list[NDArray[np.float32]]]


class Frozen:
    """Features of a network that is not taught: of YOLOX-nano's own file, or of a student's."""

    def __init__(self, model: ov.Model, batch: int, side: int, threads: int = 1) -> None:
        """`model` has the three levels as its outputs, and takes BGR 0..255 [B, 3, side, side]."""
        model.reshape([batch, 3, side, side])
        self._net = ov.Core().compile_model(
            model,
            "CPU",
            {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "bf16"},
        )

    def __call__(self, pictures: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """From BGR [B, side, side, 3] to features [B, C, h, w] of three levels."""
        out = self._net(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)).astype(np.float32))
        return [out[i].copy() for i in range(3)]


def yolox(models: Path) -> ov.Model:
    """YOLOX-nano up to its features."""
    model = ov.Core().read_model(models / YOLOX)
    named = {name: o for op in model.get_ops() for o in op.outputs() for name in o.get_names()}
    return ov.Model([named[n] for n in FEATURES], model.get_parameters(), "features")


@dataclass(frozen=True)
class Batch:
    """Features and answers of one batch, as tensors."""

    features: tuple[Tensor, Tensor, Tensor]
    visible: Tensor
    points: Tensor
    axes: Tensor
    head: Tensor
    person: Tensor


def batch(views: Sequence[View], extract: Extract) -> Batch:
    """Stacks views, and looks at them with the frozen network."""
    a, b, c = (torch.from_numpy(f) for f in extract(np.stack([v.picture for v in views])))
    return Batch(
        (a, b, c),
        torch.from_numpy(np.stack([v.visible for v in views]).astype(np.float32)),
        torch.from_numpy(np.stack([v.points for v in views]).astype(np.float32)),
        torch.from_numpy(np.stack([v.axes for v in views]).astype(np.int64)),
        torch.from_numpy(np.stack([v.head for v in views]).astype(np.float32)),
        torch.tensor([v.person for v in views]),
    )


class Lessons(IterableDataset[Batch]):
    """Batch after batch of varied crops; each follows from the seed and its number alone."""

    def __init__(
        self, crops: Crops, chances: NDArray[np.float64], side: int, make: Callable[[], Extract], first: int
    ) -> None:
        self._crops, self._chances, self._side, self._make, self._first = crops, chances, side, make, first

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        extract, step = self._make(), self._first
        while True:
            rng = np.random.default_rng((SEED, step))
            rows = rng.choice(len(self._crops), BATCH, p=self._chances)
            yield batch([varied(self._crops, int(r), self._side, rng) for r in rows], extract)
            step += 1


def chances(crops: Crops, real: float = 0.15, nobody: float = 0.2) -> NDArray[np.float64]:
    """How often each crop is drawn: rare values more often; shares for real people, and for nobody at all."""
    known = (crops.axes != UNKNOWN).any(1)
    weight = np.zeros(len(crops))
    for column in range(len(AXES)):
        numbers, counts = np.unique(crops.axes[known, column], return_counts=True)
        for number, count in zip(numbers, counts, strict=True):
            if number != UNKNOWN:
                weight[known & (crops.axes[:, column] == number)] += count**-0.5
    people = ~known & (crops.person > 0)
    empty = crops.person == 0
    for rows, share in ((known, 1 - real - nobody), (people, real), (empty, nobody)):
        total = weight[rows].sum() if rows is known else rows.sum()
        weight[rows] = (weight[rows] if rows is known else 1.0) / max(total, 1e-9) * share
    return np.asarray(weight / weight.sum())


def losses(out: Mapping[str, Tensor], wanted: Batch) -> dict[str, Tensor]:
    """What is wrong on each axis, with head, person, box, places of key points, and how sure they are."""
    found = {}
    for column, axis in enumerate(AXES):
        target = wanted.axes[:, column]
        if (target != UNKNOWN).any():
            found[axis] = functional.cross_entropy(out[axis], target, ignore_index=UNKNOWN, label_smoothing=0.05)
    known = wanted.head[:, 4:]
    found["head"] = ((out["head"] - wanted.head[:, :4]).square() * known).sum() / (known.sum() + 1)
    smooth = wanted.person[:, None] * 0.96 + 0.02
    found["person"] = functional.binary_cross_entropy_with_logits(out["person"], smooth)
    seen = wanted.visible.isfinite().all(1)
    off = functional.smooth_l1_loss(out["box"][seen], wanted.visible[seen], beta=0.05, reduction="sum")
    found["box"] = off / (seen.sum() + 1)
    sure = wanted.points[..., 2]
    here = sure.clamp_min(0)
    log_heat = functional.log_softmax(out["heat"].flatten(2), 2)
    near = gaussians(wanted.points[..., :2], out["heat"].shape[-1])
    shift = (out["keypoints"][..., :2] - wanted.points[..., :2]).abs().sum(-1)
    found["heat"] = ((-(near * log_heat).sum(2) + 10 * shift) * here).sum() / (here.sum() + 1)
    told = (sure > -1.5) & (sure < -0.5)
    each = functional.binary_cross_entropy_with_logits(out["sure"], here.clamp(0.03, 0.97), reduction="none")
    found["sure"] = (each * ~told).sum() / ((~told).sum() + 1)
    return found


def gaussians(points: Tensor, cells: int, sigma: float = 0.8) -> Tensor:
    """A hill of 1 in sum on `cells` x `cells`, flat, for each of the points (shares)."""
    middles = (torch.arange(cells) + 0.5) / cells
    x, y = (torch.exp(-0.5 * ((middles - points[..., i : i + 1]) * cells / sigma).square()) for i in (0, 1))
    hills = (y[..., :, None] * x[..., None, :]).flatten(-2)
    return hills / hills.sum(-1, keepdim=True).clamp_min(1e-6)


def teach(
    model: Behavior, crops: Crops, make: Callable[[], Extract], last: Path, steps: int, level: float = 2e-3
) -> None:
    """Teaches until `steps`, from where the file `last` stands; `make` gives the frozen network."""
    torch.manual_seed(SEED)
    weights = chances(crops)

    def lessons(step: int) -> Lessons:
        return Lessons(crops, weights, model.side, make, step)

    if not last.exists():
        features = [b.features for b, _ in zip(lessons(10**6), range(12), strict=False)]
        whole = [torch.cat([f[i] for f in features]).transpose(0, 1).flatten(1) for i in range(3)]
        model.norm([w.mean(1) for w in whole], [w.std(1).clamp_min(0.02) for w in whole])

    def judge(lesson: Batch) -> dict[str, Tensor]:
        found = losses(model(lesson.features), lesson)
        return {name: WEIGHTS[name] * loss for name, loss in found.items()}

    loop.teach(model, lessons, judge, last, steps, level, {"side": model.side})


def answers(model: Behavior, crops: Crops, extract: Extract, size: int = BATCH) -> dict[str, NDArray[np.float32]]:
    """What the network says of plain crops, by output; `extract` takes `size` at a time."""
    model.eval()
    rows: list[dict[str, NDArray[np.float32]]] = []
    for first in range(0, len(crops), size):
        some = list(range(first, min(len(crops), first + size)))
        views = [plain(crops, r, model.side) for r in some]
        lesson = batch([*views, *[views[0]] * (size - len(views))], extract)
        with torch.no_grad():
            out = model(lesson.features)
        rows.append({k: v.numpy()[: len(some)] for k, v in out.items() if k not in ("heat", "sure")})
    return {k: np.concatenate([r[k] for r in rows]) for k in rows[0]}
