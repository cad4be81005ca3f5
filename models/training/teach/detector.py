"""Stage `detector`: on renders the student learns where desks cut people off; elsewhere it stays as its teacher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import IterableDataset

from . import loop
from .boxes import Floats, cells, decoded, iou, kept
from .distil import SEED, begun, feature_loss, fed, people_loss
from .geometry import DETECTOR, letterboxed
from .patches import Patches
from .scenes import Scene, placed
from .student import Student
from .teachers import Yolox

HALF = 3  # pictures of renders in a batch, and as many of recordings
Lesson = tuple[Tensor, tuple[Tensor, Tensor, Tensor], Tensor, list[Tensor], list[Tensor]]


class Lessons(IterableDataset[Lesson]):
    """Rendered scenes first, then patches of recordings; the teacher answers for all."""

    def __init__(self, scenes: Sequence[Scene], patches: Patches, models: Path, first: int) -> None:
        self._scenes, self._patches, self._models, self._first = scenes, patches, models, first

    def __iter__(self) -> Iterator[Lesson]:
        teacher = Yolox(self._models, 2 * HALF, *DETECTOR)
        step = self._first
        while True:
            rng = np.random.default_rng((SEED, 77, step))
            some = [placed(self._scenes[rng.integers(len(self._scenes))], rng, *DETECTOR) for _ in range(HALF)]
            pictures = np.stack([*(s.picture for s in some), *(self._patches(rng, *DETECTOR) for _ in range(HALF))])
            features, people = teacher(pictures)
            a, b, c = (torch.from_numpy(f) for f in features)
            boxes = [torch.from_numpy(s.boxes) for s in some]
            yield (
                torch.from_numpy(pictures),
                (a, b, c),
                torch.from_numpy(people),
                boxes,
                [torch.from_numpy(s.difficult) for s in some],
            )
            step += 1


def corners(people: Tensor, grid: Tensor) -> Tensor:
    """Left, top, right, bottom in pixels of every cell's box; `people` [cells, 5], `grid` [cells, 3]."""
    middle = (people[:, :2] + grid[:, :2]) * grid[:, 2:]
    half = people[:, 2:4].clamp(max=8).exp() * grid[:, 2:] / 2
    return torch.cat([middle - half, middle + half], 1)


def assigned(found: Tensor, score: Tensor, boxes: Tensor, grid: Tensor) -> tuple[Tensor, Tensor]:
    """Which cells speak of which box: simplified SimOTA (Ge et al., YOLOX, 2021): cell numbers, box numbers.

    Cells near a box's middle are candidates; each box takes as many as its ten best overlaps add up to, the cheapest
    by score and overlap; a cell that two boxes want goes to the one that it overlaps more.
    """
    middles = (grid[:, :2] + 0.5) * grid[:, 2:]
    target = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = ((middles[None] - target[:, None]).abs() < 2.5 * grid[None, :, 2:]).all(2)
    inside = ((middles[None] > boxes[:, None, :2]) & (middles[None] < boxes[:, None, 2:])).all(2)
    overlap = torch.from_numpy(iou(boxes.numpy(), found.numpy()).astype(np.float32))
    cost = (
        -torch.log(score[None].clamp_min(1e-6)) * 0.5 - 3 * torch.log(overlap.clamp_min(1e-6)) + 1e4 * ~(near & inside)
    )
    owner = torch.full((len(found),), -1)
    best = torch.zeros(len(found))
    for i in range(len(boxes)):
        count = int(overlap[i].topk(10).values.sum().clamp(1, 10))
        price, chosen = cost[i].topk(count, largest=False)
        chosen = chosen[price < 1e4]
        better = overlap[i, chosen] + 1e-6 > best[chosen]
        owner[chosen[better]], best[chosen[better]] = i, overlap[i, chosen[better]]
    rows = torch.nonzero(owner >= 0)[:, 0]
    return rows, owner[rows]


def scene_loss(people: Tensor, boxes: Tensor, difficult: Tensor, grid: Tensor) -> Tensor:
    """Score (as sure as the box is right) in all cells but those amid the difficult; generalised overlap of boxes."""
    found = corners(people.float(), grid)
    logit = people[:, 4].float()
    score = torch.zeros_like(logit)
    rows, owners = assigned(found.detach(), logit.detach().sigmoid(), boxes, grid)
    box = torch.zeros(())
    if len(rows):
        overlap, giou = overlaps(found[rows], boxes[owners])
        score[rows] = overlap.detach().clamp(0.5, 1)
        box = (1 - giou).sum()
    middles = (grid[:, :2] + 0.5) * grid[:, 2:]
    amid = torch.zeros(len(grid), dtype=torch.bool)
    for b in boxes[difficult]:
        amid |= ((middles > b[:2]) & (middles < b[2:])).all(1)
    focal = (logit.sigmoid() - score).abs().square() * functional.binary_cross_entropy_with_logits(
        logit, score, reduction="none"
    )
    focal = focal * ~(amid & (score == 0))
    focal[rows] = focal[rows] * ~difficult[owners]
    return (4 * focal.sum() + 1.5 * box) / (score.sum() + 2)


def overlaps(some: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU (Rezatofighi et al. 2019) of rows with rows."""
    low, high = torch.maximum(some[:, :2], others[:, :2]), torch.minimum(some[:, 2:], others[:, 2:])
    shared = (high - low).clamp_min(0).prod(1)
    union = (some[:, 2:] - some[:, :2]).clamp_min(0).prod(1) + (others[:, 2:] - others[:, :2]).prod(1) - shared
    whole = (torch.maximum(some[:, 2:], others[:, 2:]) - torch.minimum(some[:, :2], others[:, :2])).prod(1)
    ratio = shared / union.clamp_min(1e-6)
    return ratio, ratio - (whole - union) / whole.clamp_min(1e-6)


def teach(scenes: Sequence[Scene], patches: Patches, models: Path, start: Path, last: Path, steps: int) -> None:
    """From `start`'s student to a detector, on both; features stay near the teacher's in both."""
    torch.manual_seed(SEED)
    model, scale = begun(start)
    grid = torch.from_numpy(cells(*DETECTOR))

    def judge(lesson: Lesson) -> dict[str, Tensor]:
        pictures, features, target, boxes, difficult = lesson
        with torch.autocast("cpu", torch.bfloat16):
            answered, people = model(fed(pictures))
        each = [scene_loss(p, b, d, grid) for p, b, d in zip(people[:HALF], boxes, difficult, strict=True)]
        return {
            "features": feature_loss(answered, scale(features)),
            "people": people_loss(people[HALF:], target[HALF:]),
            "scenes": torch.stack(each).mean(),
        }

    beside = {"mean": list(scale.mean), "std": list(scale.std)}
    loop.teach(model, lambda step: Lessons(scenes, patches, models, step), judge, last, steps, 5e-4, beside)


def found(student: Student, picture: NDArray[np.uint8], least: float) -> Floats:
    """People that the detector sees: [n, 5] left, top, right, bottom in the picture's pixels, and score."""
    canvas, scale = letterboxed(picture)
    with torch.no_grad():
        people = student(torch.from_numpy(canvas.transpose(2, 0, 1)[None].astype(np.float32)))[1][0]
    people[:, 4] = people[:, 4].sigmoid()
    boxes = kept(decoded(people.numpy(), *DETECTOR), least)
    boxes[:, :4] /= scale
    return boxes
