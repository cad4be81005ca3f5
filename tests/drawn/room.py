"""The drawn classroom without its people: wall, window, board, shelves, floor and desks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tests.drawn.canvas import HEIGHT, WIDTH, Canvas, Color, mix, shade


@dataclass(frozen=True, slots=True)
class Decor:
    """Colors (BGR) and furniture of a room. `seed` decides the chalk on the board and the books on the shelf."""

    wall: Color = (206, 224, 232)
    trim: Color = (176, 196, 208)
    floor: Color = (140, 168, 190)
    desk: Color = (120, 170, 212)
    frame: Color = (110, 110, 116)
    sky: Color = (240, 214, 168)
    horizon: float = 395.0
    window: tuple[float, ...] = (70.0, 1290.0)
    board: tuple[float, float] | None = (520.0, 1010.0)
    chalk: Color = (88, 104, 62)
    shelf: float | None = 1120.0
    clock: float | None = 1170.0
    posters: tuple[float, ...] = (400.0,)
    plant: float | None = 440.0
    seed: int = 0
    books: tuple[Color, ...] = field(
        default=((70, 90, 190), (150, 110, 60), (90, 150, 90), (60, 150, 220), (130, 80, 120))
    )


def draw_room(canvas: Canvas, decor: Decor) -> None:
    """Everything behind the desks."""
    canvas.image[:] = np.asarray(decor.floor, np.uint8)
    canvas.gradient(-HEIGHT, decor.horizon, shade(decor.wall, 1.12), shade(decor.wall, 0.94))
    canvas.gradient(decor.horizon, HEIGHT * 2, shade(decor.floor, 0.86), shade(decor.floor, 1.1))
    for x in np.linspace(-2400, 4000, 26):
        canvas.stroke([(800 + (x - 800) * 0.35, decor.horizon), (x, HEIGHT * 1.2)], shade(decor.floor, 0.8), 3, 0.4)
    canvas.rectangle(-WIDTH, decor.horizon - 26, WIDTH * 2, decor.horizon, decor.trim)
    canvas.rectangle(-WIDTH, decor.horizon - 4, WIDTH * 2, decor.horizon + 3, shade(decor.trim, 0.7))
    for left in decor.window:
        _window(canvas, decor, left)
    if decor.board:
        _board(canvas, decor, *decor.board)
    rng = np.random.default_rng(decor.seed)
    for left in decor.posters:
        _poster(canvas, decor, left, rng)
    pieces: tuple[tuple[float | None, Callable[[Canvas, Decor, float], None]], ...] = (
        (decor.shelf, _shelf),
        (decor.clock, _clock),
        (decor.plant, _plant),
    )
    for place, draw in pieces:
        if place is not None:
            draw(canvas, decor, place)


def _window(canvas: Canvas, decor: Decor, left: float) -> None:
    right, top, bottom = left + 240, 40.0, 270.0
    canvas.rectangle(left - 12, top - 12, right + 12, bottom + 12, (236, 240, 242))
    for row in range(12):
        y = top + (bottom - top) * row / 12
        canvas.rectangle(left, y, right, y + 21, mix(decor.sky, (252, 248, 240), row / 12))
    hill = [
        (left, bottom - 50),
        (left + 70, bottom - 86),
        (left + 150, bottom - 52),
        (right, bottom - 78),
        (right, bottom),
        (left, bottom),
    ]
    canvas.polygon(hill, (120, 176, 138))
    canvas.ellipse((left + 182, bottom - 70), (34, 40), (92, 148, 104))
    canvas.rectangle(left + 176, bottom - 40, left + 188, bottom, (70, 96, 120))
    canvas.rectangle((left + right) / 2 - 5, top, (left + right) / 2 + 5, bottom, (236, 240, 242))
    canvas.rectangle(left, (top + bottom) / 2 - 4, right, (top + bottom) / 2 + 4, (236, 240, 242))
    canvas.rectangle(left - 20, bottom + 8, right + 20, bottom + 22, (222, 228, 230))
    glow = [(left, decor.horizon), (right, decor.horizon), (right + 160, HEIGHT), (left - 60, HEIGHT)]
    canvas.polygon(glow, (235, 248, 255), 0.14)


def _board(canvas: Canvas, decor: Decor, left: float, right: float) -> None:
    top, bottom = 56.0, 262.0
    canvas.rectangle(left - 12, top - 12, right + 12, bottom + 12, (96, 138, 176))
    canvas.rectangle(left, top, right, bottom, decor.chalk)
    canvas.rectangle(left, top, right, top + 10, shade(decor.chalk, 0.8))
    canvas.rectangle(left - 4, bottom + 6, right + 4, bottom + 18, (84, 120, 156))
    light = (236, 240, 238) if sum(decor.chalk) < 450 else (120, 90, 60)
    rng = np.random.default_rng(decor.seed)
    x0, y0, width = left + 36, bottom - 36, min(190.0, (right - left) * 0.4)
    canvas.stroke([(x0, top + 36), (x0, y0), (x0 + width, y0)], light, 4, 0.9)
    grid = np.linspace(0, 1, 24)
    kind = rng.integers(3)
    curve = (np.sin(grid * 6.3) * 0.4 + 0.5, grid**2 * 0.9, 0.9 * np.exp(-((grid - 0.5) ** 2) * 18))[kind]
    canvas.stroke(
        [(x0 + g * width, y0 - c * 120) for g, c in zip(grid, curve, strict=True)],
        mix(light, (120, 200, 250), 0.5),
        5,
        0.9,
    )
    for row in range(4):
        start, y = x0 + width + 40, top + 42 + row * 38
        while start < right - 50 - 60 * rng.random():
            length = rng.uniform(14, 46)
            canvas.stroke([(start, y), (min(start + length, right - 24), y + rng.uniform(-3, 3))], light, 5, 0.75)
            start += length + 14


def _poster(canvas: Canvas, decor: Decor, left: float, rng: np.random.Generator) -> None:
    canvas.rectangle(left, 70, left + 84, 190, (244, 246, 248))
    colors = decor.books
    kind = rng.integers(3)
    for i in range(4):
        color = colors[(i + decor.seed) % len(colors)]
        if kind == 0:
            canvas.rectangle(left + 12 + i * 16, 170 - 22 * (i + 1), left + 24 + i * 16, 176, color)
        elif kind == 1:
            canvas.ellipse((left + 24 + (i % 2) * 36, 106 + (i // 2) * 42), (15, 15), color)
        else:
            canvas.polygon([(left + 12, 176 - i * 24), (left + 72, 176 - i * 24), (left + 42, 150 - i * 24)], color)


def _clock(canvas: Canvas, decor: Decor, x: float) -> None:
    y = 92.0
    canvas.ellipse((x, y), (40, 40), (80, 84, 90))
    canvas.ellipse((x, y), (34, 34), (246, 248, 250))
    turn = decor.seed * 0.9
    canvas.stroke([(x, y), (x + 18 * np.cos(turn), y + 18 * np.sin(turn))], (50, 50, 54), 5)
    canvas.stroke([(x, y), (x + 26 * np.cos(turn * 5), y + 26 * np.sin(turn * 5))], (50, 50, 54), 3)


def _shelf(canvas: Canvas, decor: Decor, left: float) -> None:
    wood = shade(decor.desk, 0.82)
    top, bottom, right = 188.0, decor.horizon + 8, left + 130
    canvas.rectangle(left - 8, top - 8, right + 8, bottom, wood)
    rng = np.random.default_rng(decor.seed + 1)
    height = (bottom - top - 12) / 2
    for row in range(2):
        y = top + row * (height + 6)
        canvas.rectangle(left, y, right, y + height, shade(wood, 0.6))
        x = left + 4
        while x < right - 16:
            wide, tall = rng.uniform(9, 17), rng.uniform(0.6, 0.9) * height
            canvas.rectangle(x, y + height - tall, x + wide, y + height, decor.books[rng.integers(len(decor.books))])
            x += wide + (rng.random() < 0.2) * 18 + 1.5


def _plant(canvas: Canvas, decor: Decor, x: float) -> None:
    base = decor.horizon + 6
    for angle, length in ((-62, 110), (-78, 140), (-95, 150), (-112, 132), (-126, 104)):
        a = np.deg2rad(angle)
        canvas.ellipse(
            (x + np.cos(a) * length * 0.55, base - 50 + np.sin(a) * length * 0.55),
            (length * 0.5, 15),
            (96, 150, 84),
            angle,
        )
    canvas.polygon([(x - 34, base - 60), (x + 34, base - 60), (x + 25, base + 6), (x - 25, base + 6)], (84, 118, 196))
    canvas.rectangle(x - 38, base - 68, x + 38, base - 52, (94, 130, 208))


def draw_desk(canvas: Canvas, decor: Decor, x: float, y: float, unit: float) -> None:
    """A desk for one: `x`, `y` the middle of its rear edge, `unit` a head's height (drawing units)."""
    toward = (x - WIDTH / 2) / WIDTH * 0.5  # the front edge lies further from the picture's middle

    def at(px: float, py: float) -> tuple[float, float]:
        return (x + (px + toward * py) * unit, y + py * unit)

    front = 0.66
    top = [at(-1.85, 0), at(1.85, 0), at(2.02, front), at(-2.02, front)]
    shadow = [at(-1.9, 2.9), at(1.9, 2.9), at(2.2, 3.3), at(-2.2, 3.3)]
    canvas.polygon(shadow, (40, 50, 60), 0.16)
    for side in (-1, 1):
        canvas.polygon(
            [at(side * 1.86, front), at(side * 1.96, front), at(side * 1.93, 3.1), at(side * 1.83, 3.1)], decor.frame
        )
    panel = [at(-1.84, front), at(1.84, front), at(1.82, 2.25), at(-1.82, 2.25)]
    canvas.polygon(panel, shade(decor.desk, 0.72))
    canvas.polygon(
        [at(-1.84, front), at(1.84, front), at(1.84, front + 0.3), at(-1.84, front + 0.3)], shade(decor.desk, 0.5), 0.45
    )
    canvas.polygon(top, decor.desk)
    canvas.polygon([at(-1.85, 0), at(1.85, 0), at(1.87, 0.1), at(-1.87, 0.1)], shade(decor.desk, 1.14))
    canvas.polygon(
        [at(-2.02, front), at(2.02, front), at(2.02, front + 0.13), at(-2.02, front + 0.13)], shade(decor.desk, 0.86)
    )


def draw_empty_seat(canvas: Canvas, x: float, y: float, unit: float) -> None:
    """A chair that nobody sits on; to be drawn before its desk."""
    color: Color = (92, 74, 62)
    canvas.polygon(
        [(x - 0.85 * unit, y - unit), (x + 0.85 * unit, y - unit), (x + 0.9 * unit, y), (x - 0.9 * unit, y)], color
    )
    canvas.rectangle(x - 0.7 * unit, y - 0.85 * unit, x + 0.7 * unit, y - 0.3 * unit, shade(color, 1.08))
