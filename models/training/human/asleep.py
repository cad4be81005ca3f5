"""Heads on desks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import arms as arm
from .draft import BARE, LYING, Draft
from .joints import about, facing, unit
from .skeleton import spine


def lie(d: Draft) -> None:
    """Head on the desk or on the arms: on a cheek, face down or on the chin."""
    rng, top = d.rng, d.desk.height
    way = str(rng.choice(["folded", "ring", "pillow", "lap", "chin"], p=[0.42, 0.18, 0.18, 0.1, 0.12]))
    under = {"folded": 0.085, "ring": 0.015, "pillow": 0.06, "lap": 0.005, "chin": 0.075}[way]
    size = d.bones.head
    if way == "chin":
        d.head = facing(rng.normal(0, 22), rng.normal(-4, 6), rng.normal(0, 9))
        height = 0.112 * size
    else:
        roll = rng.normal(0, 18) if rng.random() < 0.35 else np.sign(d.action.look[0]) * rng.uniform(50, 92)
        d.head = about(2, rng.normal(0, 12)) @ about(0, rng.uniform(68, 88)) @ about(2, roll)
        height = (0.095 - 0.018 * abs(np.sin(np.radians(roll)))) * size
    d.lids = 0.0 if rng.random() < 0.7 else 1.0
    middle = np.array([d.hips[0] + rng.normal(0, 0.05), d.edge - rng.uniform(0.04, 0.15), top + under + height])
    d.bend = rng.uniform(18, 38)
    d.turn += rng.normal(0, 9)
    d.lean[1], d.lean[2] = rng.normal(0, 4), rng.normal(0, 6)
    best = 9.0
    for y in np.linspace(-0.14, 0.1, 7):
        for lean in np.linspace(5, 75, 29):
            hips = np.array([d.hips[0], y, d.hips[2]])
            _, neck, _, _ = spine(
                d.bones,
                replace(BARE, hips=hips, turn=d.turn, lean=np.array([lean, d.lean[1], d.lean[2]]), bend=d.bend),
            )
            miss = (
                abs(float(np.linalg.norm(middle - neck)) - d.bones.neck)
                + 0.2 * max(middle[2] + 0.01 - neck[2], 0)
                + 0.03 * abs(y)
            )
            if miss < best:
                best, found = miss, (hips, lean, unit(middle - neck))
    d.hips, d.lean[0], d.neck = found
    x, y = middle[:2]
    over = int(rng.integers(2))
    shift = rng.normal(0, 0.025, (2, 2))

    def folded(_: arm.Trunk, side: int) -> arm.Reach:
        s = arm.sign(side)
        lift = 0.06 if side == over else 0.0
        wrist = np.array(
            [x - s * (0.09 + shift[side, 0]), y - 0.03 + shift[side, 1] - (0.0 if lift else 0.04), top + 0.034 + lift]
        )
        elbow = np.array([x + s * (0.26 + 2 * shift[side, 0]), y + 0.06 + 2 * shift[side, 1], top + 0.05])
        return arm.Reach(
            wrist, elbow, np.array([-s, -0.1 + 9 * shift[side, 1], -0.12]), np.array([0, 0, -1.0]), arm.LOOSE
        )

    ring = arm.held(
        np.array([0.05, y - 0.17, top + 0.034]),
        np.array([-1, -0.1, 0]),
        np.array([0, 0, -1.0]),
        arm.LOOSE,
        np.array([0.33, y + 0.02, top + 0.05]),
    )
    pillow = arm.held(
        np.array([0.06, y - 0.2, top + 0.034]),
        np.array([0.1, -1, 0]),
        np.array([-0.3, 0, -1.0]),
        arm.LOOSE,
        np.array([0.2, y + 0.1, top + 0.04]),
    )
    d.arms = {
        "folded": [folded, folded],
        "chin": [folded, folded],
        "ring": [ring, ring],
        "pillow": [pillow, arm.on_desk(rng, 0.24, 0.1)][:: int(rng.choice([-1, 1]))],
        "lap": [arm.lap(rng), arm.lap(rng)],
    }[way]
    other = rng.random()
    if other < 0.3:  # the other arm does something else
        d.arms[1 - over] = [arm.hang(rng), arm.on_desk(rng, 0.25, 0.22), arm.at_head(rng, "behind"), pillow][
            int(rng.integers(4))
        ]
    if rng.random() < 0.35:
        d.prop(
            str(rng.choice(["book", "notebook", "paper"])),
            (x + rng.normal(0, 0.06), max(y - 0.05, d.edge - d.desk.depth + 0.12), top + 0.002),
            about(2, rng.normal(0, 25)) @ LYING,
        )
