"""A hand with five fingers that curl, as a mesh in the hand's frame."""

from __future__ import annotations

import numpy as np

from .field import Field, box, surface
from .joints import about
from .kinds import Array, Part, Traits
from .mesh import moved, part
from .noise import noise

# of each finger the knuckle (thumb side, along, back), length and radius in metres
FINGERS = (
    ((0.030, 0.092, 0.002), 0.072, 0.0082),
    ((0.008, 0.098, 0.004), 0.080, 0.0085),
    ((-0.013, 0.093, 0.002), 0.073, 0.0080),
    ((-0.032, 0.083, -0.002), 0.057, 0.0070),
)
SHARES = (0.5, 0.29, 0.21)  # of a finger's three bones (Buryanov and Kotiuk 2010, rounded)


def _field(grip: Array) -> tuple[Field, Array]:
    f = Field(0.012)
    tips = []
    for x0, x1, r in ((0.018, 0.03, 0.0125), (0.006, 0.008, 0.0135), (-0.006, -0.013, 0.0135), (-0.015, -0.03, 0.0115)):
        f.cone(np.array([x0, 0.012, 0]), np.array([x1, 0.083, 0.001]), 0.0145, r)
    f.cone(np.array([0, -0.03, 0]), np.array([0, 0.015, 0]), 0.0175, 0.0205)
    for (knuckle, length, radius), curl in zip(FINGERS, grip[1:], strict=True):
        p, angle = np.array(knuckle), 4.0
        for i, share in enumerate(SHARES):
            angle += float(curl) * (78, 88, 55)[i]
            q = p + about(0, -angle) @ np.array([-knuckle[0] * 0.12, 1, 0]) * (length * share)
            f.cone(p, q, radius * (1 - 0.09 * i), radius * (0.91 - 0.09 * i), blend=0.004)
            p = q
        tips.append(p)
    curl = float(grip[0])
    base, way = np.array([0.022, 0.022, -0.006]), np.array([0.78 - 0.35 * curl, 0.62, -0.12 - 0.5 * curl])
    middle = base + way / np.linalg.norm(way) * 0.045
    f.cone(base, middle, 0.0155, 0.0105, blend=0.014)
    way = way + np.array([-0.35 - 0.6 * curl, 0.35, -0.15 - 0.25 * curl])
    tip = middle + way / np.linalg.norm(way) * 0.042
    f.cone(middle, tip, 0.0102, 0.0080, blend=0.004)
    tips.append(tip)
    return f, np.stack(tips)


def hand(
    traits: Traits, grip: Array, side: int, wrist: Array, fingers: Array, palm: Array, size: float, step: float
) -> Part:
    """The left (0) or right (1) hand at a wrist (3,), pointing along `fingers`, its palm facing `palm`."""
    f, tips = _field(grip)
    low, high = box(np.concatenate([tips, [[-0.045, -0.05, 0.0], [0.045, 0.09, 0.0]]]), 0.024)
    vertices, faces = surface(f, low, high, step)
    v = vertices.astype(float)
    tone = np.asarray(traits.tone)
    color = tone * (1 + 0.05 * noise(v, traits.seed, 0.03))[:, None]
    inner = np.clip(-v[:, 2] / 0.012, 0, 1)[:, None]
    color = color * (1 - 0.55 * inner) + inner * 0.55 * np.minimum(
        tone * (1.25, 1.15, 1.12) + (0.07, 0.035, 0.025), 0.8
    )
    red = np.exp(-(((v - tips[:, None]) / 0.016) ** 2).sum(-1)).sum(0)[:, None]
    color *= 1 + red * (0.12, -0.05, -0.03)
    crease = np.abs(np.sin(v[:, 0] * 150 + 1.2)) ** 8 * (v[:, 1] > 0.085)
    color *= 1 - 0.14 * crease[:, None]
    s = 1.0 if side == 1 else -1.0
    turn = np.stack([s * np.cross(fingers, palm), fingers, -palm], 1) * size
    return moved(part("hand", v, faces, color, "skin"), wrist, turn)
