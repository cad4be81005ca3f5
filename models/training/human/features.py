"""What is on a face: eyes, brows, lips and ears."""

from __future__ import annotations

import numpy as np

from .head import Face, complexion, front
from .kinds import Part, Pose, Traits
from .mesh import grid_faces, part


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
        white = np.array([0.54, 0.51, 0.48]) * (1 - 0.12 * np.abs(u).reshape(-1, 1))
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
    gape, smile = (float(v) for v in pose.mouth)
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
