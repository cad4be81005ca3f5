"""A head: skull and face as a distance field, its skin as a mesh shot from within, eyes, brows, lips and ears on it.

The head's frame: left, back, up; the origin in the middle between the ears. Sizes are those of an adult (head breadth
15.2 cm, length 19.3 cm, chin to crown 23 cm), varied by ten proportions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .field import Field
from .joints import unit
from .kinds import Array, Part, Pose, Traits
from .mesh import grid_faces, normals, part
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


def shoot(f: Field, origin: Array, ways: Array, start: float, steps: int = 11) -> Array:
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
        c = c * (1 - 0.6 * where[:, None]) + 0.6 * where[:, None] * (
            0.6 * tone * 0.55 + 0.4 * np.asarray(traits.hair_color)
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


def skin(traits: Traits, shape: Face, rows: int = 80, columns: int = 104) -> Part:
    """The head's skin."""
    ways = rays(rows, columns).reshape(-1, 3)
    p = shoot(shape.field, MIDDLE, ways, 0.17)
    return part("head", p, grid_faces(rows, columns, closed=True), complexion(traits, shape, p), "skin")


def eyes(traits: Traits, shape: Face, pose: Pose) -> list[Part]:
    """Eyeballs as far as the lids leave them bare, with iris and pupil turned to the gaze, and the lashes' lines."""
    size = 1 + 0.06 * traits.face[5] * 0.5 + 0.05 * traits.shape
    lids = float(np.clip(pose.lids, 0, 1.15))
    u, v = np.meshgrid(np.linspace(-1, 1, 25), np.linspace(-1, 1, 15), indexing="ij")
    upper, lower = 0.0050 * size * lids - 0.0035 * (1 - lids), 0.0041 * size
    tilt = 0.0008 * (1 + traits.face[6] * 0.5)
    out = []
    lash = np.array([0.012, 0.008, 0.006]) + 0.05 * np.asarray(traits.tone)
    for s in (1, -1):
        arch = np.sqrt(np.clip(1 - u**2, 0, 1))
        z = np.where(v > 0, v * upper * arch**1.1, v * lower * arch**1.4) + tilt * u
        x = u * 0.0142 * size
        if lids < 0.12:
            z = -0.0035 * arch + v * 0.0006
        edge = [s * x, -np.sqrt(np.maximum(0.0136**2 - 0.86 * x**2 - z**2, 1e-6)), z]
        p = np.stack(edge, -1).reshape(-1, 3)
        yaw, pitch = np.clip(np.radians(pose.eyes), -0.5, 0.5)
        iris = np.stack([p[:, 0] - 0.0125 * np.sin(yaw), p[:, 2] - 0.0125 * np.sin(pitch)], 1)
        r = np.linalg.norm(iris, axis=1)
        white = np.array([0.60, 0.57, 0.54]) * (1 - 0.12 * np.abs(u).reshape(-1, 1))
        ring = np.asarray(traits.eye_color) * (0.7 + 0.5 * np.clip((0.0057 - r) / 0.004, 0, 1))[:, None]
        c = np.where((r < 0.0060 * size)[:, None], ring, white)
        c = np.where((np.abs(r - 0.0057 * size) < 0.0006)[:, None], ring * 0.4, c)
        c = np.where((r < 0.0025)[:, None], 0.004, c)
        c *= 1 - 0.5 * np.clip((v.reshape(-1, 1) - 0.45) / 0.55, 0, 1)
        c = np.where((np.linalg.norm(iris - [-0.0016, 0.0022], axis=1) < 0.0009)[:, None], 0.9, c)
        if lids < 0.12:
            c = np.tile(lash, (len(p), 1))
        pin = (np.abs(u) > 0.93).reshape(-1, 1) & (u * 1 < 0).reshape(-1, 1)
        c = np.where(pin, np.array([0.5, 0.22, 0.18]), c)
        faces = grid_faces(25, 15)
        place = shape.eye * [s, 1, 1]
        out.append(part("eye", p + place, faces if s < 0 else faces[:, ::-1], c, "eye"))
        if lids >= 0.12:
            w = np.linspace(-1, 1, 15)
            a = np.sqrt(np.clip(1 - w**2, 0, 1))
            thick = 0.0007 + 0.0007 * a + 0.0006 * traits.shape * np.clip(w + 0.3, 0, 1)
            low = upper * a**1.1 + tilt * w - 0.0003
            rows = []
            for z1, lift in ((low, 0.0), (low + thick, 0.0009), (low + thick * 1.3, -0.0003)):
                x1 = w * 0.0146 * size
                rows.append(
                    np.stack([s * x1, -np.sqrt(np.maximum(0.0139**2 - 0.86 * x1**2 - z1**2, 1e-6)) - lift, z1], -1)
                )
            faces = grid_faces(3, 15)
            out.append(
                part("lashes", np.stack(rows).reshape(-1, 3) + place, faces if s > 0 else faces[:, ::-1], lash, "hair")
            )
    return out


def brows(traits: Traits, shape: Face) -> list[Part]:
    """Eyebrows as strips of hairs on the skin."""
    f = traits.face
    man = 1 - traits.shape
    out = []
    u, v = np.meshgrid(np.linspace(0, 1, 22), np.linspace(-1, 1, 6), indexing="ij")
    rng = np.random.default_rng(traits.seed + 3)
    for s in (1, -1):
        x = shape.eye[0] - 0.0165 + 0.041 * u
        arch = (0.0035 + 0.0025 * traits.shape) * np.sin(
            np.pi * np.clip(u * 0.85 + 0.02, 0, 1)
        ) ** 1.2 - 0.0045 * np.clip(u - 0.7, 0, 1)
        thick = (0.0026 + 0.0014 * man + 0.0004 * f[7]) * (0.75 + 0.5 * u) * np.clip((1.02 - u) / 0.4, 0.12, 1)
        z = (
            shape.eye[2]
            + 0.0208
            - 0.0015 * u
            + 0.0012 * f[7] * 0.5
            - 0.001 * man
            + arch
            + v * thick
            + rng.normal(0, 0.0003, u.shape)
        )
        p = front(shape.field, (s * x).ravel(), z.ravel())
        p[:, 1] -= 0.0004 + 0.0013 * (1 - v.ravel() ** 2)
        streak = 0.7 + 0.6 * rng.random(u.shape)
        hair = np.clip(np.asarray(traits.hair_color), 0.008, 0.16) * (0.8, 0.72, 0.64)
        cover = np.clip(1.25 - 0.85 * np.abs(v) ** 2, 0, 1) * np.clip(u / 0.08 + 0.35, 0, 1)
        color = hair * streak[..., None] * cover[..., None] + complexion(traits, shape, p).reshape(22, 6, 3) * (
            1 - cover[..., None]
        )
        faces = grid_faces(22, 6)
        out.append(part("brow", p, faces if s < 0 else faces[:, ::-1], color.reshape(-1, 3), "hair"))
    return out


def lips(traits: Traits, shape: Face, pose: Pose) -> Part:
    """Upper and lower lip with the line between them, teeth or dark between them where the mouth is open."""
    gape, smile = (0.0, 0.0) if pose.mouth is None else (float(v) for v in pose.mouth)
    full = 1 + 0.13 * traits.face[4] * 0.5 + (0.22 if traits.skin == "dark" else 0.0) + 0.08 * traits.shape
    half = 0.0245 * (1 + 0.12 * smile + 0.03 * traits.face[3] * 0.5)
    u, v = np.meshgrid(np.linspace(-1, 1, 27), np.linspace(-1, 1, 19), indexing="ij")
    arch = np.clip(1 - u**2, 0, 1)
    bow = (
        0.0065
        * full
        * arch**0.7
        * (1 - 0.18 * np.exp(-((u / 0.12) ** 2)) + 0.1 * np.exp(-(((np.abs(u) - 0.25) / 0.15) ** 2)))
    )
    low = 0.0085 * full * arch**0.8
    opened = 0.011 * gape * arch
    inside = np.abs(v) < 0.3
    w = np.clip((np.abs(v) - 0.3) / 0.7, 0, 1)
    z = np.where(v > 0, 0.35 * opened + w * bow, -0.65 * opened - w * low)
    z = np.where(inside, np.where(v > 0, 0.35, 0.65) * opened * v / 0.3, z)
    z = z + shape.mouth + 0.005 * smile * u**2 - 0.0012 * arch
    p = front(shape.field, (u * half).ravel(), z.ravel())
    bulge = np.where(inside, -0.0008, 0.0030 * np.sin(np.pi * np.clip(w, 0, 1)) ** 0.7 * arch**0.4)
    p[:, 1] -= 0.0006 + bulge.ravel()
    tone = np.asarray(traits.tone)
    rouge = 0.35 + 0.5 * traits.shape * (np.random.default_rng(traits.seed + 9).random() < 0.5)
    lip = tone * (1 - rouge * np.array([0.10, 0.42, 0.34])) * np.where(v > 0, 0.82, 1.0)[..., None]
    edge = np.clip((1 - np.abs(v)) / 0.18, 0, 1)[..., None] * np.clip((1 - np.abs(u)) / 0.1, 0.15, 1)[..., None]
    color = lip * edge + complexion(traits, shape, p).reshape(27, 19, 3) * (1 - edge)
    teeth = np.where(
        ((v > -0.05) & (opened > 0.003))[..., None],
        np.array([0.55, 0.52, 0.46]) * (1 if smile > 0.0 else 0.25),
        np.array([0.05, 0.014, 0.012]),
    )
    color = np.where(
        inside[..., None], np.where((opened > 0.0012)[..., None], teeth, tone * np.array([0.30, 0.16, 0.14])), color
    )
    return part("lips", p, grid_faces(27, 19), color.reshape(-1, 3), "skin")


def ears(traits: Traits, shape: Face) -> list[Part]:
    """Ears as shells with a rolled rim and a dark bowl."""
    rim, around = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 2 * np.pi, 22, endpoint=False), indexing="ij")
    back = 0.0175 * (1 + 0.15 * np.cos(around - 1.2)) * rim
    high = 0.032 * rim * (1 - 0.12 * np.clip(-np.sin(around), 0, 1))
    y, z = back * np.cos(around), high * np.sin(around)
    helix = (
        0.0055 * np.exp(-(((rim - 0.88) / 0.13) ** 2))
        + 0.003 * np.exp(-(((rim - 0.52) / 0.12) ** 2))
        - 0.004 * np.exp(-((rim / 0.35) ** 2))
    )
    x = 0.004 + 0.45 * (y + 0.012) * (y > -0.012) + helix - 0.012 * np.clip((rim - 0.93) / 0.07, 0, 1)
    p = np.stack([x, y - 0.15 * z, z], -1).reshape(-1, 3)
    dark = (1 - 0.55 * np.exp(-((rim / 0.4) ** 2)) - 0.2 * np.exp(-(((rim - 0.7) / 0.1) ** 2))).reshape(-1, 1)
    color = np.asarray(traits.tone) * dark * (1.08, 0.92, 0.9)
    faces = grid_faces(9, 22, closed=True)
    return [
        part("ear", (p + shape.ear - [0.004, 0, 0]) * [s, 1, 1], faces if s < 0 else faces[:, ::-1], color, "skin")
        for s in (1, -1)
    ]


def bare(traits: Traits, shape: Face, pose: Pose, detail: float) -> list[Part]:
    """The head without hair or cover."""
    rows, columns = int(80 * detail**0.5), int(104 * detail**0.5)
    return [
        skin(traits, shape, rows, columns),
        *eyes(traits, shape, pose),
        *brows(traits, shape),
        lips(traits, shape, pose),
        *ears(traits, shape),
    ]


def outward(p: Part) -> Array:
    """The unit normals (n,3) of a part."""
    return unit(normals(p.vertices.astype(float), p.faces))
