"""What `homeroom bench` measures: which contestants each measure needs, and how its figures come of their readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .figures import Reading, chained, over_rounds

Readings = Mapping[str, Reading]
Figure = Callable[[Readings], float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    `cpu` and `wall` make one round's ratio of its readings; a wall ratio is None where both sides wait for a live
    camera. `target` is what the CPU ratio should reach, None where nothing is promised: at least that much of a limit,
    or at most that much of a peer's cost.
    """

    title: str
    ours: str
    against: Sequence[str]
    cpu: Figure
    wall: Figure | None = None
    target: float | None = None
    at_least: bool = True
    seconds: float = 4.0

    @property
    def contestants(self) -> tuple[str, ...]:
        """Who has to run for it."""
        return (self.ours, *self.against)

    def met(self, ratio: float) -> bool | None:
        """Whether a ratio reaches the target; None where there is none."""
        if self.target is None:
            return None
        return ratio >= self.target if self.at_least else ratio <= self.target

    def figures(self, rounds: Sequence[Readings]) -> dict[str, Any]:
        """What the rounds say."""
        cpu = over_rounds(rounds, self.cpu)
        return {
            "title": self.title,
            "ours": summary(rounds, self.ours),
            "against": {name: summary(rounds, name) for name in self.against},
            "cpu_ratio": cpu,
            "wall_ratio": over_rounds(rounds, self.wall) if self.wall is not None else None,
            "target": self.target,
            "at_least": self.at_least,
            "met": self.met(cpu["median"]),
        }


def summary(rounds: Sequence[Readings], name: str) -> dict[str, Any]:
    """A contestant's medians over the rounds."""
    known = all(one[name].idle is not None for one in rounds)
    return {
        "cpu_ms": over_rounds(rounds, lambda one: one[name].cpu_ms)["median"],
        "per_second": over_rounds(rounds, lambda one: one[name].rate)["median"],
        "idle_ms": over_rounds(rounds, lambda one: one[name].idle_ms or 0.0)["median"] if known else None,
    }


def of_limit(ours: str, *stages: str) -> tuple[Figure, Figure]:
    """Share of the limit that the stages make up, by CPU and by wall time: 1 is the limit itself."""

    def limit(one: Readings) -> Reading:
        first, *rest = (one[name] for name in stages)
        for stage in rest:
            first = chained(first, stage)
        return first

    return (
        lambda one: limit(one).cpu_ms / one[ours].cpu_ms,
        lambda one: one[ours].rate / limit(one).rate,
    )


def of_cost(ours: str, peer: str) -> Figure:
    """Share of the peer's CPU that ours takes for the same."""
    return lambda one: one[ours].cpu_ms / one[peer].cpu_ms


APP, KEYS, ALL = "benchmark_app", "decode-keys", "decode-all"

MEASURES: Mapping[str, Measure] = {
    "inference": Measure(
        "inference stage / benchmark_app", "inference", (APP,), *of_limit("inference", APP), target=0.97
    ),
    "key-frames": Measure(
        "key-frame pipeline / composite limit",
        "pipeline-keys",
        (APP, KEYS),
        *of_limit("pipeline-keys", APP, KEYS),
        target=0.95,
    ),
    "all-frames": Measure(
        "all-frames pipeline / composite limit",
        "pipeline-all",
        (APP, ALL),
        *of_limit("pipeline-all", APP, ALL),
        target=0.92,
    ),
    "naive": Measure(
        "naive OpenCV + numpy, all frames / composite limit", "naive", (APP, ALL), *of_limit("naive", APP, ALL)
    ),
    "scan-file": Measure(
        "a scan of a file / VideoCapture for 30 s",
        "scan-file",
        ("capture-file",),
        of_cost("scan-file", "capture-file"),
        target=1 / 80,
        at_least=False,
    ),
    "scan-kept": Measure(
        "a scan, RTSP kept / VideoCapture for 30 s",
        "scan-kept",
        ("capture-rtsp",),
        of_cost("scan-kept", "capture-rtsp"),
        target=1 / 20,
        at_least=False,
        seconds=10,
    ),
    "scan-on-demand": Measure(
        "a scan, RTSP on demand / VideoCapture for 30 s",
        "scan-on-demand",
        ("capture-rtsp",),
        of_cost("scan-on-demand", "capture-rtsp"),
        at_least=False,
        seconds=10,
    ),
    "scan-snapshot": Measure(
        "a scan, HTTP snapshot / VideoCapture for 30 s",
        "scan-snapshot",
        ("capture-rtsp",),
        of_cost("scan-snapshot", "capture-rtsp"),
        target=1 / 100,
        at_least=False,
        seconds=4,
    ),
}


# Measures that have contestants in common run together, so that all meet the same machine.
GROUPS = (
    ("inference", "key-frames", "all-frames", "naive"),
    ("scan-file",),
    ("scan-kept", "scan-on-demand", "scan-snapshot"),
)


def contestants(names: Sequence[str]) -> dict[str, float]:
    """Who has to run for these measures, each once, and for how many seconds a round."""
    needed: dict[str, float] = {}
    for name in names:
        for one in MEASURES[name].contestants:
            needed[one] = max(needed.get(one, 0.0), MEASURES[name].seconds)
    return needed
