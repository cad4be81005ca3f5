"""Hair: a shell with the relief of strands on the skull, and locks that fall from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .field import Field
from .head import Face, Skull
from .joints import unit
from .kinds import Array, Part, Traits
from .mesh import part
from .noise import noise
from .strands import beard, knot, strands

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


def hair(traits: Traits, shape: Face, base: Skull, down: Array, obstacle: Field | None, detail: float) -> list[Part]:
    """The hair of a head in the head's frame; `down` (3,) is where weight pulls, `obstacle` the shoulders, if near."""
    style = STYLES[traits.hair]
    if traits.covering == "scarf":  # only what shows at its edge
        style = replace(style, thick=min(style.thick, 0.005), sides=0.004, top=0.0, fall=0.0, fringe=0.0, knot="")
    elif traits.covering != "none":  # pressed down, and nothing of it over the forehead
        knot_below = "" if style.knot == "bun" else style.knot
        sides = min(style.sides, 0.012)
        style = replace(style, thick=min(style.thick, 0.005), sides=sides, top=0.0, fringe=0.0, knot=knot_below)
    down = unit(down + np.array([0.0, 0.35, -0.6]))  # combing holds against weight: a bowed head keeps its face free
    rng = np.random.default_rng(traits.seed + 11)
    side = float(rng.choice([-1, 1]))
    p, n, faces = base.points, base.normals, base.faces
    inside = grown(style, p, traits.seed)
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
    dye = np.asarray(traits.hair_color)
    tint = (0.82 + 0.22 * strand + 0.16 * noise(p * [1, 1, 1], traits.seed + 4, 0.006, 8) + 0.10 * lump)[:, None]
    thin = np.clip(inside / 0.010, 0, 1)[:, None] * (0.72 if style.thick < 0.007 else 1.0)
    color = dye * np.clip(tint, 0.35, 1.7) * thin + np.asarray(traits.tone) * 0.85 * (1 - thin)
    out = [part("hair", q, faces[keep], color, "hair")]
    if style.thick > 0.0:
        out += _locks(traits, style, shape, Scalp(q, n, inside, flow), (down, obstacle), rng, detail)
    if style.knot:
        out += knot(traits, style.knot, down, obstacle, rng)
    if traits.beard == "full":
        out.append(beard(traits, shape, base, down, rng))
    return out


@dataclass(frozen=True)
class Scalp:
    """The shell's vertices (n,3), their normals, how far inside the hairline they lie (n,), and where hair flows."""

    shell: Array
    normals: Array
    inside: Array
    flow: Array


def _locks(
    traits: Traits,
    style: Style,
    shape: Face,
    scalp: Scalp,
    around: tuple[Array, Field | None],
    rng: np.random.Generator,
    detail: float,
) -> list[Part]:
    """Locks that grow from the shell; `around` is what pulls and what is in the way."""
    shell, n, inside, flow = scalp.shell, scalp.normals, scalp.inside, scalp.flow
    down, obstacle = around
    azimuth = np.abs(np.arctan2(shell[:, 0], -shell[:, 1]))
    length = np.where(shell[:, 2] > 0.06, style.top, style.fall)
    length = np.where((azimuth < 0.9) & (shell[:, 2] > 0.05) & (inside < 0.035), style.fringe, length)
    ready = np.flatnonzero((inside > 0.001) & (length > 0.008) & (shell[:, 2] > -0.055))
    if len(ready) == 0:
        return []
    height = np.clip(1 - (shell[ready, 2] - 0.02) / 0.2, 0.3, 1)  # the mesh is sparse behind: draw by area, roughly
    chance = np.where(azimuth[ready] > 1.2, 2.6, 0.4 if style.fringe > 0.15 else 1.0) * height
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
        strands(
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
