"""What is worn on the head: glasses, scarf, cap, turban."""

from __future__ import annotations

import numpy as np

from .field import Field, surface
from .head import Face, Skull
from .joints import unit
from .kinds import Array, Part, Traits
from .mesh import grid_faces, normals, part, tube
from .noise import folds, noise


def glasses(traits: Traits, shape: Face) -> list[Part]:
    """Two rims, a bridge and temples."""
    rng = np.random.default_rng(traits.seed + 21)
    style = traits.frame
    power, wide, high = {
        "square": (3.2, 0.0255, 0.0175),
        "round": (2.0, 0.0225, 0.0215),
        "thin": (2.6, 0.0255, 0.0165),
        "thick": (4.0, 0.0265, 0.0195),
        "half": (2.8, 0.0260, 0.0170),
    }[style]
    bold = {"square": 0.0016, "round": 0.0012, "thin": 0.0008, "thick": 0.0026, "half": 0.0014}[style]
    color = np.asarray(
        [
            (0.01, 0.01, 0.01),
            (0.02, 0.012, 0.008),
            (0.10, 0.04, 0.015),
            (0.25, 0.25, 0.26),
            (0.3, 0.2, 0.08),
            (0.09, 0.01, 0.015),
        ][int(rng.integers(6))]
    )
    out = []
    a = np.linspace(0, 2 * np.pi, 29)
    front_y = shape.eye[1] - 0.0235
    for s in (1, -1):
        c, d = np.cos(a), np.sin(a)
        x = s * (shape.eye[0] + 0.001) + wide * np.sign(c) * np.abs(c) ** (2 / power)
        z = shape.eye[2] - 0.003 + high * np.sign(d) * np.abs(d) ** (2 / power)
        path = np.stack([x, front_y + 3.0 * (np.abs(x) - 0.03).clip(0) ** 2 * 4, z], 1)
        keep = path if style != "half" else path[d > -0.25]
        v, f = tube(keep, bold * (1.4 if style != "thin" else 1.0), 6)
        out.append(part("glasses", v, f, color, "plastic"))
        hinge = np.array([s * (shape.eye[0] + wide), front_y + 0.004, shape.eye[2] + 0.006])
        ear = shape.ear * [s, 1, 1] + [s * 0.004, 0.0, 0.026]
        v, f = tube(
            np.stack([hinge, hinge * 0.4 + ear * 0.6 + [s * 0.002, 0, 0.002], ear, ear - (0, -0.014, 0.022)]),
            bold * 1.3,
            6,
        )
        out.append(part("glasses", v, f, color, "plastic"))
    t = np.linspace(-1, 1, 7)
    gap = shape.eye[0] - wide + 0.001
    v, f = tube(
        np.stack([t * gap, np.full(7, front_y - 0.001), shape.eye[2] + 0.003 + 0.003 * (1 - t**2)], 1), bold * 1.2, 6
    )
    return [*out, part("glasses", v, f, color, "plastic")]


def cap(traits: Traits, base: Skull) -> list[Part]:
    """A cap with a visor in front or behind, a knitted hat or a bucket hat."""
    rng = np.random.default_rng(traits.seed + 22)
    knitted, back = traits.wrap == "knitted", traits.wrap == "backwards"
    p, n, faces = base.points, base.normals, base.faces
    line = 0.050 - 0.055 * np.clip((p[:, 1] + 0.09) / 0.19, 0, 1) + (0.004 if knitted else 0.0)
    inside = p[:, 2] - line
    color = np.tile(np.asarray(traits.cover_color), (len(p), 1))
    azimuth = np.arctan2(p[:, 0], -p[:, 1])
    if knitted:
        rib = np.sin(azimuth * 46)
        thick = 0.014 + 0.0015 * rib + 0.006 * (inside < 0.045)
        color *= (1 + 0.16 * rib)[:, None]
    else:
        seam = np.abs(np.sin(azimuth * 3)) < 0.06
        thick = 0.012 + 0.010 * np.clip(inside / 0.06, 0, 1)
        color *= np.where(seam, 0.6, 1.0)[:, None]
        logo = (np.abs(azimuth) < 0.25) & (np.abs(inside - 0.03) < 0.013) & (rng.random() < 0.6)
        color = np.where(logo[:, None], np.asarray(traits.colors[1]), color)
    color *= (1 + 0.06 * noise(p, traits.seed, 0.01))[:, None]
    q = p + n * np.where(inside > 0, thick, -0.004)[:, None]
    out = [part("cap", q, faces[(inside > -0.003)[faces].any(1)], color, "cloth")]
    if traits.wrap == "bucket":
        out.append(_brim(traits))
    elif not knitted:
        u, v = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(0, 1, 6), indexing="ij")
        x = u * 0.072
        y = (
            -0.098 * np.sqrt(np.clip(1 - (0.92 * u) ** 2, 0, 1))
            - 0.004
            - v * 0.068 * np.sqrt(np.clip(1 - u**2, 0, 1)) ** 0.7
        )
        z = 0.054 - 0.016 * u**2 * 1.3 - 0.016 * v**1.5
        points = np.stack([x, y, z], -1).reshape(-1, 3) * ([-1, -1, 1] if back else [1, 1, 1]) - [
            0,
            0,
            0.05 if back else 0.0,
        ]
        both = grid_faces(21, 6)
        thick_points = np.concatenate([points, points - [0, 0, 0.003]])
        out.append(
            part(
                "visor",
                thick_points,
                np.concatenate([both, both[:, ::-1] + len(points)]),
                np.asarray(traits.cover_color) * 0.85,
                "cloth",
            )
        )
    return out


def _brim(traits: Traits) -> Part:
    """The brim of a bucket hat."""
    a, v = np.meshgrid(np.linspace(0, 2 * np.pi, 40, endpoint=False), np.linspace(0, 1, 6), indexing="ij")
    wide = 1.0 + 0.45 * v
    p = np.stack(
        [0.086 * wide * np.sin(a), 0.104 * wide * np.cos(a) + 0.012, 0.028 - 0.024 * np.cos(a) - 0.032 * v], -1
    )
    index = np.concatenate([p.transpose(1, 0, 2).reshape(-1, 3), (p - (0, 0, 0.003)).transpose(1, 0, 2).reshape(-1, 3)])
    both = grid_faces(6, 40, closed=True)
    stitched = np.asarray(traits.cover_color) * (0.85 - 0.2 * (np.arange(240) // 40 % 2))[:, None]
    return part("brim", index, np.concatenate([both, both[:, ::-1] + 240]), np.tile(stitched, (2, 1)), "cloth")


def turban(traits: Traits, base: Skull) -> list[Part]:
    """A wrapped cloth: bands that cross above the forehead."""
    p, n, faces = base.points, base.normals, base.faces
    held = 0.012 * np.cos(np.arctan2(p[:, 0], -p[:, 1]) * 2)
    inside = p[:, 2] - (0.044 - 0.045 * np.clip((p[:, 1] + 0.09) / 0.19, 0, 1) + 0.4 * held * (p[:, 1] < 0))
    slope = p[:, 2] - (
        0.55 * np.abs(p[:, 0]) * np.clip(-p[:, 1] / 0.09, -0.3, 1) if traits.wrap == "crossed" else 0.35 * p[:, 0]
    )
    band = slope / (0.0165 if traits.wrap == "crossed" else 0.023) + 0.25 * noise(p, traits.seed, 0.05)
    ridge = np.abs(np.sin(band * np.pi)) ** 0.6
    thick = 0.016 + 0.026 * np.clip(inside / 0.03, 0, 1) * np.clip(1.25 - inside / 0.13, 0.35, 1) + 0.0075 * ridge
    color = np.asarray(traits.cover_color) * (0.62 + 0.45 * ridge + 0.05 * noise(p, traits.seed, 0.01))[:, None]
    q = p + n * np.where(inside > 0, thick, -0.004)[:, None]
    return [part("turban", q, faces[(inside > -0.003)[faces].any(1)], color, "cloth")]


def scarf(traits: Traits, shoulders: Field | None, place: Array, turn: Array, step: float) -> list[Part]:
    """A headscarf that leaves the face bare and lies on neck and shoulders.

    Built in the person's frame: `place` (3,) and `turn` (3,3) are the head's; the result is in the head's frame.
    """
    f = Field(0.035)
    f.ellipsoid(np.array([0, 0.016, 0.028]), (0.090, 0.108, 0.098))
    f.ellipsoid(np.array([0, -0.012, -0.04]), (0.077, 0.078, 0.082))
    f.cone(np.array([0, 0.01, -0.06]), np.array([0, 0.0, -0.155]), 0.076, 0.09)
    f.ellipsoid(np.array([0, -0.01, -0.185]), (0.125, 0.105, 0.05), blend=0.06)
    v32, faces = surface(f, np.array([-0.17, -0.16, -0.28]), np.array([0.17, 0.17, 0.15]), step)
    v = v32.astype(float)
    n = normals(v, faces)
    around = np.stack([np.arctan2(v[:, 0], -v[:, 1]) * 0.09, v[:, 1] * 0.3, v[:, 2]], 1)
    relief = (
        0.0065
        * folds(around, traits.seed + 30, 0.038, unit([0.55, 0.0, 1.0]))
        * np.clip((0.06 - v[:, 2]) / 0.1, 0.25, 1)
    )
    color = (
        np.asarray(traits.cover_color)
        * (1 + 26 * np.clip(relief, -0.012, 0.006) + 0.05 * noise(v, traits.seed, 0.01))[:, None]
    )
    if traits.wrap == "pinned":
        color = np.where(
            (np.sin(around[:, 2] * 160 + 2 * noise(v, traits.seed, 0.03)) > 0.6)[:, None],
            np.asarray(traits.colors[1]),
            color,
        )
    middle, wide, high = (-0.028, 0.070, 0.102) if traits.wrap == "loose" else (-0.020, 0.060, 0.083)
    r = np.hypot(v[:, 0] / wide, (v[:, 2] - middle) / high)
    opening = (r < 1) & (v[:, 1] < -0.01)
    v = v + n * (relief * np.clip((r - 1) * 3, 0, 1))[:, None]
    rim = np.where(opening, 1 / np.maximum(r, 0.05), 1.0)  # cloth within the opening is drawn back to its edge
    v[:, 0] *= rim
    v[:, 2] = (v[:, 2] - middle) * rim + middle
    if shoulders is not None:
        world = (v @ turn.T + place).astype(np.float32)
        d = shoulders(world)
        under = (d < 0.008) & (v[:, 2] < -0.09)
        v = np.where(under[:, None], v + n * np.clip(0.008 - d, 0, 0.03)[:, None], v)
    return [part("scarf", v, faces[~opening[faces].all(1)], color, "cloth")]
