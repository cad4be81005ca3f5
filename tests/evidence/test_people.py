"""Whether the people in the recordings are found, and nobody else."""

from __future__ import annotations

import pytest

from homeroom.models.evaluation.matching import HEAD
from tests.evidence.sight import ACTION, EMBEDDED, RECOMMENDED, ROOMS, people

TARGETS = {EMBEDDED: 0.90, RECOMMENDED: 0.97}
REACHED = {EMBEDDED: (0.59, 0.74), RECOMMENDED: (0.97, 0.97)}  # in classrooms: precision, recall


@pytest.mark.parametrize("id_", [EMBEDDED, RECOMMENDED])
@pytest.mark.parametrize("names", [ROOMS, ("one-by-one",), ("corridor",)], ids=lambda names: names[0])
def test_people_are_found_and_nobody_else(id_: str, names: tuple[str, ...]) -> None:
    precision, recall = people(id_, names)
    right, found = REACHED[id_] if names == ROOMS else (0.0, 0.0)  # the corridors are told, not asked for
    precision.held(right, TARGETS[id_])
    recall.held(found, TARGETS[id_])


def test_the_action_net_finds_the_people_by_their_heads() -> None:
    """It boxes the body through the desk, so that its boxes agree with no visible one."""
    precision, recall = people(ACTION, ROOMS, HEAD)
    precision.held(0.97, 0.97)
    recall.held(0.97, 0.97)
