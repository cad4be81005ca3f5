"""Drawn people behind desks: how they look, how they hold themselves, and the box that they fill."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from canvas import Canvas, Color, Points, ellipse_points, limb, mix, shade, smooth

Hair = Literal["short", "curly", "long", "bald", "bob", "side", "scarf", "cap", "bun", "waves", "crop"]
Arm = Literal["folded", "flat", "lap", "chin", "raised", "bent", "wide", "write", "paper", "book", "open", "hang"]

HAIR: tuple[Hair, ...] = ("short", "curly", "long", "bald", "bob", "side", "scarf", "cap")
HAIR_HELD_OUT: tuple[Hair, ...] = ("bun", "waves", "crop")  # never drawn for training
STAND = 1.7  # how far a body rises when it stands up, in heads

# elbow and wrist in heads: x outward from the body's middle, y down from the desk's rear edge; then what carries the
# wrist when the body rises (the desk or the body), and whether the forearm lies before the desk or behind it
ARMS: dict[Arm, tuple[tuple[float, float], tuple[float, float], bool, bool]] = {
    "folded": ((1.08, -0.08), (0.18, 0.26), False, True),
    "flat": ((1.12, -0.06), (0.62, 0.34), False, True),
    "lap": ((1.12, -0.25), (0.62, 0.5), True, False),
    "chin": ((0.82, 0.12), (0.46, -1.22), True, True),
    "raised": ((1.3, -2.1), (1.2, -3.15), True, True),
    "bent": ((1.62, -1.35), (1.38, -2.5), True, True),
    "wide": ((1.62, -1.95), (2.0, -2.85), True, True),
    "write": ((1.1, -0.02), (0.42, 0.34), False, True),
    "paper": ((1.1, -0.04), (0.55, 0.36), False, True),
    "book": ((1.1, 0.06), (0.6, -0.3), True, True),
    "open": ((1.12, 0.0), (0.72, 0.3), False, True),
    "hang": ((1.12, 0.12), (1.08, 1.15), True, False),
}
RAISED: tuple[Arm, ...] = ("raised", "bent", "wide")


@dataclass(frozen=True, slots=True)
class Look:
    """What a drawn person looks like; colors are BGR. `wide` is the build, 0.85..1.15."""

    skin: Color
    hair: Hair
    hair_color: Color
    top: Color
    second: Color
    legs: Color
    style: Literal["plain", "collar", "hood", "stripes", "jacket", "vneck"] = "plain"
    glasses: bool = False
    beard: bool = False
    wide: float = 1.0


@dataclass(frozen=True, slots=True)
class Pose:
    """How a person holds itself. Shares run 0..1, so that poses can be passed through on the way.

    `left` and `right` are the picture's sides. `raise_left`/`raise_right` carry that arm from its place up to
    `hand`. `activity` places book, paper and pen; `stroke` moves the pen (heads), `sway` the head (heads).
    """

    left: Arm = "folded"
    right: Arm = "folded"
    hand: Arm = "raised"
    raise_left: float = 0.0
    raise_right: float = 0.0
    lift: float = 0.0
    down: float = 0.0
    turned: bool = False
    pitch: float = 0.0
    yaw: float = 0.0
    activity: Literal["reading-up", "reading-flat", "writing", "listening"] = "listening"
    materials: bool = False  # a closed book or a sheet lies on the desk though nobody uses it
    stroke: tuple[float, float] = (0.0, 0.0)
    sway: tuple[float, float] = (0.0, 0.0)
    blink: bool = False


@dataclass(slots=True)
class Extent:
    """Grows around the shapes of one person, in drawing units."""

    low: Points = field(default_factory=lambda: np.full(2, np.inf))
    high: Points = field(default_factory=lambda: np.full(2, -np.inf))

    def add(self, points: Points, floor: float = np.inf) -> None:
        """Takes in the points, none lower in the picture than `floor`."""
        kept = np.minimum(points, [np.inf, floor])
        self.low = np.minimum(self.low, kept.min(0))
        self.high = np.maximum(self.high, kept.max(0))


@dataclass(frozen=True, slots=True)
class Figure:
    """A person at a desk: `x`, `y` the middle of the desk's rear edge, `unit` a head's height (drawing units)."""

    x: float
    y: float
    unit: float
    look: Look
    pose: Pose

    def at(self, x: float, y: float) -> Points:
        """Heads from the desk's rear edge to drawing units."""
        return np.array([self.x + x * self.unit, self.y + y * self.unit])

    def shape(self, points: list[tuple[float, float]]) -> Points:
        """The same for an outline."""
        return np.array([self.x, self.y]) + np.array(points, float) * self.unit

    @property
    def rise(self) -> float:
        """How far the body is above its seated place, in heads; a head on the desk pulls the shoulders down."""
        return STAND * self.pose.lift - 0.42 * self.pose.down

    @property
    def head(self) -> Points:
        """Middle of the head."""
        p = self.pose
        seated = np.array([0.0, -2.02 - STAND * p.lift + 0.12 * p.pitch]) + np.array(p.sway)
        resting = np.array([0.12, -0.34])
        place = seated + (resting - seated) * p.down
        return self.at(float(place[0]), float(place[1]))


def draw_behind_desk(canvas: Canvas, figure: Figure, extent: Extent) -> None:
    """Chair, hair that falls behind, torso, and arms that the desk hides."""
    _chair(canvas, figure)
    _hair_behind(canvas, figure, extent)
    _torso(canvas, figure, extent)
    for side in (-1, 1):
        if not _before_desk(figure.pose, side):
            _arm(canvas, figure, side, extent)


def draw_before_desk(canvas: Canvas, figure: Figure, extent: Extent) -> None:
    """What lies on the desk, the arms on it or in the air, and the head."""
    _materials(canvas, figure)
    arms = [side for side in (-1, 1) if _before_desk(figure.pose, side)]
    resting = figure.pose.down > 0.5
    if not resting:
        _head(canvas, figure, extent)
    for side in arms:
        _arm(canvas, figure, side, extent)
    if resting:
        _head(canvas, figure, extent)
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


def _arm_pose(f: Figure, side: int) -> tuple[Arm, float]:
    return (f.pose.left, f.pose.raise_left) if side < 0 else (f.pose.right, f.pose.raise_right)


def _before_desk(pose: Pose, side: int) -> bool:
    arm, up = (pose.left, pose.raise_left) if side < 0 else (pose.right, pose.raise_right)
    return not pose.turned and (ARMS[arm][3] or up > 0.15)


def arm_joints(f: Figure, side: int) -> tuple[Points, Points, Points]:
    """Shoulder, elbow and wrist of one arm (side -1 or 1), in drawing units."""
    pose = f.pose
    arm, share = _arm_pose(f, side)

    def place(which: Arm) -> Points:
        elbow, wrist, _, _ = ARMS[which]
        carried = ARMS[which][2]
        rise_elbow = f.rise if carried else 0.45 * f.rise
        rise_wrist = f.rise if carried else 0.0
        return np.array([(side * elbow[0], elbow[1] - rise_elbow), (side * wrist[0], wrist[1] - rise_wrist)])

    base, target = place(arm), place(pose.hand)
    halfway = (base + target) / 2 + np.array([[side * 0.35, 0.0], [side * 0.55, 0.1]])  # the hand swings outward
    joints = (1 - share) ** 2 * base + 2 * share * (1 - share) * halfway + share**2 * target
    if pose.down > 0:
        folded = np.array([(side * 1.3, 0.06), (side * 0.1, 0.24)])
        joints = joints + (folded - joints) * pose.down
    if arm == "write" and share < 0.5:
        joints = joints + np.array([[0.2, 0.2], [1, 1]]) * np.array(pose.stroke)
    shoulder = f.at(side * 0.84 * f.look.wide, -1.06 - f.rise)
    return shoulder, f.at(*joints[0]), f.at(*joints[1])


def _arm(canvas: Canvas, f: Figure, side: int, extent: Extent) -> None:
    shoulder, elbow, wrist = arm_joints(f, side)
    u, look = f.unit, f.look
    sleeve = shade(look.top, 0.9 if side < 0 else 0.8)
    edge = shade(look.top, 0.62)
    arm, up = _arm_pose(f, side)
    floor = np.inf if _before_desk(f.pose, side) else f.y
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


def _hair_behind(canvas: Canvas, f: Figure, extent: Extent) -> None:
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


def _head(canvas: Canvas, f: Figure, extent: Extent) -> None:
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
    rows: dict[Hair, list[tuple[float, float]]] = {
        "short": [
            (-0.47, 0.0),
            (-0.48, -0.4),
            (-0.2, -0.64),
            (0.2, -0.64),
            (0.48, -0.4),
            (0.47, 0.0),
            (0.38, -0.26 + line),
            (-0.38, -0.26 + line),
        ],
        "side": [
            (-0.47, 0.02),
            (-0.5, -0.42),
            (-0.1, -0.7),
            (0.3, -0.64),
            (0.48, -0.35),
            (0.46, 0.0),
            (0.4, -0.22 + line),
            (-0.15, -0.4 + line),
            (-0.4, -0.08 + line),
        ],
        "long": [
            (-0.5, 0.5),
            (-0.54, -0.3),
            (-0.2, -0.63),
            (0.2, -0.63),
            (0.54, -0.3),
            (0.5, 0.5),
            (0.4, -0.1 + line),
            (0.0, -0.42 + line),
            (-0.4, -0.1 + line),
        ],
        "bob": [
            (-0.5, 0.3),
            (-0.53, -0.3),
            (-0.2, -0.63),
            (0.2, -0.63),
            (0.53, -0.3),
            (0.5, 0.3),
            (0.38, -0.2 + line),
            (-0.38, -0.2 + line),
        ],
        "waves": [
            (-0.5, 0.45),
            (-0.56, -0.3),
            (-0.15, -0.68),
            (0.25, -0.64),
            (0.55, -0.3),
            (0.5, 0.45),
            (0.38, -0.05 + line),
            (0.12, -0.42 + line),
            (-0.36, -0.1 + line),
        ],
        "bun": [
            (-0.46, 0.0),
            (-0.47, -0.4),
            (-0.2, -0.6),
            (0.2, -0.6),
            (0.47, -0.4),
            (0.46, 0.0),
            (0.36, -0.3 + line),
            (0.0, -0.38 + line),
            (-0.36, -0.3 + line),
        ],
        "crop": [
            (-0.46, 0.0),
            (-0.49, -0.5),
            (-0.38, -0.72),
            (0.1, -0.66),
            (0.42, -0.74),
            (0.49, -0.5),
            (0.46, 0.0),
            (0.41, -0.3 + line),
            (-0.41, -0.3 + line),
        ],
        "cap": [
            (-0.46, -0.18),
            (-0.46, -0.45),
            (-0.2, -0.66),
            (0.2, -0.66),
            (0.46, -0.45),
            (0.46, -0.18),
            (0.5, -0.1 + line),
            (-0.5, -0.1 + line),
        ],
    }
    if look.hair == "scarf":
        rim = ellipse_points(head + np.array([0, 0.02]) * u, (0.53 * u, 0.64 * u))
        opening = ellipse_points(head + np.array([0, 0.05 + 0.5 * line]) * u, (0.37 * u, 0.44 * u - 0.3 * line * u))
        band = np.concatenate([rim, rim[:1], opening[:1], opening[::-1]])
        canvas.polygon(band, color)
        drape = smooth(
            head + np.array([(-0.5, 0.4), (0.0, 0.52), (0.5, 0.4), (0.58, 0.95), (0, 1.15), (-0.58, 0.95)]) * u, 2
        )
        canvas.polygon(drape, light)
        extent.add(rim)
    elif look.hair == "curly":
        for turn in np.linspace(np.pi * 0.95, np.pi * 2.05, 9):
            curl = ellipse_points(
                head + np.array([0.46 * np.cos(turn), 0.46 * np.sin(turn) - 0.08 + 0.4 * line]) * u, (0.2 * u, 0.19 * u)
            )
            canvas.polygon(curl, color)
            extent.add(curl)
    elif look.hair != "bald":
        outline = smooth(head + np.array(rows[look.hair]) * u, 2)
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


def still(pose: Pose) -> Pose:
    """The pose without the small motions of a living body."""
    return replace(pose, stroke=(0.0, 0.0), sway=(0.0, 0.0), blink=False)
