"""How many cameras this machine holds: more and more of them, until scans come late or the CPU is used up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput, Unavailable

from .figures import largest
from .session import tell, verified, video_at
from .soak import Soak

RESERVE = 0.3  # share of the CPU that must stay free: for lessons that are fuller, cameras that are slower, and others
LATE = 5.0  # seconds: the largest lag (p99) of a scan that is in time
LATE_WATCHED = 1.0  # seconds: the same for a watched picture
LOST = 0.02  # share of the looks that may not be done
CEILING = 1000  # rooms of a site manifest
NOTHING = f"nothing; a site has no more than {CEILING} rooms"
STEP = 20.0  # seconds of one step; connections that are kept are made before
START = 200  # cameras at 30 s with which to begin


@dataclass(frozen=True, slots=True)
class Verdict:
    """What gave out first; empty while all is well."""

    gave_out: str
    free: float


def judged(one: Mapping[str, Any]) -> Verdict:
    """Whether a soak's site kept up, with the reserve free.

    What the generated cameras themselves use counts as free: real ones bring their own CPU. So does what others use,
    since a machine that runs Homeroom is taken to run nothing else; a report says how much that was.
    """
    looks, lag, cpu = one["looks"], one["lag_seconds"], one["cpu"]
    free = 1 - cpu["site"] / cpu["cores"]
    late = LATE if one["every"] else LATE_WATCHED
    if lag is None:
        return Verdict("nothing was seen", free)
    if lag["p99"] > late:
        return Verdict(f"lag: p99 is {lag['p99']:.3g} s, over {late:g} s", free)
    if looks["done"] < (1 - LOST) * looks["due"] - 1:
        return Verdict(f"looks: {looks['done']} of {looks['due']} were done", free)
    if free < RESERVE:
        return Verdict(f"CPU: {free:.0%} is left, under the reserve of {RESERVE:.0%}", free)
    return Verdict("", free)


def soaked_apart(soak: Soak, video: Path) -> dict[str, Any]:
    """One step, in a process of its own: `homeroom bench --soak`, so that no step inherits the memory of another."""
    rate = ["--fps", str(soak.fps)] if soak.kind == "watch" else ["--every", str(soak.every)]
    command = [
        *(sys.executable, "-m", "homeroom", "bench", "--soak", str(soak.cameras), "--minutes", str(soak.seconds / 60)),
        *("--kind", soak.kind, "--model", soak.model, "--video", str(video), "--json", *rate),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own interpreter
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1].removeprefix("homeroom: ")
        raise BadInput(last) if done.returncode == 2 else Unavailable(f"a step failed: {last}")
    found: dict[str, Any] = json.loads(done.stdout)["soak"]
    return found


def capacity(soak: Soak, video: Path | None, seconds: float) -> dict[str, Any]:
    """The largest number of cameras that held, and what gave out at the next larger one tried.

    Each step runs for `seconds`: scans are spread over their interval, so that any stretch of it shows the load.
    """
    start = max(1, round(START * soak.step / 30))
    length = seconds + (soak.every if soak.kind == "kept" else 0)
    verified(soak.model)
    tried: dict[int, tuple[Verdict, dict[str, Any]]] = {}
    with video_at(video) as path:

        def holds(cameras: int) -> bool:
            found = soaked_apart(replace(soak, cameras=cameras, seconds=length), path)
            tried[cameras] = verdict, _ = judged(found), found
            tell(f"bench: {cameras} cameras: {verdict.gave_out or 'held'}")
            return not verdict.gave_out

        most = largest(holds, min(start, CEILING), CEILING)
    failed = min((count for count in tried if count > most), default=None)
    return {
        "cameras": most,
        "kind": soak.kind,
        "every": None if soak.kind == "watch" else soak.every,
        "fps": soak.fps if soak.kind == "watch" else None,
        "model": soak.model,
        "reserve": RESERVE,
        "gave_out": f"at {failed} cameras, {tried[failed][0].gave_out}" if failed else NOTHING,
        "steps": {str(count): found for count, (_, found) in sorted(tried.items())},
    }
