"""Learning rates: a warm-up, a long level stretch, and a fall over the last quarter."""

from __future__ import annotations

WARM_UP, FALL = 200, 0.3


def rate(step: int, steps: int, level: float) -> float:
    """Of step `step` out of `steps`: rising, level, and falling to a hundredth at the end."""
    rising = min(1.0, (step + 1) / WARM_UP)
    left = (steps - step) / (FALL * steps)
    return level * rising * max(0.01, min(1.0, left))
