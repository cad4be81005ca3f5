"""A head: skull and face as a distance field, its skin as a mesh shot from within.

The head's frame: left, back, up; the origin in the middle between the ears. Sizes are those of an adult (head breadth
15.2 cm, length 19.3 cm, chin to crown 23 cm), varied by ten proportions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .field import Field
from .kinds import Array, Part, Traits
from .mesh import Faces, grid_faces, normals, part
from .noise import noise

MIDDLE = np.array([0.0, -0.005, -0.025])  # where the rays of the skin's mesh start
EYE = np.array([0.0315, -0.0722, 0.004])  # the left eyeball's middle
MOUTH = -0.070


@dataclass(frozen=True)
class Face:
    """The distance field of a head and the places that others build on."""

    field: Field
    eye: Array  # (3,) of the left one
    nose: Array  # (3,) its tip
    ear: Array  # (3,) of the left one
    mouth: float  # its height


def face(traits: Traits) -> Face:
    """The shape of a person's head."""
    wide, jaw, long, broad, _, _, apart, _, chin, cheek = (np.asarray(traits.face) * 0.5).tolist()
    man = 1 - traits.shape
    full = {"slim": 0.93, "medium": 1.0, "heavy": 1.12}[traits.build]
    w = 1 + 0.03 * wide
    f = Field(0.022)
    f.ellipsoid(np.array([0, 0.014, 0.032]), (0.0755 * w, 0.095, 0.083))
    f.ellipsoid(np.array([0, -0.028, 0.012]), (0.0655 * w, 0.064, 0.07))
    f.ellipsoid(np.array([0, -0.026, -0.04]), (0.056 * w * full**0.5, 0.060, 0.062))
    jaw_x = (0.047 + 0.004 * man + 0.003 * jaw) * full**0.6
    point = np.array([0, -0.066 - 0.004 * man, -0.100 - 0.004 * man - 0.004 * chin])
    for s in (1, -1):
        f.cone(
            np.array([s * jaw_x, 0.004, -0.052]),
            point - (-s * (0.009 + 0.004 * man), 0, 0),
            0.020,
            0.0165 * full**0.4,
            blend=0.03,
        )
        f.ellipsoid(np.array([s * 0.040 * w, -0.055, -0.022]), (0.024, 0.026, 0.022 + 0.002 * cheek), blend=0.024)
        f.ellipsoid(np.array([s * 0.033, -0.057, -0.048]), (0.022 * full, 0.026, 0.028), blend=0.024)
    ridge = 0.0795 + 0.0025 * man
    f.cone(
        np.array([0.036, -ridge + 0.012, 0.023]), np.array([-0.036, -ridge + 0.012, 0.023]), 0.0125, 0.0125, blend=0.02
    )
    f.ellipsoid(np.array([0, -0.071, MOUTH]), (0.026, 0.021, 0.022), blend=0.02)
    eye = EYE - (-0.0012 * apart, 0, 0)
    for s in (1, -1):
        f.ellipsoid(eye * [s, 1, 1] + [s * -0.002, -0.0185, 0.0], (0.019, 0.013, 0.0115), blend=-0.012)
    for s in (1, -1):
        f.ellipsoid(eye * [s, 1, 1], (0.0142, 0.0129, 0.0129), blend=0.004)
    tip = np.array([0, -0.1065 - 0.003 * long, -0.0345 - 0.003 * long])
    f.cone(np.array([0, -0.0805, 0.012]), tip - (0, -0.0035, -0.004), 0.0075, 0.0098 + 0.001 * broad, blend=0.012)
    f.ellipsoid(tip, (0.0105 + 0.001 * broad, 0.0095, 0.0088), blend=0.006)
    for s in (1, -1):
        f.ellipsoid(
            np.array(
                [
                    s * (0.0125 + 0.002 * broad + (0.003 if traits.skin == "dark" else 0)),
                    tip[1] + 0.0155,
                    tip[2] - 0.0025,
                ]
            ),
            (0.0075, 0.010, 0.0075),
            blend=0.006,
        )
    return Face(f, eye, tip - (0, 0.009, 0), np.array([0.074 * w, 0.014, -0.004]), MOUTH)


def shoot(f: Field, origin: Array, ways: Array, start: float, steps: int = 9) -> Array:
    """Where rays (n,3) towards `origin` (3,) or origins (n,3), from `start` metres out, meet the surface: (n,3)."""
    t = np.full(len(ways), start)
    for _ in range(steps):
        p = origin + ways * t[:, None]
        t = np.maximum(t - 0.95 * f(p.astype(np.float32)), 0.0)
    return np.asarray(origin + ways * t[:, None])


def front(f: Field, x: Array, z: Array) -> Array:
    """The points (n,3) of the face at given x and z, seen from the front."""
    base = np.stack([x, np.full_like(x, 0.0), z], 1)
    return shoot(f, base, np.tile([0.0, -1.0, 0.0], (len(x), 1)), 0.15)


def rays(rows: int, columns: int) -> Array:
    """Directions (rows, columns, 3), densest at the face."""
    s = np.linspace(-1, 1, columns, endpoint=False)
    azimuth = np.pi * (0.42 * s + 0.58 * s**3)
    t = np.linspace(-1, 1, rows)
    elevation = np.pi / 2 * (0.62 * t + 0.38 * t**3)
    e, a = np.meshgrid(elevation, azimuth, indexing="ij")
    return np.stack([np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)], -1)


def _spot(p: Array, x: float, y: float, z: float, size: float) -> Array:
    """A soft spot (n,1), the same on both sides."""
    q = np.abs(p[:, 0]) - x
    return np.exp(-(q**2 + (p[:, 1] - y) ** 2 + (p[:, 2] - z) ** 2) / size**2)[:, None]


def complexion(traits: Traits, shape: Face, p: Array) -> Array:
    """The colors (n,3) of the skin at points of the head."""
    tone = np.asarray(traits.tone)
    c = (
        np.tile(tone, (len(p), 1))
        * (1 + 0.035 * noise(p, traits.seed, 0.02) + 0.04 * noise(p, traits.seed + 5, 0.006))[:, None]
    )
    red = 0.10 + 0.16 * np.random.default_rng(traits.seed).random()
    warm = (
        _spot(p, 0.042, -0.07, -0.035, 0.022)
        + 0.8 * _spot(p, 0, shape.nose[1], shape.nose[2], 0.014)
        + 0.5 * _spot(p, 0.078, 0.015, 0.0, 0.03)
    )
    c *= 1 + warm * np.array([red, -0.5 * red, -0.45 * red])
    c *= 1 + 0.10 * _spot(p, 0, -0.085, 0.055, 0.035)
    e = shape.eye
    socket = _spot(p, e[0], e[1] - 0.013, e[2] + 0.012, 0.011) + 0.8 * _spot(
        p, e[0] - 0.013, e[1] - 0.01, e[2] + 0.002, 0.008
    )
    c *= 1 - 0.26 * np.clip(socket, 0, 1) * np.array([0.9, 1.05, 1.05])
    c *= 1 - (0.10 + 0.16 * traits.age) * _spot(p, e[0], e[1] - 0.012, e[2] - 0.014, 0.009)
    c *= 1 - 0.72 * np.clip(1.4 * _spot(p, 0.0068, shape.nose[1] + 0.0125, shape.nose[2] - 0.0085, 0.0048), 0, 1)
    crease = (
        np.exp(-(((np.abs(p[:, 0]) - (0.019 + (shape.nose[2] - p[:, 2]) * 0.36)) / 0.004) ** 2))
        * (p[:, 1] < -0.05)
        * (p[:, 2] < shape.nose[2] + 0.004)
        * (p[:, 2] > shape.mouth - 0.004)
    )
    c *= 1 - (0.08 + 0.2 * traits.age) * crease[:, None]
    c *= 1 - 0.22 * _spot(p, 0, -0.082, shape.mouth - 0.0165, 0.010)
    if traits.age > 0.5:
        lines = (
            np.abs(np.sin(p[:, 2] * 520 + noise(p, traits.seed, 0.03))) ** 6
            * np.exp(-(((p[:, 2] - 0.055) / 0.02) ** 2))
            * (p[:, 1] < -0.05)
        )
        c *= 1 - 0.2 * (traits.age - 0.3) * lines[:, None]
    c *= 1 - 0.35 * np.clip((-0.085 - p[:, 2]) / 0.03, 0, 1)[:, None] * (p[:, 1] > -0.065)[:, None]
    if traits.beard != "none":
        where = bearded(traits, shape, p)
        thick = {"stubble": 0.45, "moustache": 0.7, "full": 0.85}[traits.beard]
        c = c * (1 - thick * where[:, None]) + thick * where[:, None] * (
            (0.4 if traits.beard == "stubble" else 0.12) * tone + 0.6 * np.asarray(traits.hair_color)
        )
    return c


def bearded(traits: Traits, shape: Face, p: Array) -> Array:
    """How thickly a beard grows (n,), 0..1."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    lip = np.exp(-(((z - shape.mouth - 0.0145) / 0.0055) ** 2)) * (x < 0.031) * (y < -0.05)
    line = -0.048 - 0.018 * np.exp(-(((x - 0.03) / 0.016) ** 2)) + 0.05 * np.clip((y + 0.035) / 0.05, 0, 1)
    under = np.clip((line - z) / 0.008, 0, 1) * (y < 0.022) * np.clip((0.02 - y) / 0.012, 0, 1)
    bare = np.exp(-((x / 0.028) ** 4) - (((z - shape.mouth) / 0.0125) ** 4)) * (y < -0.05)
    return np.clip(lip if traits.beard == "moustache" else np.maximum(under * (1 - bare), lip), 0, 1)


@dataclass(frozen=True)
class Skull:
    """The head's surface as a mesh: points (n,3), their normals, and faces (m,3)."""

    points: Array
    normals: Array
    faces: Faces


def skull(shape: Face, detail: float) -> Skull:
    """The mesh that skin, hair and covers are built on; `detail` 1 is 80 x 104 points."""
    rows, columns = int(80 * detail**0.5), int(104 * detail**0.5)
    points = shoot(shape.field, MIDDLE, rays(rows, columns).reshape(-1, 3), 0.17)
    faces = grid_faces(rows, columns, closed=True)
    return Skull(points, normals(points, faces), faces)


def skin(traits: Traits, shape: Face, base: Skull) -> Part:
    """The head's skin."""
    return part("head", base.points, base.faces, complexion(traits, shape, base.points), "skin")
