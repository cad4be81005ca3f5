"""The way from one pose to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from .joints import unit
from .kinds import Array, Pose


def blend(a: Pose, b: Pose, t: float) -> Pose:
    """The pose a share t of the way from a to b: places straight, directions normed, the head on the shortest arc.

    Things that both hold move along; others change hands half-way.
    """

    def mix(x: Array, y: Array) -> Array:
        return np.asarray(x) * (1 - t) + np.asarray(y) * t

    def arc(x: Array, y: Array) -> Array:
        return np.asarray(Slerp([0, 1], Rotation.from_matrix(np.stack([x, y])))(t).as_matrix())

    near, far = (a, b) if t < 0.5 else (b, a)
    props = []
    for p in near.props:
        twin = next((q for q in far.props if (q.kind, q.hand) == (p.kind, p.hand)), p)
        first, last = (p, twin) if near is a else (twin, p)
        props.append(replace(p, place=mix(first.place, last.place), turn=arc(first.turn, last.turn)))
    around = (b.turn - a.turn + 180) % 360 - 180
    return Pose(
        hips=mix(a.hips, b.hips),
        turn=a.turn + around * t,
        lean=mix(a.lean, b.lean),
        bend=float(mix(a.bend, b.bend)),
        neck=unit(mix(a.neck, b.neck)),
        head=arc(a.head, b.head),
        eyes=mix(a.eyes, b.eyes),
        wrists=mix(a.wrists, b.wrists),
        elbows=mix(a.elbows, b.elbows),
        fingers=unit(mix(a.fingers, b.fingers) + 1e-6),
        palms=unit(mix(a.palms, b.palms) + 1e-6),
        grips=mix(a.grips, b.grips),
        ankles=mix(a.ankles, b.ankles),
        knees=mix(a.knees, b.knees),
        mouth=mix(a.mouth, b.mouth),
        lids=float(mix(a.lids, b.lids)),
        props=tuple(props),
    )
