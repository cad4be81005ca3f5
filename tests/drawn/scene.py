"""Drawn classrooms with known truth: random scenes by seed, for teaching the tests' network and for judging it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.drawn.canvas import HEIGHT, WIDTH, Canvas, Color
from tests.drawn.figure import HAIR, HAIR_HELD_OUT, RAISED, Arm, Extent, Figure, Look, Pose
from tests.drawn.people import draw_before_desk, draw_behind_desk
from tests.drawn.room import Decor, draw_desk, draw_empty_seat, draw_room

Image = NDArray[np.uint8]

AXES: Mapping[str, tuple[str, ...]] = {
    "posture": ("seated", "standing", "head-on-desk"),
    "activity": ("reading", "writing", "listening", "uncertain"),
    "gesture": ("hand-raised", "none"),
    "facing": ("front", "turned-around"),
}
HELD_OUT_HUES = ((84, 100), (150, 166))  # clothes in these bands of OpenCV's hue (0..179) are never drawn for training


@dataclass(frozen=True, slots=True)
class Person:
    """The truth about one drawn person: box as (left, top, right, bottom), 0..1, and a value per axis.

    An axis is missing where the person is on the way between two of its values.
    """

    box: tuple[float, float, float, float]
    axes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to draw: a room, its people, and desks without people as (x, y, unit)."""

    decor: Decor
    figures: Sequence[Figure]
    empty: Sequence[tuple[float, float, float]] = ()
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class _Place:
    """A desk and who sits there, ordered from the back of the room to the front."""

    x: float
    y: float
    unit: float
    figure: Figure | None = None
    extent: Extent = field(default_factory=Extent)


def draw(drawing: Drawing, width: int, height: int) -> tuple[Image, list[Person]]:
    """The picture (height, width, 3) uint8 BGR, and the people in it."""
    canvas = Canvas(width, height, drawing.zoom, drawing.shift)
    draw_room(canvas, drawing.decor)
    places = [_Place(f.x, f.y, f.unit, f) for f in drawing.figures] + [_Place(*one) for one in drawing.empty]
    for place in sorted(places, key=lambda one: one.y):
        if place.figure:
            draw_behind_desk(canvas, place.figure, place.extent)
        else:
            draw_empty_seat(canvas, place.x, place.y, place.unit)
        draw_desk(canvas, drawing.decor, place.x, place.y, place.unit)
        if place.figure:
            draw_before_desk(canvas, place.figure, place.extent)
    size = np.array([width, height])
    people = []
    for place in places:
        if place.figure:
            low, high = np.clip(canvas.to_pixels([place.extent.low, place.extent.high]) / size, 0, 1)
            people.append(Person((low[0], low[1], high[0], high[1]), truth(place.figure.pose)))
    return canvas.image, people


def truth(pose: Pose) -> dict[str, str]:
    """What is to be said of a pose; on the way between two values (35 to 65 %) nothing is said of that axis."""
    axes: dict[str, str] = {"facing": "turned-around" if pose.turned else "front"}
    if not (0.35 < pose.lift < 0.65 or 0.35 < pose.down < 0.65):
        axes["posture"] = "head-on-desk" if pose.down > 0.5 else "standing" if pose.lift > 0.5 else "seated"
    hand = max(pose.raise_left, pose.raise_right)
    if not 0.35 < hand < 0.65:
        axes["gesture"] = "hand-raised" if hand > 0.5 else "none"
    if pose.turned or pose.down > 0.5:
        axes["activity"] = "uncertain"
    elif pose.down < 0.2:
        axes["activity"] = pose.activity.split("-")[0]
    return axes


def random_drawing(rng: np.random.Generator, held_out: bool = False) -> Drawing:
    """A random classroom; `held_out` takes hair styles and clothes' hues that training never shows."""
    places = _random_places(rng)
    figures: list[Figure] = []
    empty: list[tuple[float, float, float]] = []
    for x, y, unit in places:
        if rng.random() < 0.15:
            empty.append((x, y, unit))
        else:
            figures.append(Figure(x, y, unit * rng.uniform(0.94, 1.06), random_look(rng, held_out), random_pose(rng)))
    zoom = float(rng.uniform(0.95, 1.12))
    shift = (float(rng.uniform(-60, 60)), float(rng.uniform(-45, 45)))
    return Drawing(random_decor(rng), figures, empty, zoom, shift)


def _random_places(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Desks in two rows, sometimes one or three, set off so that the front rows hide nobody behind."""
    rows = int(rng.choice([1, 2, 2, 2, 2, 3]))
    unit = float(rng.uniform(36, 62) if rows == 3 else rng.uniform(44, 76) if rows == 2 else rng.uniform(60, 100))
    y = float(rng.uniform(395, 480) if rows > 1 else rng.uniform(480, 720))
    places: list[tuple[float, float, float]] = []
    for row in range(rows):
        pitch = unit * float(rng.uniform(4.3, 6.4))
        start = WIDTH / 2 + pitch * float(rng.uniform(-0.5, 0.5)) + (row % 2) * pitch / 2
        xs = start + pitch * np.arange(-8, 9) + rng.uniform(-0.15, 0.15, 17) * unit
        places += [(float(x), y, unit) for x in xs if 1.6 * unit < x < WIDTH - 1.6 * unit]
        growth = float(rng.uniform(1.15, 1.45))
        y += unit * growth * float(rng.uniform(2.5, 3.4))
        unit *= growth
        if y > HEIGHT - 30:
            break
    kept: list[tuple[float, float, float]] = []
    for x, desk, size in sorted(places, key=lambda one: -one[1]):
        hidden = any(abs(x - fx) < 1.0 * size + 0.9 * fs and desk - 0.6 * size > fy - 2.6 * fs for fx, fy, fs in kept)
        if not hidden:
            kept.append((x, desk, size))
    rng.shuffle(kept)
    return kept[: int(rng.integers(4, 11))]


def random_pose(rng: np.random.Generator) -> Pose:
    """A pose in which every behavior comes up often enough; one in eight is on the way to another."""
    side = bool(rng.random() < 0.5)
    pose = _random_doing(rng, side)
    what = rng.random()
    share = float(rng.choice([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, rng.uniform(0, 1)]))
    if what < 0.24:
        hand: Arm = RAISED[rng.integers(len(RAISED))]
        pose = replace(pose, hand=hand, raise_left=share if side else 0.0, raise_right=0.0 if side else share)
    elif what < 0.42:
        pose = replace(pose, down=share, pitch=0.0, activity="listening", left="folded", right="folded")
    elif what < 0.5:
        pose = replace(pose, turned=True)
    if what > 0.82 or (what < 0.24 and rng.random() < 0.2):
        pose = _stood_up(rng, pose, share)
    return replace(
        pose,
        yaw=float(rng.normal(0, 0.5)),
        sway=(float(rng.normal(0, 0.06)), float(rng.normal(0, 0.03))),
        blink=bool(rng.random() < 0.1),
        materials=bool(rng.random() < 0.3),
    )


def _random_doing(rng: np.random.Generator, side: bool) -> Pose:
    """Listening, reading or writing; `side` tells which hand writes."""
    activity = rng.choice(["listening", "listening", "reading-up", "reading-up", "reading-flat", "writing", "writing"])
    if activity == "writing":
        stroke = (float(rng.uniform(-0.05, 0.15)), float(rng.uniform(-0.04, 0.06)))
        arms: tuple[Arm, Arm] = ("paper", "write") if side else ("write", "paper")
        return Pose(*arms, activity="writing", pitch=float(rng.uniform(0.1, 0.7)), stroke=stroke)
    if activity == "reading-up":
        return Pose("book", "book", activity="reading-up", pitch=float(rng.uniform(0.0, 0.6)))
    if activity == "reading-flat":
        return Pose("open", "open", activity="reading-flat", pitch=float(rng.uniform(0.3, 0.9)))
    arms_at_rest: list[Arm] = ["folded", "flat", "lap", "chin"]
    both: list[Arm] = [arms_at_rest[i] for i in rng.integers(4, size=2)]
    if both == ["chin", "chin"] or rng.random() < 0.4:
        both = [both[0], both[0]] if both[0] != "chin" else ["folded", "folded"]
    return Pose(both[0], both[1], pitch=float(rng.uniform(0.0, 0.25)))


def _stood_up(rng: np.random.Generator, pose: Pose, share: float) -> Pose:
    if pose.activity in ("writing", "reading-flat"):
        pose = replace(pose, activity="listening", pitch=0.0)
    if pose.activity == "listening":
        arm: Arm = "hang" if rng.random() < 0.75 else "flat"
        pose = replace(pose, left=arm, right=arm)
    return replace(pose, lift=share, down=0.0)


def random_look(rng: np.random.Generator, held_out: bool = False) -> Look:
    """A random appearance. Skin, hair and clothes vary freely of each other."""
    tone = float(rng.random())  # from light to dark
    skin = (
        np.array([188, 208, 240]) + (np.array([46, 66, 100]) - np.array([188, 208, 240])) * tone + rng.normal(0, 6, 3)
    )
    styles = HAIR_HELD_OUT if held_out else HAIR
    hair = styles[rng.integers(len(styles))]
    natural = [(30, 28, 30), (34, 48, 72), (44, 74, 116), (90, 150, 200), (60, 92, 150), (150, 152, 156)]
    color = natural[rng.integers(len(natural))] if hair not in ("scarf", "cap") else random_color(rng, held_out)
    clothes = random_color(rng, held_out), random_color(rng, held_out)
    styles_of_clothes = ("plain", "collar", "hood", "stripes", "jacket", "vneck")
    return Look(
        skin=(float(skin[0]), float(skin[1]), float(skin[2])),
        hair=hair,
        hair_color=color,
        top=clothes[0],
        second=clothes[1] if rng.random() < 0.6 else (236, 238, 240),
        legs=((70, 54, 48), (96, 78, 64), (60, 60, 64))[rng.integers(3)],
        style=styles_of_clothes[rng.integers(6)],  # type: ignore[arg-type]
        glasses=bool(rng.random() < 0.25),
        beard=bool(hair in ("short", "side", "bald", "curly", "cap") and rng.random() < 0.3),
        wide=float(rng.uniform(0.9, 1.12)),
    )


def random_color(rng: np.random.Generator, held_out: bool = False) -> Color:
    """A color of clothes (BGR) from within or from without the held-out hues."""
    while True:
        hue = float(rng.uniform(0, 180))
        if held_out == any(low <= hue <= high for low, high in HELD_OUT_HUES):
            break
    hsv = np.array([[[hue, rng.uniform(20, 210), rng.uniform(60, 245)]]], np.uint8)
    b, g, r = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].tolist()
    return (b, g, r)


def random_decor(rng: np.random.Generator) -> Decor:
    """A random room."""

    def pastel() -> Color:
        base = rng.uniform(150, 245)
        b, g, r = np.clip(base + rng.normal(0, 16, 3), 90, 252)
        return (float(b), float(g), float(r))

    def maybe(low: float, high: float, chance: float) -> float | None:
        return float(rng.uniform(low, high)) if rng.random() < chance else None

    left = float(rng.uniform(200, 700))
    boards: list[Color] = [(88, 104, 62), (60, 70, 50), (240, 242, 244), (110, 140, 180), (70, 60, 54)]
    desks: list[Color] = [
        (120, 170, 212),
        (90, 130, 170),
        (170, 200, 222),
        (190, 196, 200),
        (70, 100, 140),
        (206, 214, 216),
    ]
    return Decor(
        wall=pastel(),
        trim=pastel(),
        floor=tuple(np.clip(np.array(pastel()) * rng.uniform(0.5, 0.95), 30, 250).tolist()),
        desk=desks[rng.integers(len(desks))],
        sky=tuple(rng.uniform([190, 180, 120], [252, 230, 210]).tolist()),
        horizon=float(rng.uniform(330, 460)),
        window=tuple(float(x) for x in rng.uniform(-100, 1500, int(rng.integers(0, 4)))),
        board=(left, left + float(rng.uniform(260, 640))) if rng.random() < 0.8 else None,
        chalk=boards[rng.integers(len(boards))],
        shelf=maybe(-40, 1540, 0.5),
        clock=maybe(50, 1550, 0.5),
        posters=tuple(float(x) for x in rng.uniform(0, 1500, int(rng.integers(0, 4)))),
        plant=maybe(40, 1560, 0.5),
        seed=int(rng.integers(1 << 20)),
        books=tuple(random_color(rng) for _ in range(5)),
    )


def as_seen(image: Image, rng: np.random.Generator) -> Image:
    """The picture as a camera might send it: exposure, color cast, vignette, blur, noise, JPEG."""
    curve = 255 * np.linspace(0, 1, 256) ** float(rng.uniform(0.7, 1.45))
    seen = np.asarray(cv2.LUT(image, curve.astype(np.uint8)), np.float32)
    seen = seen * rng.uniform(0.88, 1.1, 3).astype(np.float32) * float(rng.uniform(0.75, 1.15)) + float(
        rng.uniform(-12, 12)
    )
    height, width = image.shape[:2]
    if rng.random() < 0.6:
        y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        light = 1 + float(rng.uniform(-0.2, 0.2)) * x + float(rng.uniform(-0.15, 0.15)) * y
        seen = seen * (light * (1 - float(rng.uniform(0, 0.22)) * (x * x + y * y)))[..., None].astype(np.float32)
    if rng.random() < 0.35:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.3, 1.1))), np.float32)
    if rng.random() < 0.5:
        noise = rng.standard_normal((height, width, 1), np.float32)
        seen = seen + noise * float(rng.uniform(1, 8))
    out = np.clip(seen, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        _, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))])
        out = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return out


def sample(seed: int, width: int, height: int, held_out: bool = False) -> tuple[Image, list[Person]]:
    """The scene of a seed as a camera would send it, scaled to (height, width), and the people in it."""
    rng = np.random.default_rng(seed)
    drawing = random_drawing(rng, held_out)
    drawn = int(rng.choice([576, 768, 960]))
    image, people = draw(drawing, drawn, drawn * 9 // 16)
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        people = [Person((1 - p.box[2], p.box[1], 1 - p.box[0], p.box[3]), p.axes) for p in people]
    scaled = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    seen = [p for p in people if p.box[2] - p.box[0] > 0.02 and p.box[3] - p.box[1] > 0.04]
    return as_seen(scaled, rng), seen


def as_json(people: Sequence[Person]) -> list[dict[str, Any]]:
    """The truth in plain JSON types, boxes rounded to 1/10000."""
    return [{"box": [round(float(edge), 4) for edge in one.box], "axes": dict(one.axes)} for one in people]
