"""The way all networks are taught: step after step, averaged, logged, and kept so that it can go on after a stop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from .schedule import rate

Lesson = TypeVar("Lesson")
LOGGED, KEPT = 50, 250  # steps from one line of the log, and from one checkpoint, to the next


class Average:
    """A running average of a network's parameters and statistics: what is shipped."""

    def __init__(self, model: nn.Module, keep: float = 0.999) -> None:
        self._keep = keep
        self.state = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def update(self, model: nn.Module, step: int) -> None:
        """After each step; early on the average is short."""
        keep = min(self._keep, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if value.dtype.is_floating_point:
                    self.state[name].lerp_(value, 1 - keep)
                else:
                    self.state[name].copy_(value)


def save(path: Path, **state: Any) -> None:
    """Writes the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote."""
    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state


def teach(
    model: nn.Module,
    lessons: Callable[[int], IterableDataset[Lesson]],
    judge: Callable[[Lesson], Mapping[str, Tensor]],
    last: Path,
    steps: int,
    level: float,
    beside: Mapping[str, Any],
) -> None:
    """Teaches `model` until `steps`, from where the file `last` stands.

    `lessons` begins at a step and makes each lesson from that step's number alone, so a stop changes nothing but the
    optimizer's rounding; `judge` gives losses by name, weighted; `beside` is kept in the file as it is.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=level, weight_decay=0.02)
    average, step = Average(model), 0
    if last.exists():
        state = load(last)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average.state, step = state["average"], state["step"]
    lesson = iter(DataLoader(lessons(step), batch_size=None, num_workers=1, prefetch_factor=4))
    model.train()
    began, seen = time.monotonic(), {}
    while step < steps:
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, level)
        losses = judge(next(lesson))
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        step += 1
        average.update(model, step)
        for name, loss in losses.items():
            value = float(loss.detach())
            seen[name] = value if name not in seen else 0.97 * seen[name] + 0.03 * value
        if step % LOGGED == 0:
            pace = LOGGED / (time.monotonic() - began)
            print(
                json.dumps({"step": step, **{k: round(v, 4) for k, v in seen.items()}, "per_s": round(pace, 2)}),
                flush=True,
            )
            began = time.monotonic()
        if step % KEPT == 0 or step == steps:
            save(
                last,
                step=step,
                model=model.state_dict(),
                average=average.state,
                optimizer=optimizer.state_dict(),
                **beside,
            )
