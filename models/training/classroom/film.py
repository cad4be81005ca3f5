"""Renders the film of a lesson, and goes on where it stopped: first all of a picture, then only what has moved.

python -m models.training.classroom.film --out film
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from . import region, truth
from .blender import Scene
from .camera import Camera
from .kinds import Pixels, Region
from .lesson import COUNT, steps, told
from .motion import Actor
from .stage import SEED, SIZE, cameras, stage
from .takes import Take, Takes


class Set:
    """The built scene with its actors, in the picture that was rendered last."""

    def __init__(self, picture: int, seen_by: dict[str, Camera], threads: int) -> None:
        shot = stage()
        self.actors = [Actor(sitter, steps(sitter.seat, SEED)) for sitter in shot.people]
        self._cameras = seen_by
        self.bodies = [self._body(actor, picture) for actor in self.actors]
        self._scene = Scene(shot, self.bodies, threads)

    def go(self, picture: int) -> dict[str, list[Region]]:
        """Moves everybody on to a picture; the regions that this changes, for each camera."""
        changed: dict[str, list[Region | None]] = {name: [] for name in self._cameras}
        for number, actor in enumerate(self.actors):
            if not actor.moves(picture):
                continue
            before, now = self.bodies[number], self._body(actor, picture)
            for name, camera in self._cameras.items():
                changed[name] += [region.around(camera, one, actor.still_below(picture)) for one in (before, now)]
            self.bodies[number] = now
            self._scene.put(number + 1, now)
        return {name: region.joined(those) for name, those in changed.items()}

    def whole(self, picture: int, camera: Camera) -> Take:
        """All of a picture."""
        self._scene.look(camera)
        pixels, mask = self._scene.picture()
        return Take(pixels, mask, self._people(picture, camera, mask))

    def over(self, last: Take, picture: int, camera: Camera, those: list[Region]) -> Take:
        """The last take with these regions rendered anew."""
        self._scene.look(camera)
        pixels, mask = last.picture, last.mask.copy()
        for one in those:
            place = region.wider(camera, one)
            left, top, right, bottom = place
            new, mask[top:bottom, left:right] = self._scene.picture(place)
            pixels = region.paste(pixels, new, one, place)
        return Take(pixels, mask, self._people(picture, camera, mask))

    def _people(self, picture: int, camera: Camera, mask: Pixels) -> list[dict[str, Any]]:
        """The labels; what is on its way from one value to another is left out."""
        true = {actor.sitter.seat: told(actor.steps, picture) for actor in self.actors}
        people = truth.people(camera, self.bodies, mask, self._scene.hit)
        for one in people:
            one["axes"] = {axis: value for axis, value in one["axes"].items() if axis in true[one["seat"]]}
        return people

    def _body(self, actor: Actor, picture: int) -> truth.Placed:
        sitter, pose = actor.at(picture)
        return truth.held(sitter, pose, max(truth.detail(sitter, camera) for camera in self._cameras.values()))


def render(out: Path, size: tuple[int, int], threads: int, until: int = COUNT) -> None:
    """Renders what is missing of the pictures before `until`."""
    seen_by = cameras(size)
    takes = {name: Takes(out / name) for name in seen_by}
    still = Set(0, seen_by, threads)
    moved = [0, *(i for i in range(1, until) if any(actor.moves(i) for actor in still.actors))]
    missing = (i for i in moved if not all(t.there(i) for t in takes.values()))
    first = next(missing, until)
    todo = [i for i in moved if i >= first]  # each is pasted into the one before
    if not todo:
        return
    scene = Set(max(todo[0] - 1, 0), seen_by, threads) if todo[0] else still
    last = {name: t.take(t.latest(todo[0] - 1)) for name, t in takes.items()} if todo[0] else {}
    began, count = time.monotonic(), 0
    for number, picture in enumerate(todo, 1):
        changed = scene.go(picture)
        for name, camera in seen_by.items():
            if name in last:
                last[name] = scene.over(last[name], picture, camera, changed[name])
            else:
                last[name] = scene.whole(picture, camera)
            count += len(changed[name])
            takes[name].keep(picture, last[name])
        spent = time.monotonic() - began
        left = spent / number * (len(todo) - number) / 60
        print(
            f"{number} of {len(todo)} pictures, {count} regions, {spent:.0f} s of the clock, "
            f"{time.process_time():.0f} s of processors, {left:.0f} min left",
            flush=True,
        )


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m models.training.classroom.film", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the film")
    parser.add_argument("--threads", type=int, default=2, help="of the renderer (default: 2)")
    given = parser.parse_args()
    try:
        render(given.out, SIZE, given.threads)
    except OSError as error:
        print(f"film: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
