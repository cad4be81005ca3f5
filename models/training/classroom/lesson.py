"""What happens in the film: who does what from when on. Plain data, and what follows from it and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..human import Action

RATE = 5  # pictures a second
SECONDS = 62
COUNT = RATE * SECONDS
MOVE = 4  # pictures that the way from one thing to the next takes
STIR = 2  # pictures that somebody takes who merely shifts
STILL = (4.0, 9.0)  # seconds between two such shifts

DOES: Mapping[str, Action] = {
    "listens": Action(activity="listening", look=(0.0, 3.0)),
    "reads": Action(activity="reading", look=(0.0, -36.0)),
    "writes": Action(activity="writing", look=(0.0, -44.0)),
    "asks": Action(activity="listening", gesture="hand-raised", look=(0.0, 6.0)),
    "stands": Action("standing", "listening", look=(0.0, 2.0)),
    "sleeps": Action("head-on-desk", None, look=(20.0, -60.0)),
    "turns": Action(activity=None, facing="turned-around", look=(150.0, -4.0)),
    "chats": Action(activity=None, look=(-62.0, -2.0)),
}

# Every rule of manifests/behaviors.json has the time that it asks for, and some to spare.
LESSON: Mapping[str, tuple[tuple[int, str], ...]] = {
    "A1": ((0, "listens"), (4, "asks"), (13, "listens"), (22, "writes"), (48, "reads")),
    "A2": ((0, "writes"), (25, "listens"), (34, "asks"), (43, "stands"), (53, "listens")),
    "A3": ((0, "reads"), (30, "turns"), (43, "reads")),
    "A4": ((0, "listens"), (8, "sleeps"), (36, "listens")),
    "B1": ((0, "reads"), (24, "listens"), (50, "chats")),
    "B2": ((0, "listens"), (14, "stands"), (24, "listens"), (35, "writes")),
    "B3": ((0, "writes"), (29, "listens")),
    "C1": ((0, "listens"), (10, "writes"), (40, "sleeps")),
    "C2": ((0, "sleeps"), (20, "reads"), (45, "listens")),
    "C3": ((0, "reads"), (20, "asks"), (29, "listens"), (52, "asks")),
}


@dataclass(frozen=True)
class Step:
    """From picture `start` on, within `length` pictures, somebody comes to do this; `stir`: goes on, but shifts."""

    start: int
    length: int
    action: Action
    seed: int
    stir: bool = False

    @property
    def held(self) -> int:
        """The first picture in which they have arrived."""
        return self.start + self.length - 1 if self.length else self.start


def steps(seat: str, seed: int) -> tuple[Step, ...]:
    """All that the person at a seat does in the film, in order; the first is there when it begins."""
    rng = np.random.default_rng((seed, *seat.encode()))
    told = LESSON[seat]
    out: list[Step] = []
    for number, (second, does) in enumerate(told):
        action, start = DOES[does], second * RATE
        until = told[number + 1][0] * RATE if number + 1 < len(told) else COUNT
        out.append(Step(start, MOVE if number else 0, action, int(rng.integers(2**31))))
        at = out[-1].held
        while True:
            at += int(rng.uniform(*STILL) * RATE)
            if at + STIR >= until:
                break
            out.append(Step(at, STIR, action, int(rng.integers(2**31)), stir=True))
    return tuple(out)


def moving(those: tuple[Step, ...], picture: int) -> tuple[int, float]:
    """Which step a picture belongs to, and how far it has come: a share of the way, slow at both ends; 1 is there."""
    number = max(i for i, step in enumerate(those) if step.start <= picture)
    step = those[number]
    share = min((picture - step.start + 1) / step.length, 1.0) if step.length else 1.0
    return number, share * share * (3 - 2 * share)


def told(those: tuple[Step, ...], picture: int) -> dict[str, str | None]:
    """What is true of each axis; an axis that is on its way from one value to another is left out."""
    number, share = moving(those, picture)
    now, before = those[number].action, those[max(number - 1, 0)].action
    axes = ("posture", "activity", "gesture", "facing")
    return {a: getattr(now, a) for a in axes if share == 1 or getattr(now, a) == getattr(before, a)}
