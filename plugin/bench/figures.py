"""The arithmetic of measuring: readings, medians, percentiles, and the limit that a chain of stages has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Self

SCAN = 30.0  # seconds: what a scan is counted against
BUSY = 0.05  # share of the machine's CPU that others may use before a run counts as one on a busy machine


@dataclass(frozen=True, slots=True)
class Reading:
    """What one round of one contestant took: CPU of its own process and children, wall time, all in seconds.

    `idle` is CPU time that the whole machine had left over, `others` what processes that are no part of the
    measurement used, each in CPU-seconds; None where the system does not tell.
    """

    units: float
    cpu: float
    wall: float
    idle: float | None = None
    others: float | None = None

    @property
    def cpu_ms(self) -> float:
        """CPU-milliseconds per unit."""
        return 1000 * self.cpu / self.units

    @property
    def rate(self) -> float:
        """Units per second of wall time."""
        return self.units / self.wall

    @property
    def idle_ms(self) -> float | None:
        """Milliseconds of CPU time per unit that the machine had nothing to do."""
        return None if self.idle is None else 1000 * self.idle / self.units

    def to_json(self) -> dict[str, float | None]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, made: Mapping[str, Any]) -> Self:
        """Back from a JSON object."""
        return cls(**made)


def chained(first: Reading, second: Reading) -> Reading:
    """The limit of two stages, each at its own limit, on the same cores: the composite limit.

    CPU per unit adds up, c = c1 + c2; so does the wall time per unit, 1/r = 1/r1 + 1/r2, as all cores serve one stage
    or the other.
    """
    return Reading(1.0, first.cpu / first.units + second.cpu / second.units, 1 / first.rate + 1 / second.rate)


def over_rounds(
    rounds: Sequence[Mapping[str, Reading]], figure: Callable[[Mapping[str, Reading]], float]
) -> dict[str, float]:
    """A figure made of one round's readings: its median over the rounds, smallest and largest.

    Within a round the contestants run one right after the other, so that what the machine does meets all of them.
    """
    found = [figure(one) for one in rounds]
    return {"median": median(found), "min": min(found), "max": max(found)}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0..1) of the values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 10_000) // 10_000) - 1)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of y over x; 0 for less than two points."""
    if len(points) < 2:
        return 0.0
    x0 = sum(x for x, _ in points) / len(points)
    y0 = sum(y for _, y in points) / len(points)
    spread = sum((x - x0) ** 2 for x, _ in points)
    return sum((x - x0) * (y - y0) for x, y in points) / spread if spread else 0.0


def largest(holds: Callable[[int], bool], start: int, ceiling: int, within: float = 0.1) -> int:
    """The largest count found for which `holds` is true, exact to the share `within`; 0 where not even one holds.

    Doubles (or halves) from `start` until both sides are known, then halves what lies between them. `holds` is taken to
    be true up to some count and false from there on.
    """
    good, bad, at = 0, ceiling + 1, min(start, ceiling)
    while good < at < bad:
        if holds(at):
            good = at
        else:
            bad = at
        if bad - good <= max(1, within * good):
            break
        doubled = good * 2 if bad > ceiling else (good + bad) // 2
        halved = bad // 2 if good == 0 else doubled
        at = min(ceiling, halved if good == 0 else doubled)
    return good


def rounded(value: Any) -> Any:
    """A JSON value with its floats cut to four significant digits, for reports."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return value
