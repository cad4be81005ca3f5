"""Counts the CPU that this process uses, and what the machine does meanwhile."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .figures import Reading

_STAT = Path("/proc/stat")
_STATM = Path("/proc/self/statm")


def cpu() -> float:
    """Seconds of CPU, user and system, of this process and its ended children (getrusage)."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def machine() -> tuple[float, float] | None:
    """CPU-seconds that the whole machine was busy and idle since it started; None without /proc/stat (Linux)."""
    try:
        fields = _STAT.read_text("ascii").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    # user nice system idle iowait irq softirq steal; the guests' fields that follow are in user and nice (proc(5))
    ticks = [int(one) for one in fields[:8]]
    idle = ticks[3] + ticks[4]
    second = os.sysconf("SC_CLK_TCK")
    return (sum(ticks) - idle) / second, idle / second


def resident() -> float | None:
    """MiB of memory of this process that are resident; None where the system does not tell."""
    try:
        pages = int(_STATM.read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Meter:
    """A moment from which is counted. `Meter.start()`, work, `read(units)`."""

    cpu: float
    wall: float
    machine: tuple[float, float] | None

    @classmethod
    def start(cls) -> Self:
        """From now on."""
        return cls(cpu(), time.perf_counter(), machine())

    def read(self, units: float, used: float | None = None) -> Reading:
        """What it took since. `used` is the CPU of the work, where it is not just this process's and its children's."""
        wall = time.perf_counter() - self.wall
        mine = cpu() - self.cpu if used is None else used
        now = machine()
        if now is None or self.machine is None:
            return Reading(units, mine, wall)
        busy, idle = now[0] - self.machine[0], now[1] - self.machine[1]
        return Reading(units, mine, wall, idle, max(0.0, busy - mine))
