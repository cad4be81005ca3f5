"""Hair: a shell with the relief of strands on the skull, and locks that fall from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .field import Field
from .head import MIDDLE, Face, bearded, rays, shoot
from .joints import unit
from .kinds import Array, Part, Traits
from .mesh import grid_faces, normals, part
from .noise import noise

CROWN = np.array([0.0, 0.045, 0.10])


@dataclass(frozen=True)
class Style:
    """A way to wear hair; lengths in metres. `comb`: away from the crown, forward, back or to the side."""

    thick: float  # of the shell on top
    sides: float  # of the shell at the sides and behind
    top: float = 0.0  # length of locks on top
    fall: float = 0.0  # length of locks at the sides and behind
    fringe: float = 0.0  # length of locks over the forehead
    comb: str = "crown"
    curl: float = 0.0
    lift: float = 0.3
    line: float = 0.0  # the hairline recedes by
    knot: str = ""


STYLES = {
    "crop": Style(0.006, 0.003),
    "short": Style(0.013, 0.006, top=0.045, fall=0.025, fringe=0.025, comb="forward", lift=0.5),
    "side": Style(0.017, 0.006, top=0.07, fall=0.025, fringe=0.04, comb="side", lift=0.55),
    "messy": Style(0.018, 0.012, top=0.07, fall=0.05, fringe=0.06, comb="forward", lift=0.9, curl=0.5),
    "long": Style(0.013, 0.012, top=0.12, fall=0.36, fringe=0.3, comb="part"),
    "bob": Style(0.015, 0.016, top=0.12, fall=0.19, fringe=0.17, comb="part", lift=0.4),
    "ponytail": Style(0.009, 0.007, top=0.05, fall=0.04, comb="back", lift=0.1, knot="tail"),
    "bun": Style(0.009, 0.007, top=0.05, fall=0.04, comb="back", lift=0.1, knot="bun"),
    "afro": Style(0.052, 0.040, top=0.03, fall=0.03, curl=2.2, lift=1.6),
    "fringe": Style(0.015, 0.014, top=0.12, fall=0.24, fringe=0.062, comb="crown", lift=0.3),
    "receding": Style(0.004, 0.006, top=0.02, fall=0.02, line=0.035, lift=0.4, comb="back"),
    "bald": Style(0.0, 0.0025, line=0.09),
    "curtain": Style(0.018, 0.012, top=0.09, fall=0.10, fringe=0.10, comb="part", lift=0.55),
    "braids": Style(0.008, 0.007, top=0.06, fall=0.04, comb="part", lift=0.1, knot="braids"),
    "quiff": Style(0.022, 0.004, top=0.06, fall=0.012, fringe=0.06, comb="back", lift=1.2),
    "curls": Style(0.030, 0.026, top=0.07, fall=0.13, fringe=0.07, curl=1.6, lift=0.8),
}
AZIMUTHS = np.radians([0, 25, 45, 60, 72, 84, 96, 112, 140, 180])
LINE = np.array([0.074, 0.071, 0.058, 0.034, 0.002, -0.012, 0.026, -0.012, -0.050, -0.060])


def grown(style: Style, p: Array, seed: int) -> Array:
    """How far inside the hairline points (n,3) of the head lie, in metres; negative outside."""
    azimuth = np.abs(np.arctan2(p[:, 0], -p[:, 1]))
    line = (
        np.interp(azimuth, AZIMUTHS, LINE) + style.line * np.clip(1.6 - azimuth, 0, 1) + 0.003 * noise(p, seed, 0.012)
    )
    if style.line > 0.08:
        line = np.maximum(line, 0.0) + 0.2 * (p[:, 2] > 0.045)
        return np.where(p[:, 2] > 0.05, -0.01, p[:, 2] - np.interp(azimuth, AZIMUTHS, LINE))
    return p[:, 2] - line


def _flow(style: Style, p: Array, side: float) -> Array:
    """Where hair is combed to, unit vectors (n,3)."""
    away = p - CROWN
    if style.comb == "forward":
        way = np.where((p[:, 2] > 0.055)[:, None], away * [0.3, 0.2, 0.2] + [0, -0.08, 0], away)
    elif style.comb == "back":
        way = np.stack([-p[:, 0] * 0.35, np.full(len(p), 0.09), (0.05 - p[:, 2]) * 0.4], 1)
    elif style.comb == "side":
        way = np.where((p[:, 2] > 0.055)[:, None], np.array([side * 0.09, 0.02, 0.0]), away)
    elif style.comb == "part":
        away_from = np.sign(p[:, 0] - side * 0.018) * 0.07
        way = np.stack([away_from, 0.01 + 0.1 * (p[:, 1] > 0.05), -0.05 - 0.5 * np.clip(0.07 - p[:, 2], 0, 1)], 1)
    else:
        way = away
    return unit(way)


def hair(traits: Traits, shape: Face, down: Array, obstacle: Field | None, detail: float) -> list[Part]:
    """The hair of a head in the head's frame; `down` (3,) is where weight pulls, `obstacle` the shoulders, if near."""
    style = STYLES[traits.hair]
    if traits.covering != "none":  # pressed down, and nothing of it over the forehead
        style = replace(
            style,
            thick=min(style.thick, 0.005),
            sides=min(style.sides, 0.012),
            top=0.0,
            fringe=0.0,
            knot="" if style.knot == "bun" else style.knot,
        )
    rng = np.random.default_rng(traits.seed + 11)
    side = float(rng.choice([-1, 1]))
    rows, columns = int(76 * detail**0.5), int(110 * detail**0.5)
    ways = rays(rows, columns).reshape(-1, 3)
    p = shoot(shape.field, MIDDLE, ways, 0.17, 9)
    faces = grid_faces(rows, columns, closed=True)
    inside = grown(style, p, traits.seed)
    n = normals(p, faces)
    flow = _flow(style, p, side)
    flow = unit(flow - n * np.sum(flow * n, 1, keepdims=True))
    across = np.cross(n, flow)
    top = np.clip((p[:, 2] - 0.02) / 0.05, 0, 1)
    thick = style.sides + (style.thick - style.sides) * top
    strand = noise(
        np.stack([np.sum(p * across, 1) * 6, p[:, 0] * 0.8, p[:, 2] * 0.8 + p[:, 1]], 1), traits.seed + 1, 0.03, 7
    )
    lump = noise(p, traits.seed + 2, 0.035 if style.curl < 1 else 0.018)
    relief = 1 + 0.16 * strand + (0.16 + 0.12 * min(style.curl, 1.6)) * lump
    grow = np.clip(inside / (0.012 + thick * 0.5), 0, 1) ** 0.5
    q = p + n * (np.where(inside > 0, thick * grow * relief + 0.0012, -0.004))[:, None]
    keep = (inside > -0.002)[faces].any(1)
    base = np.asarray(traits.hair_color)
    tint = (0.82 + 0.22 * strand + 0.16 * noise(p * [1, 1, 1], traits.seed + 4, 0.006, 8) + 0.10 * lump)[:, None]
    thin = np.clip(inside / 0.010, 0, 1)[:, None] * (0.72 if style.thick < 0.007 else 1.0)
    color = base * np.clip(tint, 0.35, 1.7) * thin + np.asarray(traits.tone) * 0.85 * (1 - thin)
    out = [part("hair", q, faces[keep], color, "hair")]
    if style.thick > 0.0:
        out += _locks(traits, style, shape, q, n, inside, flow, down, obstacle, rng, detail)
    if style.knot:
        out += _knot(traits, style, down, obstacle, rng)
    if traits.beard == "full":
        out.append(_beard(traits, shape, down, rng))
    return out


def _strands(
    roots: Array,
    ways: Array,
    lengths: Array,
    widths: Array,
    *,
    down: Array,
    weight: float,
    curl: float,
    solid: list[tuple[Field, float]],
    rng: np.random.Generator,
    color: Array,
    steps: int = 8,
    hug: float = 9.0,
) -> Part:
    """Ribbons (n of them, steps x 3 vertices) from roots (n,3) along ways, pulled down, kept out of solid fields."""
    n = len(roots)
    path = np.zeros((steps, n, 3))
    path[0] = roots
    way = ways.copy()
    phase = rng.uniform(0, 2 * np.pi, n)
    for i in range(1, steps):
        step = lengths / (steps - 1)
        wind = (
            curl
            * 0.5
            * np.stack([np.sin(phase + i * 1.7), np.cos(phase * 1.3 + i * 1.9), np.sin(phase * 0.7 + i * 1.4)], 1)
        )
        way = unit(way + down * (weight * step * 60)[:, None] + wind + rng.normal(0, 0.05, (n, 3)))
        p = path[i - 1] + way * step[:, None]
        for f, gap in solid:
            d = f(p.astype(np.float32)).astype(float)
            low = (d < gap) | (d > gap + hug)
            if low.any():
                e = 1e-3
                grad = unit(
                    np.stack([f((p[low] + np.eye(3)[k] * e).astype(np.float32)) - d[low] for k in range(3)], 1).astype(
                        float
                    )
                    + 1e-9
                )
                p[low] += grad * np.where(d[low] < gap, gap - d[low], 0.6 * (gap + hug - d[low]))[:, None]
        way = unit(p - path[i - 1])
        path[i] = p
    along = unit(np.gradient(path, axis=0))
    outward = unit(path - (MIDDLE + np.array([0, 0.01, 0.01])))
    across = unit(np.cross(along, outward))
    taper = (
        np.interp(np.linspace(0, 1, steps), [0, 0.15, 0.6, 1], [0.6, 1.0, 0.85, 0.12])[:, None, None]
        * widths[None, :, None]
    )
    ridge = np.cross(across, along) * taper * 0.35
    ribbon = np.stack([path - across * taper, path + ridge, path + across * taper], 2)  # steps, n, 3, xyz
    index = np.arange(steps * n * 3).reshape(steps, n, 3)
    q = np.stack([index[:-1, :, :-1], index[:-1, :, 1:], index[1:, :, 1:], index[1:, :, :-1]], -1).reshape(-1, 4)
    faces = np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]])
    tint = (
        rng.normal(1.0, 0.11, n).clip(0.6, 1.4)[None, :, None, None]
        * np.array([0.88, 1.08, 0.88])[None, None, :, None]
        * np.linspace(0.85, 1.12, steps)[:, None, None, None]
    )
    return part("locks", ribbon.reshape(-1, 3), faces, (tint * color).reshape(-1, 3), "hair")


def _locks(
    traits: Traits,
    style: Style,
    shape: Face,
    shell: Array,
    n: Array,
    inside: Array,
    flow: Array,
    down: Array,
    obstacle: Field | None,
    rng: np.random.Generator,
    detail: float,
) -> list[Part]:
    azimuth = np.abs(np.arctan2(shell[:, 0], -shell[:, 1]))
    length = np.where(shell[:, 2] > 0.06, style.top, style.fall)
    length = np.where((azimuth < 0.9) & (shell[:, 2] > 0.05) & (inside < 0.035), style.fringe, length)
    ready = np.flatnonzero((inside > 0.001) & (length > 0.008) & (shell[:, 2] > -0.055))
    if len(ready) == 0:
        return []
    height = np.clip(1 - (shell[ready, 2] - 0.02) / 0.2, 0.3, 1)  # the mesh is sparse behind: draw by area, roughly
    chance = np.where(azimuth[ready] > 1.2, 2.6, 1.0) * height
    count = int((420 if style.curl < 1 else 480) * detail**0.5 * (1.25 if style.fall > 0.15 else 1.0))
    pick = rng.choice(ready, count, p=chance / chance.sum())
    lengths = length[pick] * rng.uniform(0.6, 1.05, count)
    ways = unit(
        flow[pick]
        + n[pick] * style.lift * rng.uniform(0.15, 0.6, (count, 1))
        + rng.normal(0, 0.08 + 0.12 * style.curl, (count, 3))
    )
    widths = np.where(lengths > 0.12, 0.0065, 0.0038) * rng.uniform(0.6, 1.3, count)
    solid: list[tuple[Field, float]] = [(shape.field, 0.55 * style.sides + 0.002)]
    if obstacle is not None and style.fall > 0.12:
        solid.append((obstacle, 0.006))
    weight = 0.28 if style.fall > 0.1 else 0.10
    return [
        _strands(
            shell[pick] - n[pick] * 0.003,
            ways,
            lengths,
            widths,
            down=down,
            weight=weight * (0.3 if style.curl > 1 else 1.0),
            curl=style.curl,
            solid=solid,
            rng=rng,
            color=np.asarray(traits.hair_color),
            steps=10 if style.fall > 0.12 else 6,
            hug=style.thick + 0.3 * style.lift * style.thick if style.fall < 0.12 else 9.0,
        )
    ]


def _knot(traits: Traits, style: Style, down: Array, obstacle: Field | None, rng: np.random.Generator) -> list[Part]:
    color = np.asarray(traits.hair_color)
    solid = [] if obstacle is None else [(obstacle, 0.01)]
    if style.knot == "bun":
        high = rng.uniform(0.02, 0.13)
        middle = np.array([0, 0.115 - max(high - 0.05, 0) * 0.5, high])
        ways = unit(rng.normal(size=(90, 3)))
        roots = middle + ways * 0.028
        turn = unit(np.cross(ways, unit([0.2, 1.0, 0.3])))
        ball = Field(0.01)
        ball.ellipsoid(middle, (0.034, 0.03, 0.034))
        return [
            _strands(
                roots,
                turn,
                np.full(90, 0.06),
                np.full(90, 0.009),
                down=down,
                weight=0.0,
                curl=0.15,
                solid=[(ball, 0.0)],
                rng=rng,
                color=color,
                steps=6,
            ),
            _lump(middle, 0.03, color),
        ]
    if style.knot == "tail":
        base = np.array([0, 0.112, float(rng.uniform(0.01, 0.09))])
        roots = base + rng.normal(0, 0.009, (90, 3))
        return [
            _strands(
                roots,
                unit(np.tile([0, 1.0, 0.15], (90, 1)) + rng.normal(0, 0.12, (90, 3))),
                np.full(90, float(rng.uniform(0.2, 0.32))) * rng.uniform(0.8, 1.1, 90),
                np.full(90, 0.007),
                down=down,
                weight=0.22,
                curl=0.06,
                solid=solid,
                rng=rng,
                color=color,
                steps=10,
            ),
            _lump(base, 0.018, color),
        ]
    out = []
    for s in (1, -1):
        base = np.array([s * 0.068, 0.055, -0.035])
        roots = base + rng.normal(0, 0.006, (40, 3))
        out.append(
            _strands(
                roots,
                unit(np.tile([s * 0.4, 0.1, -0.8], (40, 1))),
                np.full(40, 0.27),
                np.full(40, 0.008),
                down=down,
                weight=0.3,
                curl=0.32,
                solid=solid,
                rng=rng,
                color=color,
                steps=16,
            )
        )
    return out


def _lump(middle: Array, radius: float, color: Array) -> Part:
    ways = rays(14, 18).reshape(-1, 3)
    return part("knot", middle + ways * radius, grid_faces(14, 18, closed=True), color * 0.7, "hair")


def _beard(traits: Traits, shape: Face, down: Array, rng: np.random.Generator) -> Part:
    ways = rays(60, 80).reshape(-1, 3)
    p = shoot(shape.field, MIDDLE, ways, 0.17, 9)
    ready = np.flatnonzero(bearded(traits, shape, p) > 0.5)
    count = 300
    pick = rng.choice(ready, count)
    ways_out = unit(unit(p[pick] - MIDDLE) * 0.5 + [0, -0.2, -0.8] + rng.normal(0, 0.2, (count, 3)))
    return _strands(
        p[pick],
        ways_out,
        rng.uniform(0.008, 0.02, count),
        np.full(count, 0.003),
        down=down,
        weight=0.1,
        curl=0.2,
        solid=[],
        rng=rng,
        color=np.asarray(traits.hair_color),
        steps=4,
    )
