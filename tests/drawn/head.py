"""Heads of drawn people: face, and hair before and behind."""

from __future__ import annotations

import numpy as np

from tests.drawn.canvas import Canvas, Points, ellipse_points, mix, shade, smooth
from tests.drawn.figure import Extent, Figure, Hair

OUTLINES: dict[
    Hair, tuple[list[tuple[float, float]], list[tuple[float, float]]]
] = {  # rim, and the fringe that comes down as the head bends
    "short": (
        [(-0.47, 0.0), (-0.48, -0.4), (-0.2, -0.64), (0.2, -0.64), (0.48, -0.4), (0.47, 0.0)],
        [(0.38, -0.26), (-0.38, -0.26)],
    ),
    "side": (
        [(-0.47, 0.02), (-0.5, -0.42), (-0.1, -0.7), (0.3, -0.64), (0.48, -0.35), (0.46, 0.0)],
        [(0.4, -0.22), (-0.15, -0.4), (-0.4, -0.08)],
    ),
    "long": (
        [(-0.5, 0.5), (-0.54, -0.3), (-0.2, -0.63), (0.2, -0.63), (0.54, -0.3), (0.5, 0.5)],
        [(0.4, -0.1), (0.0, -0.42), (-0.4, -0.1)],
    ),
    "bob": (
        [(-0.5, 0.3), (-0.53, -0.3), (-0.2, -0.63), (0.2, -0.63), (0.53, -0.3), (0.5, 0.3)],
        [(0.38, -0.2), (-0.38, -0.2)],
    ),
    "waves": (
        [(-0.5, 0.45), (-0.56, -0.3), (-0.15, -0.68), (0.25, -0.64), (0.55, -0.3), (0.5, 0.45)],
        [(0.38, -0.05), (0.12, -0.42), (-0.36, -0.1)],
    ),
    "bun": (
        [(-0.46, 0.0), (-0.47, -0.4), (-0.2, -0.6), (0.2, -0.6), (0.47, -0.4), (0.46, 0.0)],
        [(0.36, -0.3), (0.0, -0.38), (-0.36, -0.3)],
    ),
    "crop": (
        [(-0.46, 0.0), (-0.49, -0.5), (-0.38, -0.72), (0.1, -0.66), (0.42, -0.74), (0.49, -0.5), (0.46, 0.0)],
        [(0.41, -0.3), (-0.41, -0.3)],
    ),
    "cap": (
        [(-0.46, -0.18), (-0.46, -0.45), (-0.2, -0.66), (0.2, -0.66), (0.46, -0.45), (0.46, -0.18)],
        [(0.5, -0.1), (-0.5, -0.1)],
    ),
}


def draw_hair_behind(canvas: Canvas, f: Figure, extent: Extent) -> None:
    """Hair that falls behind the shoulders."""
    u, look, head = f.unit, f.look, f.head
    dark = shade(look.hair_color, 0.75)
    if f.pose.down > 0.5:
        return
    fall = {"long": 1.15, "waves": 1.0, "bob": 0.5, "scarf": 0.85}.get(look.hair)
    if look.hair == "curly":
        shapes = [ellipse_points(head + np.array([0, -0.1]) * u, (0.62 * u, 0.6 * u))]
    elif look.hair == "bun":
        shapes = [ellipse_points(head + np.array([0, -0.62]) * u, (0.25 * u, 0.22 * u))]
    elif fall:
        w = 0.5 if look.hair == "bob" else 0.56
        outline = [(-0.36, -0.45), (0.36, -0.45), (w, 0.0), (w, fall), (-w, fall), (-w, 0.0)]
        shapes = [smooth(head + np.array(outline) * u, 3)]
        if look.hair == "waves":
            shapes += [
                ellipse_points(head + np.array([s * 0.5, y]) * u, (0.2 * u, 0.2 * u))
                for s in (-1, 1)
                for y in (0.25, 0.55, 0.85)
            ]
    else:
        return
    for one in shapes:
        canvas.polygon(one, dark)
        extent.add(one, f.y)


def draw_head(canvas: Canvas, f: Figure, extent: Extent) -> None:
    """Head, face and hair, seen as the pose turns them."""
    u, look, pose, head = f.unit, f.look, f.pose, f.head
    skull = ellipse_points(head + np.array([0, -0.04]) * u, (0.41 * u, 0.5 * u))
    extent.add(skull)
    if pose.down > 0.5 or pose.turned:
        _crown(canvas, f, skull, extent)
        return
    face_x = 0.16 * pose.yaw * u
    for side in (-1, 1):
        canvas.ellipse(
            head + np.array([side * 0.41 * u - face_x * 0.5, 0.04 * u]), (0.09 * u, 0.13 * u), shade(look.skin, 0.88)
        )
    face = smooth(
        head
        + np.array(
            [
                (-0.3, -0.52),
                (0.3, -0.52),
                (0.45, -0.15),
                (0.42, 0.2),
                (0.2, 0.52),
                (-0.2, 0.52),
                (-0.42, 0.2),
                (-0.45, -0.15),
            ]
        )
        * u,
        3,
    )
    canvas.polygon(face, look.skin)
    right = face.copy()
    right[:, 0] = np.maximum(right[:, 0], head[0] + 0.2 * u)
    canvas.polygon(right, shade(look.skin, 0.7), 0.16)
    _features(canvas, f, head + np.array([face_x, (0.2 * pose.pitch + 0.3 * pose.down) * u]))
    _hair_before(canvas, f, extent)


def _features(canvas: Canvas, f: Figure, middle: Points) -> None:
    u, look, pose = f.unit, f.look, f.pose
    dark = (40, 34, 34)
    shut = pose.blink or pose.pitch > 0.35 or pose.down > 0.2
    for side in (-1, 1):
        eye = middle + np.array([side * 0.17, 0.02]) * u
        if shut:
            canvas.stroke(
                [eye + np.array([-0.07, 0.0]) * u, eye + np.array([0, 0.03]) * u, eye + np.array([0.07, 0.0]) * u],
                dark,
                0.025 * u,
            )
        else:
            canvas.ellipse(eye, (0.075 * u, 0.05 * u), (250, 250, 250))
            canvas.ellipse(
                eye + np.array([0.03 * pose.yaw, 0.02 * (pose.pitch > 0.15)]) * u, (0.042 * u, 0.046 * u), dark
            )
        brow = eye + np.array([0, -0.12]) * u
        brow_color = dark if look.hair in ("scarf", "bald") else shade(look.hair_color, 0.8)
        arch = [(-0.07 * side, 0.005), (0.02 * side, -0.025), (0.09 * side, 0.012)]
        canvas.stroke([brow + np.array(point) * u for point in arch], brow_color, 0.032 * u)
        if look.glasses:
            ring = ellipse_points(eye, (0.125 * u, 0.115 * u), count=20)
            canvas.stroke([*ring, ring[0]], (60, 50, 45), 0.022 * u)
    if look.glasses:
        canvas.stroke(
            [middle + np.array([-0.05, 0.01]) * u, middle + np.array([0.05, 0.01]) * u], (60, 50, 45), 0.022 * u
        )
    if look.beard:
        beard = smooth(
            middle
            + np.array(
                [
                    (-0.36, 0.14),
                    (-0.2, 0.22),
                    (0, 0.2),
                    (0.2, 0.22),
                    (0.36, 0.14),
                    (0.26, 0.44),
                    (0, 0.55),
                    (-0.26, 0.44),
                ]
            )
            * u,
            2,
        )
        canvas.polygon(np.minimum(beard, [np.inf, f.head[1] + 0.5 * u]), shade(look.hair_color, 0.9))
    nose = middle + np.array([0.0, 0.14]) * u
    canvas.stroke(
        [nose + np.array([0.01, -0.06]) * u, nose + np.array([0.04, 0.03]) * u, nose + np.array([-0.02, 0.04]) * u],
        shade(look.skin, 0.72),
        0.028 * u,
    )
    mouth = middle + np.array([0.0, 0.29]) * u
    lips = mix(look.skin, (70, 60, 150), 0.5)
    smile = [(-0.12, -0.03), (-0.06, 0.005), (0.0, 0.015), (0.06, 0.005), (0.12, -0.03)]
    canvas.stroke([mouth + np.array(point) * u for point in smile], lips, 0.035 * u)


def _hair_before(canvas: Canvas, f: Figure, extent: Extent) -> None:
    u, look, head = f.unit, f.look, f.head
    line = 0.24 * f.pose.pitch + 0.5 * f.pose.down
    color, light = look.hair_color, shade(look.hair_color, 1.12)
    if look.hair == "scarf":
        hem = ellipse_points(head + np.array([0, 0.02]) * u, (0.53 * u, 0.64 * u))
        opening = ellipse_points(head + np.array([0, 0.05 + 0.5 * line]) * u, (0.37 * u, 0.44 * u - 0.3 * line * u))
        band = np.concatenate([hem, hem[:1], opening[:1], opening[::-1]])
        canvas.polygon(band, color)
        drape = smooth(
            head + np.array([(-0.5, 0.4), (0.0, 0.52), (0.5, 0.4), (0.58, 0.95), (0, 1.15), (-0.58, 0.95)]) * u, 2
        )
        canvas.polygon(drape, light)
        extent.add(hem)
    elif look.hair == "curly":
        for turn in np.linspace(np.pi * 0.95, np.pi * 2.05, 9):
            curl = ellipse_points(
                head + np.array([0.46 * np.cos(turn), 0.46 * np.sin(turn) - 0.08 + 0.4 * line]) * u, (0.2 * u, 0.19 * u)
            )
            canvas.polygon(curl, color)
            extent.add(curl)
    elif look.hair != "bald":
        rim, fringe = OUTLINES[look.hair]
        outline = smooth(head + np.array([*rim, *((x, y + line) for x, y in fringe)]) * u, 2)
        canvas.polygon(outline, color)
        extent.add(outline)
        shine = ellipse_points(head + np.array([-0.14, -0.46]) * u, (0.16 * u, 0.05 * u), -14)
        canvas.polygon(shine, light, 0.6)


def _crown(canvas: Canvas, f: Figure, skull: Points, extent: Extent) -> None:
    """The head from behind or from above: hair, scarf or a bald crown, and no face."""
    u, look, head = f.unit, f.look, f.head
    color = look.skin if look.hair == "bald" else look.hair_color
    if look.hair == "curly":
        skull = ellipse_points(head, (0.56 * u, 0.56 * u))
    elif look.hair in ("long", "waves", "bob", "scarf") and f.pose.turned:
        fall = {"bob": 0.55, "scarf": 0.8}.get(look.hair, 1.0)
        w = 0.5
        skull = smooth(
            head + np.array([(-0.4, -0.56), (0.4, -0.56), (w, 0.0), (w, fall), (-w, fall), (-w, 0.0)]) * u, 3
        )
    elif look.hair in ("long", "waves"):
        skull = smooth(
            head + np.array([(-0.4, -0.5), (0.4, -0.5), (0.62, 0.2), (0.5, 0.62), (-0.5, 0.62), (-0.62, 0.2)]) * u, 3
        )
    if f.pose.down > 0.5 or look.hair not in ("long", "waves", "bob", "scarf"):
        for side in (-1, 1):
            canvas.ellipse(head + np.array([side * 0.41, 0.1]) * u, (0.08 * u, 0.12 * u), shade(look.skin, 0.88))
    canvas.polygon(skull, color)
    extent.add(skull)
    if look.hair == "bun":
        canvas.ellipse(head + np.array([0, -0.2]) * u, (0.24 * u, 0.22 * u), shade(color, 0.8))
    light = shade(color, 1.12)
    canvas.polygon(ellipse_points(head + np.array([-0.14, -0.28]) * u, (0.15 * u, 0.07 * u), -20), light, 0.6)
    if f.pose.down > 0.5 and look.hair in ("short", "side", "long", "bob", "waves"):
        canvas.stroke(
            [head + np.array([0.05, -0.45]) * u, head + np.array([0.02, 0.0]) * u], shade(color, 0.75), 0.035 * u
        )
