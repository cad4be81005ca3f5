"""A run of `homeroom bench`: contestants take turns, round after round, and the measures are made of their readings."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeroom.models.cache import default_cache, files
from homeroom.models.catalog import named

from . import video
from .contestant import Task, contestant
from .farm import farm
from .figures import Reading, rounded
from .machine import others, quiet
from .measures import MEASURES, Readings, contestants

LIVE = ("scan-on-demand", "scan-kept", "scan-snapshot", "capture-rtsp")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `seconds` is the length of every round; None leaves each measure its own."""

    model: str
    names: Sequence[str]
    rounds: int
    seconds: float | None = None


def tell(line: str) -> None:
    """Says on stderr how far it is."""
    print(line, file=sys.stderr, flush=True)


def verified(model: str) -> None:
    """Raises BadInput, which names the cure, unless the model's files are there."""
    files(named(model), default_cache())


@contextmanager
def video_at(given: Path | None) -> Iterator[Path]:
    """The video to measure with: the one named, else the test video, made now and gone after the block."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        tell("bench: making the test video")
        path = Path(folder, "bench.mp4")
        video.make(path)
        yield path


def measured(plan: Plan, path: Path) -> dict[str, Any]:
    """Runs a plan on a video; the video and each measure as JSON objects. Raises Unavailable, BadInput."""
    verified(plan.model)
    with ExitStack() as stack:
        stream = video.read(path)
        needed = contestants(plan.names)
        ports = stack.enter_context(farm(path)) if set(needed) & set(LIVE) else None
        task = Task(plan.model, str(path), *((ports.http, ports.rtsp) if ports else (0, 0)))
        tell(f"bench: {len(needed)} contestants, {plan.rounds} rounds")
        running = {name: stack.enter_context(contestant(name, task)) for name in needed}
        rounds: list[Readings] = []
        for number in range(plan.rounds):
            readings: dict[str, Reading] = {}
            for name, seconds in needed.items():
                readings[name] = running[name].round(plan.seconds or seconds)
            rounds.append(readings)
            tell(f"bench: round {number + 1} of {plan.rounds} done")
    return {
        "video": rounded(stream.to_json()),
        "measures": {name: rounded(_result(plan, name, rounds)) for name in plan.names},
    }


def _result(plan: Plan, name: str, rounds: Sequence[Readings]) -> dict[str, Any]:
    measure = MEASURES[name]
    share = others([one[each] for one in rounds for each in measure.contestants])
    return {
        **measure.figures(rounds),
        "model": plan.model,
        "rounds": len(rounds),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "others": share,
        "quiet": quiet(share),
    }
