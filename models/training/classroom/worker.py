"""One shard, rendered by this process: worker FOLDER FIRST THREADS."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from . import truth
from .blender import Scene
from .plan import shot
from .sensor import taken
from .shards import SIZE, Rendered, write


def render(seed: int, threads: int) -> Rendered:
    """A picture and its label."""
    plan = shot(seed)
    people = [truth.placed(sitter, plan.camera) for sitter in plan.people]
    scene = Scene(plan, people, threads)
    picture, mask = scene.picture()
    label = {"people": truth.people(plan.camera, people, mask, scene.hit), "groups": dict(plan.groups)}
    rng = np.random.default_rng((plan.seed, 1))
    return taken(picture, rng, plan.groups["light"]), label, int(rng.integers(72, 96))


def main() -> None:
    """Called by the command line alone."""
    folder, first, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    write(folder, first, SIZE, lambda seed: render(seed, threads))


if __name__ == "__main__":
    main()
