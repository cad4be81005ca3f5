"""How well behavior is told: F1 of each value, calibration, and the worst subgroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .axes import AXES
from .crops import Crops
from .labels import UNKNOWN

NOT_SCORED = {("activity", "none"), ("gesture", "none")}  # that somebody does nothing is no behavior
Answers = Mapping[str, NDArray[np.float32]]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True)).astype(float)
    return np.asarray(raised / raised.sum(-1, keepdims=True))


def f1(said: NDArray[np.int64], true: NDArray[np.int64], value: int) -> tuple[float, float, float, int]:
    """Precision, recall, F1 and number of true ones of a value."""
    hit = float(((said == value) & (true == value)).sum())
    claimed, actual = int((said == value).sum()), int((true == value).sum())
    precision, recall = hit / max(claimed, 1), hit / max(actual, 1)
    return precision, recall, 2 * hit / max(claimed + actual, 1), actual


def per_value(answers: Answers, crops: Crops, rows: NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """Precision, recall, F1 and n of each value, and their macro-F1 over values that occur."""
    chosen = np.ones(len(crops), bool) if rows is None else rows
    out: dict[str, Any] = {}
    scores = []
    for column, (axis, values) in enumerate(AXES.items()):
        true = crops.axes[:, column]
        known = chosen & (true != UNKNOWN)
        said = answers[axis].argmax(1)
        for number, value in enumerate(values):
            p, r, f, n = f1(said[known], true[known], number)
            out[f"{axis}={value}"] = {"precision": round(p, 3), "recall": round(r, 3), "f1": round(f, 3), "n": n}
            if n and (axis, value) not in NOT_SCORED:
                scores.append(f)
    return {"values": out, "macro_f1": round(float(np.mean(scores)), 4) if scores else None}


def ece(answers: Answers, crops: Crops, bins: int = 15) -> dict[str, float]:
    """Expected calibration error of the most likely value, per axis and over all axes."""
    errors, sure, right = {}, [], []
    for column, axis in enumerate(AXES):
        true = crops.axes[:, column]
        known = true != UNKNOWN
        if known.any():
            p = softmax(answers[axis][known])
            sure.append(p.max(1))
            right.append(p.argmax(1) == true[known])
            errors[axis] = _ece(sure[-1], right[-1], bins)
    errors["all"] = _ece(np.concatenate(sure), np.concatenate(right), bins)
    return {k: round(v, 4) for k, v in errors.items()}


def _ece(sure: NDArray[np.float64], right: NDArray[np.bool_], bins: int) -> float:
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in np.unique(place)]
    return float(np.sum(gaps))


def subgroups(answers: Answers, crops: Crops, least: int = 300) -> dict[str, Any]:
    """Macro-F1 of each value of each group with at least `least` people, and the widest gap within a group."""
    told = [dict(pair.split("=", 1) for pair in g.split()) for g in crops.groups]
    out: dict[str, Any] = {}
    for name in sorted({k for t in told for k in t}):
        cells = {}
        for value in sorted({t[name] for t in told if name in t}):
            rows = np.array([t.get(name) == value for t in told])
            cells[value] = {"n": int(rows.sum()), "macro_f1": per_value(answers, crops, rows)["macro_f1"]}
        scores = [c["macro_f1"] for c in cells.values() if c["n"] >= least]
        out[name] = {**cells, "gap": round(max(scores) - min(scores), 4) if len(scores) > 1 else None}
    return out


def heads(answers: Answers, crops: Crops) -> dict[str, float]:
    """Mean error of yaw and pitch in degrees; share right on aside (|yaw| > 35) and down (pitch < -25)."""
    known = crops.head[:, 4] > 0
    if not known.any():
        return {}
    said, true = (_degrees(h[known]) for h in (answers["head"], crops.head))
    turn = np.abs((said[0] - true[0] + 180) % 360 - 180)
    return {
        "yaw_error": round(float(turn.mean()), 1),
        "pitch_error": round(float(np.abs(said[1] - true[1]).mean()), 1),
        "aside": round(float(((np.abs(said[0]) > 35) == (np.abs(true[0]) > 35)).mean()), 3),
        "down": round(float(((said[1] < -25) == (true[1] < -25)).mean()), 3),
    }


def _degrees(head: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.degrees(np.arctan2(head[:, 0], head[:, 1])), np.degrees(np.arctan2(head[:, 2], head[:, 3]))
