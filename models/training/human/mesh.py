"""Meshes as vertices (n,3) and faces (m,3), and the simple solids that things are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .joints import unit
from .kinds import Array, Material, Part

Faces = NDArray[np.int32]


def grid_faces(rows: int, columns: int, *, closed: bool = False) -> Faces:
    """Triangles (m,3) over a row-major grid; `closed` joins the last column to the first."""
    index = np.arange(rows * columns).reshape(rows, columns)
    if closed:
        index = np.concatenate([index, index[:, :1]], 1)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    return np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )


def part(name: str, vertices: Array, faces: Faces, colors: Array, material: Material) -> Part:
    """A part; one color (3,) serves all vertices."""
    colors = np.broadcast_to(np.asarray(colors, np.float32), vertices.shape)
    return Part(
        name,
        np.ascontiguousarray(vertices, np.float32),
        np.ascontiguousarray(faces, np.int32),
        np.ascontiguousarray(np.clip(colors, 0, 1), np.float32),
        material,
    )


def joined(name: str, pieces: list[Part]) -> Part:
    """Parts of one material as one."""
    offsets = np.cumsum([0] + [len(p.vertices) for p in pieces[:-1]])
    faces = np.concatenate([p.faces + np.int32(o) for p, o in zip(pieces, offsets, strict=True)])
    return Part(
        name,
        np.concatenate([p.vertices for p in pieces]),
        faces,
        np.concatenate([p.colors for p in pieces]),
        pieces[0].material,
    )


def moved(p: Part, place: Array, turn: Array) -> Part:
    """The part turned by the columns of `turn` and set at `place`; a mirroring turn keeps faces outwards."""
    faces = p.faces if np.linalg.det(turn) > 0 else p.faces[:, ::-1].copy()
    return Part(
        p.name,
        (p.vertices @ np.asarray(turn, np.float32).T + np.asarray(place, np.float32)).astype(np.float32),
        faces,
        p.colors,
        p.material,
    )


def tube(
    path: Array, radii: Array, sides: int = 10, flat: float = 1.0, across: Array | None = None
) -> tuple[Array, Faces]:
    """A tube along points (n,3) with radii (n,); `flat` squeezes its cross-section along the direction `across`."""
    path = np.asarray(path, float)
    radii = np.broadcast_to(np.asarray(radii, float), (len(path),))
    along = unit(np.gradient(path, axis=0))
    first = np.asarray((0.2, 0.5, 0.84) if across is None else across, float)
    first = unit(first - along * (along @ first)[:, None])
    second = np.cross(along, first)
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.cos(angles)[None, :, None] * first[:, None] * flat + np.sin(angles)[None, :, None] * second[:, None]
    vertices = (path[:, None] + ring * radii[:, None, None]).reshape(-1, 3)
    faces = grid_faces(len(path), sides, closed=True)
    ends = np.stack([path[0], path[-1]])
    n, last = len(vertices), (len(path) - 1) * sides
    i = np.arange(sides)
    j = (i + 1) % sides
    caps = np.concatenate(
        [np.stack([np.full(sides, n), j, i], 1), np.stack([np.full(sides, n + 1), last + i, last + j], 1)]
    )
    return np.concatenate([vertices, ends]), np.concatenate([faces, caps]).astype(np.int32)


def block(size: tuple[float, float, float]) -> tuple[Array, Faces]:
    """A cuboid about the origin with its own vertices on each face, so that its edges stay sharp."""
    x, y, z = (np.asarray(size) / 2).tolist()
    corners = np.array(
        [[-x, -y, -z], [x, -y, -z], [x, y, -z], [-x, y, -z], [-x, -y, z], [x, -y, z], [x, y, z], [-x, y, z]]
    )
    quads = np.array([[3, 2, 1, 0], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]])
    index = np.arange(24).reshape(6, 4)
    return corners[quads.ravel()], np.concatenate([index[:, [0, 1, 2]], index[:, [0, 2, 3]]]).astype(np.int32)


def ball(radii: tuple[float, float, float], rows: int = 9, columns: int = 12) -> tuple[Array, Faces]:
    """An ellipsoid about the origin."""
    v, u = np.meshgrid(np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns, endpoint=False), indexing="ij")
    points = np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v)], -1) * np.asarray(radii)
    return points.reshape(-1, 3), grid_faces(rows, columns, closed=True)[:, ::-1]


def normals(vertices: Array, faces: Faces) -> Array:
    """Unit normals (n,3) of the vertices, by the areas of the faces around them."""
    a, b, c = (vertices[faces[:, i]] for i in (0, 1, 2))
    n = np.cross(b - a, c - a)
    out = np.stack([sum(np.bincount(faces[:, i], n[:, k], len(vertices)) for i in range(3)) for k in range(3)], 1)
    return unit(out)
