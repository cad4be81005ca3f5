"""The things people have at hand: pen, paper, books, phone, cup. X right, Y away from the reader, Z up."""

from __future__ import annotations

import numpy as np

from .kinds import Array, Part, Prop
from .mesh import block, grid_faces, joined, moved, part, tube


def thing(prop: Prop, place: Array, turn: Array) -> list[Part]:
    """The meshes of a thing at a place (3,), its right, away and up axes in the columns of `turn`."""
    rng = np.random.default_rng(prop.seed)
    return [moved(p, place, turn) for p in _MAKE[prop.kind](rng)]


def _sheet(rng: np.random.Generator, width: float, height: float, *, ink: float, sag: float = 0.0) -> Part:
    """A page with lines of writing; `sag` bends it up to a spine at x=0 (metres)."""
    n, m = 25, 34
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, n), np.linspace(-height / 2, height / 2, m), indexing="ij")
    z = (
        0.0012 * np.sin(x * 40 + rng.uniform(0, 6)) * np.sin(y * 25)
        if sag == 0
        else sag * (1 - np.exp(-np.abs(x) * 40)) * np.exp(-np.abs(x) * 6)
    )
    z = z - z.min() + 0.0008
    row = np.arange(m)
    line = (row % 2 == 0) & (row > 2) & (row < m - 3)
    ends = rng.uniform(0.55, 0.98, m)
    across = x / width + 0.5 if sag == 0 else np.abs(x) / width * 2
    written = line[None] & (across > 0.08) & (across < ends[None] * 0.92) & (rng.random((n, m)) < ink)
    color = np.where(
        written[..., None], np.array([0.2, 0.2, 0.24]), np.array([0.78, 0.77, 0.73]) * rng.uniform(0.85, 1.05)
    )
    if sag:
        color = color * (1 - 0.45 * np.exp(-((x / 0.006) ** 2)))[..., None]
        if rng.random() < 0.5:
            a, b = sorted(rng.integers(3, m - 3, 2))
            picture = np.zeros((n, m), bool)
            picture[2:11, a : b + 4] = True
            color[picture] = rng.uniform(0.1, 0.5, 3)
    return part("page", np.stack([x, y, z], -1).reshape(-1, 3), grid_faces(n, m), color.reshape(-1, 3), "paper")


def _paper(rng: np.random.Generator) -> list[Part]:
    return [_sheet(rng, 0.21, 0.297, ink=float(rng.uniform(0.1, 0.85)))]


def _open(rng: np.random.Generator, width: float, height: float, thick: float, ink: float) -> list[Part]:
    page = _sheet(rng, width, height, ink=ink, sag=thick)
    cover, faces = block((width + 0.012, height + 0.01, 0.004))
    color = float(rng.uniform(0.02, 0.5)) * rng.uniform(0.5, 1.0, 3)
    shift = np.array([0, 0, thick * 0.35], np.float32)
    return [
        part("page", page.vertices + shift, page.faces, page.colors, "paper"),
        part("cover", cover - [0, 0, 0.001], faces, color, "leather"),
        part("block", *_slab(width, height, thick * 0.5), np.array([0.66, 0.64, 0.58]), "paper"),
    ]


def _slab(width: float, height: float, thick: float) -> tuple[Array, Array]:
    v, f = block((width, height, thick))
    return v - (0, 0, -thick / 2), f


def _book(rng: np.random.Generator) -> list[Part]:
    return _open(
        rng, float(rng.uniform(0.27, 0.36)), float(rng.uniform(0.19, 0.26)), float(rng.uniform(0.006, 0.02)), 0.9
    )


def _notebook(rng: np.random.Generator) -> list[Part]:
    return _open(rng, float(rng.uniform(0.28, 0.4)), float(rng.uniform(0.2, 0.29)), 0.005, float(rng.uniform(0.1, 0.7)))


def _pen(rng: np.random.Generator) -> list[Part]:
    length = float(rng.uniform(0.13, 0.16))
    path = np.array([[0, 0, 0], [0, 0, 0.008], [0, 0, 0.02], [0, 0, length]])
    v, f = tube(path, np.array([0.0008, 0.002, 0.0042, 0.0042]), 7)
    return [
        part(
            "pen",
            v,
            f,
            np.array(
                [(0.02, 0.03, 0.2), (0.02, 0.02, 0.02), (0.45, 0.05, 0.04), (0.5, 0.42, 0.05), (0.5, 0.5, 0.5)][
                    int(rng.integers(5))
                ]
            ),
            "plastic",
        )
    ]


def _phone(rng: np.random.Generator) -> list[Part]:
    v, f = block((0.073, 0.15, 0.008))
    color = np.full((len(v), 3), float(rng.choice([0.02, 0.02, 0.5])))
    color[4:8] = rng.choice([0.01, 0.25, 0.5]) * rng.uniform(0.6, 1, 3)
    return [part("phone", v, f, color, "plastic")]


def _tablet(rng: np.random.Generator) -> list[Part]:
    case = part("tablet", *block((0.18, 0.25, 0.009)), np.full(3, 0.03), "plastic")
    v, f = block((0.16, 0.22, 0.001))
    return [joined("tablet", [case, part("screen", v - (0, 0, -0.0052), f, rng.uniform(0.3, 0.7, 3), "plastic")])]


def _cup(rng: np.random.Generator) -> list[Part]:
    z = np.array([-0.05, -0.049, -0.02, 0.02, 0.045, 0.044, 0.0])
    r = np.array([0.028, 0.031, 0.034, 0.038, 0.040, 0.037, 0.033])
    v, f = tube(np.stack([0 * z, 0 * z, z], 1), r, 14)
    return [
        part(
            "cup",
            v,
            f,
            np.array([(0.6, 0.6, 0.58), (0.35, 0.06, 0.05), (0.05, 0.1, 0.3), (0.15, 0.1, 0.07)][int(rng.integers(4))]),
            "plastic",
        )
    ]


_MAKE = {
    "paper": _paper,
    "book": _book,
    "notebook": _notebook,
    "pen": _pen,
    "phone": _phone,
    "tablet": _tablet,
    "cup": _cup,
}
