"""Clothes and the bare arms and legs in them: fields over the bones, folds where cloth gathers, patterns by color."""

from __future__ import annotations

import numpy as np

from .field import Field, box, surface
from .joints import frame, unit
from .kinds import Array, Part, Traits
from .mesh import normals, part, tube
from .noise import folds, noise
from .patterns import paint
from .skeleton import Bones, Joints

TRUNK, LEFT = 0, 1  # labels; the right sleeve is LEFT + 1
NECKLINE = 0.061  # metres, the radius of a top's opening for the neck
END = {"short": 0.62, "rolled": 1.25, "long": 1.95}  # where a sleeve ends, in bones from the shoulder


def along(j: Joints, side: int, t: float) -> Array:
    """The place (3,) t bones down an arm: 0 shoulder, 1 elbow, 2 wrist."""
    chain = (j.shoulder[side], j.elbow[side], j.wrist[side])
    i = min(int(t), 1)
    return chain[i] + (chain[i + 1] - chain[i]) * (t - i)


def _position(p: Array, j: Joints, side: int) -> Array:
    """How far down the arm each point (n,3) lies, in bones."""
    out, best = np.zeros(len(p)), np.full(len(p), np.inf)
    for i, (a, b) in enumerate(((j.shoulder[side], j.elbow[side]), (j.elbow[side], j.wrist[side]))):
        axis = b - a
        t = (p - a) @ axis / float(axis @ axis)
        t = np.clip(t, 0, 1) if i == 0 else np.clip(t, 0, 1.5)
        d = np.linalg.norm(p - a - t[:, None] * axis, axis=1)
        out, best = np.where(d < best, i + t, out), np.minimum(d, best)
    return out


def shell(traits: Traits, b: Bones, j: Joints) -> Field:
    """The field of the top: trunk, breast, belly, shoulders and sleeves."""
    w, s = b.wide, b.trunk / 0.485
    woman = traits.shape
    loose = {"hood": 0.012, "jacket": 0.012, "cardigan": 0.010}.get(traits.top, 0.005)
    thick = b.wide**0.7
    f = Field(0.055)
    p, c = j.pelvis, j.chest
    f.ellipsoid(
        j.hips + p @ np.array([0, 0.01, 0.03]), ((0.158 + 0.012 * woman) * w + loose, 0.112 * w + loose, 0.12 * s), p
    )
    belly = 0.03 if traits.build == "heavy" else 0.0
    f.ellipsoid(
        j.waist + p @ np.array([0, -belly * 0.8, -0.02]),
        ((0.142 - 0.018 * woman) * w + loose, 0.100 * w + belly * 0.7 + loose, 0.15 * s),
        p,
    )
    top = j.neck + c @ np.array([0, 0.012, -0.185 * s])
    f.ellipsoid(
        top, ((0.158 - 0.016 * woman) * (0.5 + 0.5 * w) * s + loose, 0.108 * (0.4 + 0.6 * w) + loose, 0.165 * s), c
    )
    if woman > 0.5:
        size = 0.05 * (0.7 + 0.3 * w)
        for x in (1, -1):
            f.ellipsoid(
                j.neck + c @ np.array([x * 0.072 * s, -0.075 * (0.4 + 0.6 * w), -0.235 * s]),
                (size * 1.1, size * 1.05, size),
                c,
                blend=0.05,
            )
    for i, x in ((0, 1), (1, -1)):
        inner = j.neck + c @ np.array([x * 0.045, 0.01, -0.035])
        f.cone(inner, j.shoulder[i], 0.046 * thick + loose, 0.049 * thick + loose, label=LEFT + i, blend=0.05)
        end = END[traits.sleeve]
        flare = 0.012 if traits.sleeve == "short" else 0.0
        f.cone(
            j.shoulder[i],
            along(j, i, min(end, 1.0)),
            0.049 * thick + loose,
            0.041 * thick + loose + flare,
            label=LEFT + i,
            blend=0.03,
        )
        if end > 1:  # a field of its own: the forearm joins its upper arm, but neither the trunk nor the other arm
            sleeve = Field(0.03)
            sleeve.cone(j.shoulder[i], j.elbow[i], 0.049 * thick + loose, 0.041 * thick + loose)
            sleeve.cone(
                j.elbow[i], along(j, i, end), 0.040 * thick + loose, (0.031 if end > 1.5 else 0.040) * thick + loose
            )
            f.shapes.append((sleeve, 1e-4, LEFT + i))
    return f


def _trimmed(v: Array, j: Joints, label: Array, down: list[Array], end: float) -> tuple[Array, Array]:
    """The top's vertices, cloth beyond hem, cuffs and neckline drawn back to them.

    And how far outside of the neckline each lies (n,), in metres, negative within.
    """
    v = v.copy()
    for side in (0, 1):
        a, b = (j.elbow[side], j.wrist[side]) if end > 1 else (j.shoulder[side], j.elbow[side])
        axis = unit(b - a)
        beyond = (v - along(j, side, end - 0.02)) @ axis
        far = (label == LEFT + side) & (down[side] > end - 0.15) & (beyond > 0)
        v -= np.where(far, beyond, 0.0)[:, None] * axis
    below = -((v - j.hips) @ j.pelvis[:, 2] + 0.055)
    v += np.where((label == TRUNK) & (below > 0), below, 0.0)[:, None] * j.pelvis[:, 2]
    middle = j.neck + j.chest @ np.array([0, -0.034, 0.022])
    q = (v - middle) @ j.chest
    r = np.linalg.norm(q * [1, 1, 0.8], axis=1)
    within = r < NECKLINE
    v = np.where(within[:, None], middle + (q * (NECKLINE / np.maximum(r, 1e-3))[:, None]) @ j.chest.T, v)
    return v, r - NECKLINE


def _sleeve(v: Array, j: Joints, b: Bones, side: int, t: Array, seed: int) -> tuple[Array, Array]:
    """The cloth's coordinates (n,3) of a sleeve's vertices t bones down the arm, and its creases (n,)."""
    arm = (j.shoulder[side], j.elbow[side], j.wrist[side])
    hinge = unit(np.cross(arm[1] - arm[0], arm[2] - arm[1]) + np.array([1e-3, 0, 0]))
    share = np.clip((t - 0.8) / 0.4, 0, 1)
    rest, creases = np.zeros((len(v), 3)), np.zeros(len(v))
    for i, w in ((0, 1 - share), (1, share)):
        axis = unit(arm[i + 1] - arm[i])
        q = (v - arm[i]) @ np.stack([hinge, np.cross(axis, hinge), axis], 1) + (0, 0, i * b.upper)
        creases += w * folds(q, seed, 0.05, unit([0.35, 0.25, 1.0]))
        rest += w[:, None] * q
    return rest - (0, 0, 0.1), creases


def top(traits: Traits, b: Bones, j: Joints, step: float) -> list[Part]:
    """The top with its folds, pattern and trim."""
    f = shell(traits, b, j)
    low, high = box(
        np.concatenate(
            [j.shoulder, j.elbow, j.wrist, j.hips[None], j.waist[None], j.neck[None], j.hips[None] - [0, 0, 0.07]]
        ),
        0.2,
    )
    vertices, faces = surface(f, low, high, step)
    v = vertices.astype(float)
    near = f.nearest(vertices, 3)
    label = near.argmin(0)
    down = [_position(v, j, side) for side in (0, 1)]
    end = END[traits.sleeve]
    n = normals(v, faces)
    v, neckline = _trimmed(v, j, label, down, end)
    keep = neckline > 0.0
    seed = traits.seed
    body = label == TRUNK
    local = (v - j.neck) @ j.chest
    rest = local.copy()
    heavy = {"hood": 1.25, "jacket": 1.2, "shirt": 1.0, "cardigan": 1.1}.get(traits.top, 0.85)
    low_part = np.clip((-local[:, 2] - 0.2) / 0.2, 0.15, 1.0)
    relief = 0.0095 * low_part * folds(local, seed, 0.085, unit([0.25, 0.2, 1.0]))
    relief += 0.0055 * folds(local, seed + 20, 0.06, unit([0.7, 0.1, -0.6]))
    for side in (0, 1):
        share = np.clip((near[TRUNK] - near[LEFT + side]) / 0.04 + 0.3, 0, 1) * (label != LEFT + 1 - side)
        on = np.flatnonzero(share > 0)
        t = down[side][on]
        cloth, creases = _sleeve(v[on], j, b, side, t, seed + 40 + side)
        bend = np.clip(1 - np.abs(t - 1.0) / 0.42, 0, 1) + 0.5
        bend += 0.8 * np.clip(1 - np.abs(t - end + 0.08) / 0.25, 0, 1) * (end > 1.5)
        relief[on] += share[on] * (0.0060 * bend * creases - relief[on])
        rest[on] = np.where((label[on] == LEFT + side)[:, None], cloth, rest[on])
    relief *= heavy
    edge = np.clip(neckline / 0.02, 0, 1)
    v = v + n * (relief * edge)[:, None] + n * 0.004 * ((neckline < 0.017) & (traits.top != "shirt"))[:, None]
    color = paint(traits, rest, local, body, down, end)
    color *= (1 + 18 * np.clip(relief, -0.012, 0.004) * edge)[:, None]
    color *= (1 + 0.05 * noise(v, seed, 0.012))[:, None]
    if traits.top in ("crew", "hood", "vneck", "polo", "turtleneck", "cardigan"):
        rib = (neckline < 0.019) | np.any(
            [(label == LEFT + s) & (down[s] > end - (0.16 if end > 1.5 else 0.06)) for s in (0, 1)], 0
        )
        color = np.where(
            rib[:, None],
            color * 0.4 + 0.6 * np.asarray(traits.colors[0 if traits.pattern == "plain" else 2]) * 0.9,
            color,
        )
    faces = faces[keep[faces].any(1)]
    return [part("top", v, faces, color, "cloth"), *_collar(traits, j)]


def _ring(j: Joints, radii: Array, heights: Array, color: Array, *, opened: float = 0.0, name: str = "collar") -> Part:
    """A band around the neck through circles of given radii and heights (metres), open in front by `opened` radians."""
    a = np.linspace(-np.pi / 2 + opened, 1.5 * np.pi - opened, 40)
    rows = []
    for r, z in zip(radii, heights, strict=True):
        rows.append(np.stack([r * np.cos(a), 0.94 * r * np.sin(a) - 0.006, z + 0.012 * np.sin(a)], 1))
    p = np.stack(rows).reshape(-1, 3)
    n = len(a)
    index = np.arange(len(p)).reshape(len(radii), n)
    q = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], -1).reshape(-1, 4)
    faces = np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]]).astype(np.int32)
    turn = frame(-j.chest[:, 1], unit(j.chest[:, 2] + 0.9 * unit(j.head - j.neck)))
    return part(name, j.neck + p @ turn.T, faces, color, "cloth")


def _collar(traits: Traits, j: Joints) -> list[Part]:
    ground, _, trim = (np.asarray(c) for c in traits.colors)
    if traits.top in ("shirt", "polo", "jacket"):
        color = ground if traits.top == "shirt" else trim
        return [
            _ring(
                j,
                np.array([0.058, 0.061, 0.066, 0.078, 0.092]),
                np.array([0.01, 0.045, 0.052, 0.03, -0.005]),
                color,
                opened=0.22,
            )
        ]
    if traits.top == "hood":
        return [
            _ring(
                j,
                np.array([0.066, 0.075, 0.098, 0.108, 0.095, 0.085]),
                np.array([0.01, 0.045, 0.05, 0.02, -0.02, -0.03]),
                ground * 0.95,
                opened=0.35,
            )
        ]
    if traits.top == "turtleneck":
        return [
            _ring(j, np.array([0.066, 0.060, 0.060, 0.064, 0.066]), np.array([-0.02, 0.03, 0.075, 0.078, 0.03]), ground)
        ]
    return []


def arms(traits: Traits, b: Bones, j: Joints) -> list[Part]:
    """The bare skin of arms, as tubes from within the sleeve to the wrist, and the neck."""
    out = []
    tone = np.asarray(traits.tone)
    thick = b.wide**0.6
    for side in (0, 1):
        start = max(END[traits.sleeve] - 0.25, 0.1)
        t = np.linspace(start, 2.03, 26)
        path = np.stack([along(j, side, min(float(v), 2.0)) for v in t])
        path[-1] = path[-2] + unit(path[-2] - path[-3]) * 0.012
        for _ in range(2):
            path[1:-1] = 0.25 * path[:-2] + 0.5 * path[1:-1] + 0.25 * path[2:]
        radius = (
            np.interp(t, [0, 0.45, 0.95, 1.25, 1.6, 1.9, 2.0], [0.045, 0.043, 0.037, 0.039, 0.032, 0.0250, 0.0185])
            * thick
        )
        v, faces = tube(path, radius, 14)
        color = tone * (1 + 0.05 * noise(v, traits.seed, 0.05))[:, None]
        out.append(part("arm", v, faces, color, "skin"))
    up = j.head - j.neck
    path = np.stack(
        [j.neck - up * 0.25 - j.chest[:, 2] * 0.02, j.neck, j.neck + up * 0.35, j.head - up * 0.3, j.head - up * 0.05]
    )
    path = np.stack([np.interp(np.linspace(0, 4, 15), np.arange(5), path[:, k]) for k in range(3)], 1)
    radius = (
        np.interp(np.linspace(0, 1, 15), [0, 0.3, 0.6, 1.0], [0.068, 0.056, 0.052, 0.052])
        * (0.97 - 0.06 * traits.shape)
        * (0.6 + 0.4 * b.wide)
    )
    v, faces = tube(path, radius, 20)
    shade = 1 - 0.18 * np.clip(1 - np.linalg.norm(v - j.head, axis=1) / 0.14, 0, 1)
    out.append(
        part("neck", v, faces, tone * shade[:, None] * (1 + 0.04 * noise(v, traits.seed, 0.04))[:, None], "skin")
    )
    return out


def legs(traits: Traits, b: Bones, j: Joints, step: float) -> list[Part]:
    """Trousers and shoes."""
    w = b.wide
    f = Field(0.05)
    f.ellipsoid(
        j.hips + j.pelvis @ np.array([0, 0.01, 0.01]), ((0.152 + 0.014 * traits.shape) * w, 0.108 * w, 0.115), j.pelvis
    )
    for i in (0, 1):
        f.cone(j.hip[i], j.knee[i], 0.084 * w, 0.060 * w**0.5, blend=0.04)
        f.cone(j.knee[i], j.ankle[i], 0.060 * w**0.5, 0.048, blend=0.03)
    low, high = box(np.concatenate([j.hip, j.knee, j.ankle, j.hips[None]]), 0.2)
    vertices, faces = surface(f, low, high, step * 1.5)
    v = vertices.astype(float)
    n = normals(v, faces)
    relief = 0.0042 * folds(v - j.hips, traits.seed + 60, 0.09, unit([0.3, 0.4, 1.0]))
    color = (
        np.asarray(traits.legs) * (1 + 20 * np.clip(relief, -0.01, 0.003) + 0.08 * noise(v, traits.seed, 0.02))[:, None]
    )
    out = [part("trousers", v + n * relief[:, None], faces, color, "cloth")]
    for i in (0, 1):
        toes = unit((j.knee[i] - j.hip[i]) * [1, 1, 0] + (j.knee[i] - j.ankle[i]) * [0.3, 0.3, 0] - [0, 1e-3, 0])
        shoe = Field(0.03)
        floor = j.ankle[i] * [1, 1, 0] + [0, 0, 0.04]
        shoe.cone(floor - toes * 0.05, floor + toes * 0.13 - [0, 0, 0.008], 0.038, 0.032)
        shoe.cone(j.ankle[i], floor, 0.043, 0.04)
        low, high = box(np.stack([j.ankle[i], floor - toes * 0.05, floor + toes * 0.13]), 0.06)
        v, faces = surface(shoe, low, high, 0.016)
        v[:, 2] = np.maximum(v[:, 2], 0.002)
        out.append(part("shoe", v, faces, np.asarray(traits.shoes) * np.where(v[:, 2:] < 0.02, 0.6, 1.0), "leather"))
    return out
