"""What stands, hangs and lies in a classroom, as meshes of plain solids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..human.joints import about
from ..human.kinds import Array, Material, Part
from ..human.mesh import ball, block, grid_faces, joined, moved, part, tube
from .kinds import Thing

SKY = "sky"  # the name of what shines as the day outside does
Make = Callable[[Thing, np.random.Generator], list[Part]]


def parts(thing: Thing) -> list[Part]:
    """The meshes of a thing where it stands."""
    made = MAKE[thing.kind](thing, np.random.default_rng(thing.seed))
    turn = about(2, thing.turn)
    return [moved(p, np.asarray(thing.place), turn) for p in made]


def _solid(name: str, at: Array, size: Array, color: Array, material: Material = "plastic") -> Part:
    v, f = block(tuple(np.asarray(size, float)))
    return part(name, v + np.asarray(at), f, np.asarray(color), material)


def _pole(name: str, a: Array, b: Array, radius: float, color: Array) -> Part:
    path = np.linspace(np.asarray(a, float), np.asarray(b, float), 3)
    return part(name, *tube(path, np.full(3, radius), 7), np.asarray(color), "plastic")


def _slab(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """A floor, wall or ceiling of tiles, boards or plaster: colors that vary by square."""
    wide, deep, high = thing.size
    flat = high < min(wide, deep)
    a, b = (wide, deep) if flat else (wide, high)
    kind = rng.choice(["plain", "tiles", "boards", "band"], p=[0.4, 0.25, 0.2, 0.15])
    n = np.maximum((np.array([a, b]) / {"tiles": 0.5, "boards": 0.16}.get(str(kind), 0.35)).astype(int), 2)
    n = np.minimum(n, 90)
    u, v = np.meshgrid(np.linspace(-a / 2, a / 2, n[0]), np.linspace(0, b, n[1]), indexing="ij")
    shade = np.ones(u.shape)
    if kind == "tiles":
        shade = 1 - rng.uniform(0.02, 0.2) * ((np.indices(u.shape).sum(0)) % 2)
    elif kind == "boards":
        shade = (1 + rng.normal(0, 0.08, u.shape[1]))[None] * np.ones(u.shape)
    elif kind == "band" and not flat:
        shade = np.where(v < rng.uniform(0.8, 1.4), rng.uniform(0.45, 0.9), 1.0)
    shade = shade * (1 + rng.normal(0, 0.015, u.shape))
    z = np.zeros_like(u)
    points = np.stack([u, v - b / 2, z], -1) if flat else np.stack([u, z, v], -1)
    color = np.asarray(thing.color) * shade.reshape(-1, 1)
    return [part(thing.kind, points.reshape(-1, 3), grid_faces(*u.shape), color, "paper")]


def _desk(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """Top at `size[2]`, legs of a kind, maybe a front; the middle of the desk is its place."""
    wide, deep, high = thing.size
    color = np.asarray(thing.color)
    out = [_solid("desk", np.array([0, 0, high - 0.013]), np.array([wide, deep, 0.026]), color)]
    metal = rng.uniform(0.05, 0.5) * np.ones(3)
    legs = str(rng.choice(["four", "tee", "sides"]))
    x, y = wide / 2 - 0.04, deep / 2 - 0.04
    if legs == "four":
        out += [
            _pole("leg", np.array([sx * x, sy * y, 0]), np.array([sx * x, sy * y, high - 0.02]), 0.016, metal)
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
    elif legs == "tee":
        for s in (-1, 1):
            out.append(_pole("leg", np.array([s * x, 0, 0.03]), np.array([s * x, 0, high - 0.02]), 0.022, metal))
            out.append(_solid("foot", np.array([s * x, 0, 0.02]), np.array([0.05, deep * 0.95, 0.04]), metal))
    else:
        out += [
            _solid("side", np.array([s * x, 0, high / 2]), np.array([0.025, deep * 0.9, high - 0.03]), color * 0.9)
            for s in (-1, 1)
        ]
    if rng.random() < 0.4:
        tall = rng.uniform(0.2, 0.45)
        out.append(
            _solid(
                "front",
                np.array([0, -y, high - 0.03 - tall / 2]),
                np.array([wide * 0.92, 0.015, tall]),
                color * rng.uniform(0.6, 1),
            )
        )
    if rng.random() < 0.3:
        out.append(_solid("shelf", np.array([0, 0, high - 0.14]), np.array([wide * 0.9, deep * 0.8, 0.012]), metal))
    return out


def _chair(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """A seat with a back behind it (+y), on four legs or a foot."""
    wide, deep, high = thing.size
    color, metal = np.asarray(thing.color), rng.uniform(0.04, 0.5) * np.ones(3)
    out = [_solid("seat", np.array([0, 0, high - 0.015]), np.array([wide, deep, 0.02]), color)]
    back, top = rng.uniform(0.16, 0.3), high + rng.uniform(0.32, 0.42)
    out.append(
        _solid("back", np.array([0, deep / 2 + 0.03, top - back / 2]), np.array([wide * 0.95, 0.018, back]), color)
    )
    x, y = wide / 2 - 0.03, deep / 2 - 0.03
    if rng.random() < 0.8:
        out += [
            _pole("leg", np.array([sx * x * 1.05, sy * y, 0]), np.array([sx * x, sy * y, high - 0.02]), 0.012, metal)
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
    else:
        out.append(_pole("leg", np.zeros(3), np.array([0, 0, high - 0.02]), 0.03, metal))
        out.append(part("foot", *ball((0.25, 0.25, 0.03)), metal, "plastic"))
    out += [
        _pole("stile", np.array([s * x * 0.8, y, high]), np.array([s * x * 0.8, deep / 2 + 0.04, top]), 0.011, metal)
        for s in (-1, 1)
    ]
    return out


def _pane(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """Something flat on a wall (its face at -y): a board, poster or sign, with blocks and lines of ink."""
    wide, _, high = thing.size
    n, m = 40, 30
    u, v = np.meshgrid(np.linspace(-wide / 2, wide / 2, n), np.linspace(0, high, m), indexing="ij")
    color = np.broadcast_to(np.asarray(thing.color), (n, m, 3)).copy()
    dark = float(np.mean(thing.color)) < 0.2
    for _ in range(int(rng.integers(0, 7))):
        i, j = rng.integers(1, n - 4), rng.integers(1, m - 3)
        w, h = rng.integers(2, 18), rng.integers(1, 8)
        ink = rng.uniform(0.5, 0.9) if dark else rng.uniform(0.02, 0.5)
        if rng.random() < 0.5:
            color[i : i + w, j : j + h] = ink * rng.uniform(0.6, 1, 3)
        else:
            color[i : i + w, j : j + h : 2] = ink
    face = np.stack([u, np.full_like(u, -0.012), v], -1).reshape(-1, 3)
    rim = rng.uniform(0.02, 0.6) * np.ones(3)
    return [
        part(thing.kind, face, grid_faces(n, m), color.reshape(-1, 3), "paper"),
        _solid("rim", np.array([0, 0, high / 2]), np.array([wide + 0.05, 0.018, high + 0.05]), rim),
    ]


def _window(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """A bright pane in a frame, maybe with blinds: it shines as the sky does."""
    wide, _, high = thing.size
    frame = rng.uniform(0.2, 0.7) * np.ones(3)
    pane = _solid(SKY, np.array([0, 0, high / 2]), np.array([wide, 0.004, high]), np.asarray(thing.color), "glass")
    bars = [
        _solid("bar", np.array([x, -0.02, high / 2]), np.array([0.05, 0.04, high]), frame)
        for x in (-wide / 2, 0, wide / 2)
    ]
    bars += [_solid("bar", np.array([0, -0.02, z]), np.array([wide, 0.04, 0.05]), frame) for z in (0, high)]
    blind = float(rng.choice([0, 0, 0.3, 0.6])) * high
    count = int(blind / 0.06)
    color = rng.uniform(0.3, 0.7, 3)
    bars += [
        _solid("blind", np.array([0, -0.05, high - 0.05 - k * 0.06]), np.array([wide, 0.05, 0.006]), color)
        for k in range(count)
    ]
    return [pane, *bars]


def _cupboard(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """A box with doors or shelves of books."""
    wide, deep, high = thing.size
    color = np.asarray(thing.color)
    out = [_solid("cupboard", np.array([0, 0, high / 2]), np.array([wide, deep, high]), color)]
    if rng.random() < 0.5:
        for k in range(max(int(wide / 0.45), 1)):
            x = -wide / 2 + (k + 0.5) * wide / max(int(wide / 0.45), 1)
            out.append(
                _solid(
                    "door",
                    np.array([x, -deep / 2 - 0.008, high / 2]),
                    np.array([0.4, 0.012, high * 0.93]),
                    color * rng.uniform(0.85, 1.1),
                )
            )
        return out
    for z in np.arange(0.08, high - 0.25, 0.33):
        x = -wide / 2 + 0.04
        while x < wide / 2 - 0.08:
            w, h = rng.uniform(0.015, 0.06), rng.uniform(0.17, 0.29)
            out.append(
                _solid(
                    "spine",
                    np.array([x + w / 2, -deep / 2 - 0.006, z + h / 2]),
                    np.array([w, 0.02, h]),
                    rng.uniform(0.03, 0.5, 3),
                )
            )
            x += w + (0.003 if rng.random() < 0.85 else 0.12)
    return out


def _bag(thing: Thing, rng: np.random.Generator) -> list[Part]:
    wide, deep, high = thing.size
    v, f = ball((wide / 2, deep / 2, high / 2), 18, 26)
    v = np.sign(v) * np.abs(v / (wide / 2, deep / 2, high / 2)) ** 0.7 * (wide / 2, deep / 2, high / 2) + (
        0,
        0,
        high / 2,
    )
    v = v * (1 + rng.normal(0, 0.02, (len(v), 1)))
    return [part("bag", v, f, np.asarray(thing.color), "cloth")]


def _stack(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """Books or boxes on one another."""
    out, z = [], 0.0
    for _ in range(int(rng.integers(1, 5))):
        high = rng.uniform(0.008, 0.04)
        size = np.array([thing.size[0] * rng.uniform(0.8, 1.1), thing.size[1] * rng.uniform(0.8, 1.1), high])
        book = _solid(
            "book", np.array([0, 0, z + high / 2]), size, rng.uniform(0.03, 0.6) * rng.uniform(0.4, 1, 3), "leather"
        )
        out.append(moved(book, np.zeros(3), about(2, rng.normal(0, 8))))
        z += high
    return out


def _sheets(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """Loose paper, of the thing's size."""
    out = []
    for k in range(int(rng.integers(1, 4))):
        sheet = _solid(
            "sheet",
            np.array([0, 0, 0.001 + 0.0006 * k]),
            np.array([*thing.size[:2], 0.0005]),
            rng.uniform(0.6, 0.85) * np.ones(3),
            "paper",
        )
        out.append(moved(sheet, np.array([*rng.normal(0, 0.05, 2), 0]), about(2, rng.normal(0, 25))))
    return out


def _bottle(thing: Thing, rng: np.random.Generator) -> list[Part]:
    z = np.array([0, 0.01, 0.15, 0.19, 0.2, 0.23]) * thing.size[2] / 0.23
    r = np.array([0.03, 0.034, 0.034, 0.015, 0.014, 0.014]) * rng.uniform(0.8, 1.2)
    path = np.stack([0 * z, 0 * z, z], 1)
    return [part("bottle", *tube(path, r, 10), np.asarray(thing.color), "plastic")]


def _laptop(thing: Thing, rng: np.random.Generator) -> list[Part]:
    dark = np.asarray(thing.color)
    base = _solid("laptop", np.array([0, 0, 0.01]), np.array([0.33, 0.23, 0.018]), dark)
    lid = moved(
        _solid("lid", np.array([0, 0, 0.11]), np.array([0.33, 0.008, 0.22]), dark),
        np.array([0, -0.115, 0.02]),
        about(0, rng.uniform(0, 28)),
    )
    return [base, lid]


def _case(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """A pencil case or a lunch box."""
    return [
        _solid(
            "case",
            np.array([0, 0, thing.size[2] / 2]),
            np.asarray(thing.size),
            np.asarray(thing.color),
            "cloth" if rng.random() < 0.5 else "plastic",
        )
    ]


def _coat(thing: Thing, rng: np.random.Generator) -> list[Part]:
    """A coat over the back of a chair or on a hook: shoulders without anybody."""
    wide, deep, high = thing.size
    v, f = ball((wide / 2, deep / 2, high / 2), 12, 16)
    narrow = 0.7 + 0.3 * np.clip((v[:, 2] + high / 2) / high, 0, 1)
    v = np.stack([v[:, 0] * narrow, v[:, 1], v[:, 2]], 1) * (1 + rng.normal(0, 0.03, (len(v), 1)))
    return [part("coat", v, f, np.asarray(thing.color), "cloth")]


def joined_by_material(all_parts: list[Part]) -> list[Part]:
    """One mesh for each material: a renderer is slow with thousands of small ones."""
    by: dict[Material, list[Part]] = {}
    for one in all_parts:
        by.setdefault(one.material, []).append(one)
    return [joined(f"room-{material}", those) for material, those in by.items()]


MAKE: dict[str, Make] = {
    "floor": _slab,
    "wall": _slab,
    "ceiling": _slab,
    "desk": _desk,
    "chair": _chair,
    "pane": _pane,
    "window": _window,
    "cupboard": _cupboard,
    "bag": _bag,
    "stack": _stack,
    "sheets": _sheets,
    "bottle": _bottle,
    "laptop": _laptop,
    "case": _case,
    "coat": _coat,
}
