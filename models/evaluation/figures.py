"""All figures of one evaluation: a tree of Figures and plain data, made of what was found in each picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .calibration import binned, calibration
from .claims import claims
from .confusion import Values, matrices, of_found, scores
from .heads import heads
from .intervals import Figure, Floats, bootstrapped, weights, wilson
from .labels import LabelledPicture, scored_axes
from .matching import HEAD, IOU, Match, Overlaps, matched, overlaps
from .outcome import Outcome
from .precision import THRESHOLDS, average_precision
from .subgroups import by_group, by_size


def evaluated(outcomes: Sequence[Outcome], by: str = IOU) -> dict[str, Any]:
    """The figures over a set; `by` is how a person is told: IOU or HEAD.

    Values, axes and calibration stand for people who were found; `end_to_end` counts who was missed, and detections
    that are nobody, against the model as well.
    """
    values, drawn = Values(scored_axes()), weights(len(outcomes))
    over = [overlaps(one.picture, one.detections, by) for one in outcomes]
    matches = [matched(one) for one in over]
    made = list(claims(outcomes, matches, list(values.axes)))
    counts = values.counts(made, len(outcomes))
    ece, bins = calibration(binned(made, values, len(outcomes)), values, drawn)
    return {
        "people": {**_people(matches, drawn), **_average(over, drawn, by)},
        **scores(of_found(counts), values, drawn),
        "end_to_end": scores(counts, values, drawn),
        "confusion": matrices(counts, values),
        "ece": ece,
        "reliability": bins,
        "head": heads(outcomes, matches, drawn),
        "latency": latency(outcomes),
        "subgroups": by_group(outcomes, matches, made, values, drawn),
        "sizes": by_size(outcomes, matches),
    }


def _people(matches: Sequence[Match], drawn: Floats) -> dict[str, Figure]:
    sums = np.array([(len(one.pairs), len(one.scored), len(one.false)) for one in matches], np.float64)
    right, people, false = sums.sum(axis=0).astype(int).tolist()
    return {
        "precision": wilson(right, right + false),
        "recall": wilson(right, people),
        "f1": bootstrapped(sums, _f1, people, drawn),
    }


def _f1(sums: Floats) -> Floats:
    right, people, false = sums.T
    each = people + right + false
    return np.asarray(np.divide(2 * right, each, out=np.full(len(sums), np.nan), where=each > 0), np.float64)


def _average(over: Sequence[Overlaps], drawn: Floats, by: str) -> dict[str, Figure]:
    """Average precision; by heads at one threshold alone, since boxes are not compared."""
    if by == HEAD:
        return {"ap50": average_precision(over, drawn, THRESHOLDS[:1])[0]}
    ap50, ap = average_precision(over, drawn)
    return {"ap50": ap50, "ap": ap}


def latency(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Milliseconds a picture that the detector took, one picture at a time: median, 95th percentile, mean CPU."""
    wall = np.array([one.wall for one in outcomes]) * 1000
    return {
        "median_ms": round(float(np.median(wall)), 2),
        "p95_ms": round(float(np.percentile(wall, 95)), 2),
        "cpu_ms": round(float(np.mean([one.cpu for one in outcomes])) * 1000, 2),
    }


def jsonable(tree: Any) -> Any:
    """A tree of figures as JSON has it."""
    if isinstance(tree, Figure):
        return tree.to_json()
    if isinstance(tree, Mapping):
        return {key: jsonable(value) for key, value in tree.items()}
    return tree


def names() -> list[str]:
    """The names of the figures that every set gives, be it that there is nothing to measure."""
    nothing = Outcome(LabelledPicture(Path("nothing.png"), ()), (), 1, 1)
    return [name for name, _ in named(jsonable(evaluated([nothing])))]


def named(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every figure of an evaluation's JSON by its dotted name; `axes.` is left out of names."""
    for key, value in tree.items():
        name = path if key == "axes" else f"{path}.{key}".lstrip(".")
        if isinstance(value, Mapping):
            if {"value", "low", "high", "n"} <= set(value):
                yield name, value
            else:
                yield from named(value, name)
        elif isinstance(value, float):
            yield name, {"value": value, "low": None, "high": None, "n": None}
