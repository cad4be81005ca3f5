"""Draws people behind desks: chair, clothes, arms and what they hold; their heads come from `head`."""

from __future__ import annotations

import numpy as np

from tests.drawn.canvas import Canvas, Color, Points, ellipse_points, limb, mix, shade, smooth
from tests.drawn.figure import STAND, Extent, Figure, arm_joints, arm_pose, before_desk
from tests.drawn.head import draw_hair_behind, draw_head


def draw_behind_desk(canvas: Canvas, figure: Figure, extent: Extent) -> None:
    """Chair, hair that falls behind, torso, and arms that the desk hides."""
    _chair(canvas, figure)
    draw_hair_behind(canvas, figure, extent)
    _torso(canvas, figure, extent)
    for side in (-1, 1):
        if not before_desk(figure.pose, side):
            _arm(canvas, figure, side, extent)


def draw_before_desk(canvas: Canvas, figure: Figure, extent: Extent) -> None:
    """What lies on the desk, the arms on it or in the air, and the head."""
    _materials(canvas, figure)
    arms = [side for side in (-1, 1) if before_desk(figure.pose, side)]
    resting = figure.pose.down > 0.5
    if not resting:
        draw_head(canvas, figure, extent)
    for side in arms:
        _arm(canvas, figure, side, extent)
    if resting:
        draw_head(canvas, figure, extent)
    _held(canvas, figure)


def _chair(canvas: Canvas, f: Figure) -> None:
    color: Color = (92, 74, 62)
    back = smooth(f.shape([(-0.85, -1.0), (0.85, -1.0), (0.9, 0.3), (-0.9, 0.3)]), 2)
    canvas.polygon(back, color)
    canvas.polygon(smooth(f.shape([(-0.75, -0.9), (0.75, -0.9), (0.78, -0.1), (-0.78, -0.1)]), 2), shade(color, 1.08))


def _torso(canvas: Canvas, f: Figure, extent: Extent) -> None:
    look, up, w = f.look, f.rise, f.look.wide
    desk = f.y + 0.02 * f.unit
    hip = 1.15 - up
    if f.pose.lift > 0.02:
        legs = f.shape([(-0.72 * w, hip - 0.2), (0.72 * w, hip - 0.2), (0.74 * w, 2.0), (-0.74 * w, 2.0)])
        canvas.polygon(legs, look.legs)
        canvas.polygon(f.shape([(-0.03, hip), (0.03, hip), (0.03, 2.0), (-0.03, 2.0)]), shade(look.legs, 0.7))
        extent.add(legs, desk)
    neck = f.shape([(-0.24, -1.75 - up), (0.24, -1.75 - up), (0.3, -1.1 - up), (-0.3, -1.1 - up)])
    outline = smooth(
        f.shape(
            [
                (-0.3, -1.42 - up),
                (0.3, -1.42 - up),
                (0.98 * w, -1.2 - up),
                (1.02 * w, -0.6 - up),
                (0.82 * w, 0.1 - up),
                (0.86 * w, hip),
                (-0.86 * w, hip),
                (-0.82 * w, 0.1 - up),
                (-1.02 * w, -0.6 - up),
                (-0.98 * w, -1.2 - up),
            ]
        ),
        2,
    )
    canvas.polygon(outline, look.top)
    extent.add(outline, desk)
    _clothes(canvas, f, up, w, outline)
    if f.pose.turned:
        canvas.polygon(
            smooth(f.shape([(-0.26, -1.5 - up), (0.26, -1.5 - up), (0.3, -1.2 - up), (-0.3, -1.2 - up)])), look.top
        )
        return
    if f.pose.down < 0.5:
        canvas.polygon(neck, shade(look.skin, 0.9))
        canvas.polygon(
            smooth(f.shape([(-0.34, -1.38 - up), (0.34, -1.38 - up), (0.0, -0.92 - up)]), 2), shade(look.skin, 0.9)
        )


def _clothes(canvas: Canvas, f: Figure, up: float, w: float, outline: Points) -> None:
    look = f.look
    if look.style == "stripes":
        for row in np.arange(-0.95, 1.1, 0.34):
            canvas.polygon(
                f.shape(
                    [
                        (-0.9 * w, row - up),
                        (0.9 * w, row - up),
                        (0.88 * w, row + 0.13 - up),
                        (-0.88 * w, row + 0.13 - up),
                    ]
                ),
                look.second,
            )
    shadow = outline.copy()
    shadow[:, 0] = np.maximum(shadow[:, 0], f.x + 0.5 * w * f.unit)
    canvas.polygon(shadow, shade(look.top, 0.6), 0.28)
    if f.pose.turned:
        canvas.polygon(
            f.shape([(-0.02, -1.2 - up), (0.02, -1.2 - up), (0.02, 0.2 - up), (-0.02, 0.2 - up)]), shade(look.top, 0.8)
        )
        return
    if look.style == "jacket":
        canvas.polygon(
            f.shape([(-0.26, -1.34 - up), (0.26, -1.34 - up), (0.34, 1.1 - up), (-0.34, 1.1 - up)]), look.second
        )
        for side in (-1, 1):
            canvas.polygon(
                f.shape([(side * 0.28, -1.4 - up), (side * 0.56, -1.25 - up), (side * 0.22, -0.35 - up)]),
                shade(look.top, 0.8),
            )
    elif look.style == "hood":
        canvas.polygon(ellipse_points(f.at(0, -1.3 - up), (0.66 * f.unit, 0.26 * f.unit)), shade(look.top, 0.82))
        for side in (-1, 1):
            canvas.stroke(
                [f.at(side * 0.16, -0.95 - up), f.at(side * 0.18, -0.45 - up)], (235, 235, 235), 0.05 * f.unit
            )
    elif look.style == "collar":
        for side in (-1, 1):
            canvas.polygon(
                f.shape(
                    [(0, -1.0 - up), (side * 0.36, -1.46 - up), (side * 0.48, -1.2 - up), (side * 0.26, -0.92 - up)]
                ),
                look.second,
            )
        for row in (-0.75, -0.4, -0.05):
            canvas.ellipse(f.at(0, row - up), (0.035 * f.unit, 0.035 * f.unit), shade(look.second, 0.7))
    elif look.style == "vneck":
        canvas.polygon(f.shape([(-0.44, -1.4 - up), (0.44, -1.4 - up), (0, -0.72 - up)]), look.second)


def _arm(canvas: Canvas, f: Figure, side: int, extent: Extent) -> None:
    shoulder, elbow, wrist = arm_joints(f, side)
    u, look = f.unit, f.look
    sleeve = shade(look.top, 0.9 if side < 0 else 0.8)
    edge = shade(look.top, 0.62)
    arm, up = arm_pose(f, side)
    floor = np.inf if before_desk(f.pose, side) else f.y
    upper, fore = limb(shoulder, elbow, 0.26 * u, 0.21 * u), limb(elbow, wrist, 0.21 * u, 0.15 * u)
    canvas.polygon(limb(shoulder, elbow, 0.285 * u, 0.235 * u), edge, 0.5)
    canvas.polygon(limb(elbow, wrist, 0.235 * u, 0.175 * u), edge, 0.5)
    canvas.polygon(upper, sleeve)
    canvas.polygon(fore, sleeve)
    extent.add(upper, floor)
    extent.add(fore, floor)
    along = (wrist - elbow) / max(1e-6, float(np.linalg.norm(wrist - elbow)))
    if up > 0.5:
        hand = _open_hand(canvas, wrist, along, u, look.skin)
    else:
        hand = ellipse_points(
            wrist + along * 0.14 * u, (0.2 * u, 0.15 * u), float(np.degrees(np.arctan2(along[1], along[0])))
        )
        canvas.polygon(hand, look.skin)
        if arm == "chin":
            canvas.polygon(ellipse_points(wrist + along * 0.2 * u, (0.16 * u, 0.15 * u)), shade(look.skin, 0.95))
    extent.add(hand, floor)


def _open_hand(canvas: Canvas, wrist: Points, along: Points, u: float, skin: Color) -> Points:
    across = np.array([-along[1], along[0]])
    palm = wrist + along * 0.22 * u
    parts = [ellipse_points(palm, (0.2 * u, 0.2 * u))]
    for spread, length in ((-0.5, 0.3), (-0.17, 0.36), (0.17, 0.35), (0.5, 0.28)):
        root = palm + across * spread * 0.28 * u + along * 0.1 * u
        parts.append(limb(root, root + (along + across * spread * 0.45) * length * u, 0.058 * u, 0.048 * u))
    thumb = palm + across * -0.14 * u
    parts.append(limb(thumb, thumb + (along * 0.35 - across) * 0.26 * u, 0.06 * u, 0.05 * u))
    for part in parts:
        canvas.polygon(part, skin)
    canvas.ellipse(palm, (0.1 * u, 0.1 * u), shade(skin, 0.9), alpha=0.5)
    return np.concatenate(parts)


def _materials(canvas: Canvas, f: Figure) -> None:
    """Paper, an open book or a closed one, flat on the desk."""
    p = f.pose
    white: Color = (242, 244, 245)
    if p.activity == "writing":
        side = -1 if p.left == "write" else 1
        sheet = f.shape([(side * 0.02, 0.16), (side * 0.78, 0.16), (side * 0.88, 0.6), (side * 0.02, 0.6)])
        canvas.polygon(sheet, white)
        for row in (0.26, 0.36, 0.46):
            canvas.stroke([f.at(side * 0.12, row), f.at(side * 0.6, row)], (190, 170, 150), 0.02 * f.unit)
    elif p.activity == "reading-flat":
        for side in (-1, 1):
            page = f.shape([(0, 0.1), (side * 0.62, 0.06), (side * 0.74, 0.5), (0, 0.56)])
            canvas.polygon(page, shade(white, 0.97 if side < 0 else 1.0))
            for row in (0.2, 0.29, 0.38):
                canvas.stroke([f.at(side * 0.12, row), f.at(side * 0.55, row)], (150, 145, 140), 0.022 * f.unit)
        canvas.stroke([f.at(0, 0.1), f.at(0, 0.56)], (150, 150, 155), 0.03 * f.unit)
    elif p.materials:
        cover = f.shape([(0.95, 0.16), (1.5, 0.14), (1.6, 0.44), (1.02, 0.48)])
        canvas.polygon(cover, mix(f.look.second, (60, 60, 160), 0.6))
        canvas.stroke([f.at(1.02, 0.49), f.at(1.6, 0.45)], white, 0.05 * f.unit)


def _held(canvas: Canvas, f: Figure) -> None:
    """A book held up, its covers to the camera, or the pen in the writing hand."""
    p, u = f.pose, f.unit
    if p.activity == "reading-up":
        up = STAND * p.lift
        cover = mix(shade(f.look.second, 0.8), (70, 60, 150), 0.45)
        for side in (-1, 1):
            half = f.shape([(0, -0.72 - up), (side * 0.6, -0.82 - up), (side * 0.66, -0.04 - up), (0, 0.08 - up)])
            canvas.polygon(half + np.array([0, -0.05 * u]), (240, 242, 244))
            canvas.polygon(half, cover if side < 0 else shade(cover, 0.85))
        canvas.polygon(
            f.shape([(0.14, -0.6 - up), (0.5, -0.66 - up), (0.5, -0.46 - up), (0.14, -0.42 - up)]), (225, 230, 232), 0.8
        )
        for side in (-1, 1):
            if (p.raise_left if side < 0 else p.raise_right) < 0.3:
                canvas.ellipse(f.at(side * 0.64, -0.28 - up), (0.11 * u, 0.17 * u), f.look.skin)
    elif p.activity == "writing":
        side = -1 if p.left == "write" else 1
        if (p.raise_left if side < 0 else p.raise_right) < 0.3:
            _, elbow, wrist = arm_joints(f, side)
            along = (wrist - elbow) / max(1e-6, float(np.linalg.norm(wrist - elbow)))
            tip = wrist + along * 0.3 * u + np.array([0, 0.06]) * u
            canvas.stroke([tip, tip + np.array([side * 0.2, -0.48]) * u], (150, 60, 40), 0.06 * u)
