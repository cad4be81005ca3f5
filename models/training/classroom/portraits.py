"""People as pictures on a wall: the meshes of a person pressed flat, with their shading painted on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .. import human
from ..human.joints import about, unit
from ..human.kinds import Part
from ..human.mesh import block, moved, normals, part
from .kinds import Portrait

DEEP = 0.004  # metres: so thick is a picture's relief, that nearer things hide farther ones


def parts(portrait: Portrait) -> list[Part]:
    """A sheet, and on it head and shoulders or half of a person, seen from the front."""
    rng = np.random.default_rng(portrait.seed)
    body = human.person(portrait.traits, portrait.action, human.Desk(), rng, detail=0.3)
    share = float(rng.uniform(0.45, 1.0))  # metres of the person that the picture shows
    scale = portrait.height / share
    low = body.head[2] + 0.16 - share
    wide = portrait.height * float(rng.uniform(0.7, 1.1))
    light = unit(np.array([rng.normal(0, 0.6), -1.0, 0.8]))
    out = []
    for p in body.parts:
        v = np.asarray(p.vertices, float)
        x, z = (v[:, 0] - body.head[0]) * scale, (v[:, 2] - low) * scale
        inside = (np.abs(x) < wide / 2) & (z > 0) & (z < portrait.height)
        faces = p.faces[inside[p.faces].all(1)]
        if not len(faces):
            continue
        shade = 0.35 + 0.65 * np.clip(normals(v, p.faces) @ light, 0, 1)
        flat = np.stack([x, -0.002 + np.clip(v[:, 1] / 1.6, -1, 1) * DEEP / 2 - DEEP / 2, z - portrait.height / 2], 1)
        out.append(
            replace(
                p,
                vertices=flat.astype(np.float32),
                faces=faces,
                colors=p.colors * shade[:, None].astype(np.float32),
                material="paper",
            )
        )
    sheet, faces = block((wide, 0.004, portrait.height))
    out.append(part("sheet", sheet + np.array([0, 0.004, 0]), faces, np.asarray(portrait.ground), "paper"))
    turn = about(2, portrait.turn)
    return [moved(p, np.asarray(portrait.middle), turn) for p in out]
