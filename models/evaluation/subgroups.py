"""Figures by subgroup, and the worst one by name.

Within a group (skin, light, distance ...) the cells are compared by macro-F1 over the values that occur in each of
them, of people found: cells that lack a hard value would look better than they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from .claims import MISSED, NOBODY, Claim, groups_of
from .confusion import Values, mean_figure, present
from .intervals import NOTHING, Figure, Floats, wilson
from .matching import Match
from .outcome import Outcome

COMPARED = 50  # people found in a cell, from which on it is compared with others
COMMON = 5  # people of a value in each cell, from which on it enters the comparison
ENOUGH = 300  # people in a cell, from which on a difference says something


def by_group(
    outcomes: Sequence[Outcome],
    matches: Sequence[Match],
    made: Sequence[Claim],
    values: Values,
    drawn: Floats,
) -> dict[str, Any]:
    """Group -> cell -> figures, with the worst cell and its distance from the best of its group."""
    recalls = _recalls(outcomes, matches, lambda outcome, index: groups_of(outcome, outcome.picture.people[index]))
    cells: dict[str, dict[str, list[Claim]]] = {key: {name: [] for name in names} for key, names in recalls.items()}
    for one in made:
        if one.truth != NOBODY and one.said != MISSED:
            for key, name in one.groups.items():
                cells[key][name].append(one)
    groups = {
        key: _group({name: values.counts(cells[key][name], len(outcomes)) for name in names}, names, values, drawn)
        for key, names in sorted(recalls.items())
    }
    return {"groups": groups, **_worst(groups)}


def by_size(outcomes: Sequence[Outcome], matches: Sequence[Match]) -> dict[str, Any]:
    """Size of picture -> people found, of those who must be."""
    found = _recalls(outcomes, matches, lambda outcome, _: {"size": f"{outcome.width}x{outcome.height}"})
    return {name: {"recall": recall} for name, recall in sorted(found.get("size", {}).items())}


def _recalls(
    outcomes: Sequence[Outcome], matches: Sequence[Match], groups: Callable[[Outcome, int], dict[str, str]]
) -> dict[str, dict[str, Figure]]:
    tally: dict[str, dict[str, list[int]]] = {}
    for outcome, match in zip(outcomes, matches, strict=True):
        found = dict(match.pairs)
        for index in match.scored:
            for key, name in groups(outcome, index).items():
                counted = tally.setdefault(key, {}).setdefault(name, [0, 0])
                counted[0] += index in found
                counted[1] += 1
    return {key: {name: wilson(right, n) for name, (right, n) in sorted(names.items())} for key, names in tally.items()}


def _group(counts: dict[str, Floats], recalls: dict[str, Figure], values: Values, drawn: Floats) -> dict[str, Any]:
    people = {name: round((recall.value or 0) * recall.n) for name, recall in recalls.items()}
    compared = [name for name in counts if people[name] >= COMPARED]
    pairs = [set(present(counts[name], values, COMMON)) for name in compared]
    common = sorted(set.intersection(*pairs)) if pairs else []
    means = {name: mean_figure(counts[name], common, drawn) for name in compared if common}
    return {
        name: {
            "n": people[name],
            "few": people[name] < ENOUGH,
            "recall": recalls[name],
            "macro_f1": replace(means[name], n=people[name]) if name in means else NOTHING,
        }
        for name in counts
    }


def _worst(groups: dict[str, Any]) -> dict[str, Any]:
    """The cell that is furthest behind the best of its group; cells of ENOUGH people first, where there are two."""
    behind = []
    for key, cells in groups.items():
        known = {name: cell for name, cell in cells.items() if cell["macro_f1"].value is not None}
        sound = {name: cell for name, cell in known.items() if not cell["few"]}
        ranked = sorted((sound if len(sound) > 1 else known).items(), key=lambda item: item[1]["macro_f1"].value)
        if len(ranked) > 1:
            (low, worst), (high, best) = ranked[0], ranked[-1]
            gap = best["macro_f1"].value - worst["macro_f1"].value
            behind.append((worst["few"] or best["few"], -gap, key, low, high, worst["macro_f1"]))
    if not behind:
        return {}
    few, gap, key, low, high, figure = min(behind, key=lambda one: one[:5])
    return {
        "worst": {"group": key, "cell": low, "best": high, "few": few, "macro_f1": figure},
        "gap": Figure(-gap, None, None, figure.n),
    }
