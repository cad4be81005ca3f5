"""Stage `distil`: a student from random values learns YOLOX-nano's features and people, on patches and on close-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import IterableDataset

from . import loop
from .patches import Patches, Shown
from .student import Student
from .teachers import Yolox

SEED = 20_261_125
Sample = tuple[Tensor, tuple[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class View:
    """A kind of batch: how many pictures of which size, and whether they are close-ups."""

    batch: int
    height: int
    width: int
    close: bool = False


WHOLE = (*[View(12, 320, 320)] * 3, View(5, 384, 672))
CLOSE = (*[View(64, 96, 96, close=True)] * 3, View(36, 128, 128, close=True))
BOTH = tuple(view for pair in zip(WHOLE, CLOSE, strict=True) for view in pair)


class Lessons(IterableDataset[Sample]):
    """Batch after batch with the teacher's answers; each follows from the seed and its number alone."""

    def __init__(self, patches: Patches, views: Sequence[View], models: Path, first: int, seed: int = SEED) -> None:
        self._patches, self._views, self._models, self._first, self._seed = patches, views, models, first, seed

    def __iter__(self) -> Iterator[Sample]:
        teachers = {v: Yolox(self._models, v.batch, v.height, v.width) for v in set(self._views)}
        step = self._first
        while True:
            rng = np.random.default_rng((self._seed, step))
            view = self._views[step % len(self._views)]
            pictures = drawn(self._patches, view, rng)
            features, people = teachers[view](pictures)
            a, b, c = (torch.from_numpy(f) for f in features)
            yield (
                torch.from_numpy(pictures),
                (a, b, c),
                torch.from_numpy(people),
            )
            step += 1


def drawn(patches: Patches, view: View, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pictures of one batch, BGR [B, H, W, 3]."""
    if view.close:
        return np.stack([patches.zoomed(rng, view.width) for _ in range(view.batch)])
    return np.stack([patches(rng, view.height, view.width) for _ in range(view.batch)])


@dataclass(frozen=True)
class Norm:
    """Mean and standard deviation of each of the teacher's channels, per level."""

    mean: tuple[Tensor, ...]
    std: tuple[Tensor, ...]

    def __call__(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Features in standard deviations."""
        return [
            (f.float() - m[:, None, None]) / s[:, None, None]
            for f, m, s in zip(features, self.mean, self.std, strict=True)
        ]


def norm(lessons: Lessons, batches: int = 24) -> Norm:
    """Statistics over the first batches."""
    sums: list[list[Tensor]] = [[], [], []]
    for _, (sample, _) in zip(range(batches), ((s[1], 0) for s in lessons), strict=False):
        for level, f in zip(sums, sample, strict=True):
            level.append(f.float().transpose(0, 1).flatten(1)[:, ::7])
    whole = [torch.cat(level, 1) for level in sums]
    return Norm(tuple(w.mean(1) for w in whole), tuple(w.std(1).clamp_min(0.02) for w in whole))


def feature_loss(student: Sequence[Tensor], teacher: Sequence[Tensor]) -> Tensor:
    """Mean squared difference in standard deviations, outliers bounded, the mean of the levels."""
    losses = [functional.smooth_l1_loss(s.float(), t, beta=2.0) * 2 for s, t in zip(student, teacher, strict=True)]
    return torch.stack(losses).mean()


def people_loss(people: Tensor, target: Tensor) -> Tensor:
    """Quality focal loss of the score in all cells; distance of x, y, log w, log h where the teacher sees somebody."""
    score = target[..., 4]
    logit = people[..., 4].float()
    focal = (logit.sigmoid() - score).abs().square() * functional.binary_cross_entropy_with_logits(
        logit, score, reduction="none"
    )
    weight = score * (score > 0.05)
    box = functional.smooth_l1_loss(people[..., :4].float(), target[..., :4], reduction="none", beta=0.2).sum(-1)
    total = score.sum() + 4
    return 4 * focal.sum() / total + 0.5 * (box * weight).sum() / total


def groups(clips: Sequence[Sequence[Shown]], renders: Sequence[Shown]) -> Patches:
    """The more people a clip shows the more it weighs, up to five times; renders weigh as much as all clips."""
    weights = [1 + 2 * min(2.0, sum(len(s.people) for s in clip) / len(clip)) for clip in clips]
    if not renders:
        return Patches(clips, weights)
    return Patches([*clips, renders], [*weights, sum(weights)])


def begun(start: Path) -> tuple[Student, Norm]:
    """The student that another stage left, and the scale of its features."""
    state = loop.load(start)
    model = Student().to(memory_format=torch.channels_last)
    model.load_state_dict(state["average"])
    return model, Norm(tuple(state["mean"]), tuple(state["std"]))


def fed(pictures: Tensor) -> Tensor:
    """From bytes [B, H, W, 3] to what the student takes."""
    return pictures.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last)


def teach(
    patches: Patches, views: Sequence[View], models: Path, last: Path, steps: int, start: Path | None = None
) -> None:
    """Teaches until `steps`, from where `last` stands, or from `start`'s student, or else from random values."""
    torch.manual_seed(SEED)
    known = last if last.exists() else start
    if known is None:
        model = Student().to(memory_format=torch.channels_last)
        scale = norm(Lessons(patches, views, models, 0, SEED + 1))
    else:
        model, scale = begun(known)

    def judge(lesson: Sample) -> dict[str, Tensor]:
        pictures, features, target = lesson
        with torch.autocast("cpu", torch.bfloat16):
            answered, people = model(fed(pictures))
        return {"features": feature_loss(answered, scale(features)), "people": people_loss(people, target)}

    beside = {"mean": list(scale.mean), "std": list(scale.std)}
    level = 2e-3 if start is None else 1e-3
    loop.teach(model, lambda step: Lessons(patches, views, models, step), judge, last, steps, level, beside)
