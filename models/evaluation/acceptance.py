"""Acceptance on site: what a passed gate proves, as a record beside the site's store.

A behavior is accepted where the gate held it to a precision and to a recall, of its events or of its value, on real
pictures. To hold it to recall alone would accept a model that says it of everybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from homeroom.acceptance import record_of
from homeroom.behaviors import Behavior, Vocabulary
from homeroom.errors import BadInput
from homeroom.site import SiteSettings

from .figures import named
from .gate import Limit
from .report import write

NEEDED = ("precision", "recall")


def names_of(behavior: Behavior, measure: str) -> list[str]:
    """The figures that speak of a behavior: of its events, and of each value that makes it."""
    return [f"behaviors.{behavior.id}.{measure}", *(f"{behavior.axis}.{value}.{measure}" for value in behavior.values)]


def held(vocabulary: Vocabulary, limits: Sequence[Limit]) -> dict[str, list[str]]:
    """Behavior -> names of the figures that limits hold it to, where both precision and recall are among them."""
    wanted = {one.name for one in limits if one.least and one.bound > 0}
    each = {
        one.id: [wanted & set(names_of(one, measure)) for measure in NEEDED] for one in vocabulary.behaviors.values()
    }
    return {id_: sorted(set().union(*names)) for id_, names in each.items() if all(names)}


def need_acceptable(evidence: str, vocabulary: Vocabulary, limits: Sequence[Limit]) -> None:
    """Raises BadInput where a passed gate would accept nothing; asked before the looking."""
    if evidence != "real":
        raise BadInput("--accept: rendered pictures accept no site; label pictures of its own cameras")
    if not held(vocabulary, limits):
        raise BadInput(
            "--accept: no behavior is held to both precision and recall, so there is none to accept; add for example"
            " --min behaviors.hand-raised.precision=0.8 --min behaviors.hand-raised.recall=0.8"
        )


def record(report: Mapping[str, Any], settings: SiteSettings, limits: Sequence[Limit]) -> dict[str, Any]:
    """The record of a passed gate."""
    known = dict(named(report["figures"]))
    behaviors = held(settings.vocabulary, limits)
    return {
        "acceptance": 1,
        "site": settings.name,
        "model": report["model"]["id"],
        "files": report["model"]["files"],
        "behaviors": {id_: {name: dict(known[name]) for name in names} for id_, names in behaviors.items()},
        "set": report["set"],
        "limits": [str(one) for one in limits],
        "date": report["date"],
    }


def write_record(made: Mapping[str, Any], settings: SiteSettings) -> Path:
    """Writes the record in place of an earlier one."""
    path = record_of(settings.store)
    write(path, json.dumps(made, indent=1) + "\n")
    return path
