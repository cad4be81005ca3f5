"""A gate for acceptance: figures that must reach a minimum, or stay under a maximum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import read_json, validate

from .figures import named

OF_THE_SET = ("subgroups.", "sizes.", "head.", "behaviors.")  # names that depend on the pictures and on the site

SCHEMA: Mapping[str, Any] = {  # of a file with limits
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "min": {"type": "object", "additionalProperties": {"type": "number"}},
        "max": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure's name and what it must reach at least, or stay under at most."""

    name: str
    bound: float
    least: bool = True

    def __str__(self) -> str:
        return f"{self.name}{'>=' if self.least else '<='}{self.bound:g}"


@dataclass(frozen=True, slots=True)
class Judgment:
    """A limit, whether it holds for the figure itself, and one line that says how."""

    limit: Limit
    ok: bool
    line: str


def limits(least: Sequence[str], most: Sequence[str]) -> list[Limit]:
    """Limits as the command line has them: NAME=NUMBER, or for `least` a JSON file of {"min": ..., "max": ...}."""
    made = []
    for text in least:
        made += [_limit(text, least=True)] if "=" in text else _from_file(Path(text))
    return made + [_limit(text, least=False) for text in most]


def _limit(text: str, *, least: bool) -> Limit:
    name, _, number = text.partition("=")
    try:
        bound = float(number)
    except ValueError:
        bound = float("nan")
    if not name or not isfinite(bound):
        raise BadInput(f"{text!r} is no limit; write for example people.recall=0.9")
    return Limit(name, bound, least)


def _from_file(path: Path) -> list[Limit]:
    document = read_json(path)
    validate(document, SCHEMA, str(path))
    return [
        Limit(name, float(bound), kind == "min")
        for kind in ("min", "max")
        for name, bound in document.get(kind, {}).items()
    ]


def need_names(wanted: Sequence[Limit], known: Iterable[str]) -> None:
    """Raises BadInput for a name that no set could give a figure to, before the looking."""
    names = list(known)
    for limit in wanted:
        if limit.name not in names and not limit.name.startswith(OF_THE_SET):
            raise _unknown(limit.name, names)


def _unknown(name: str, known: Iterable[str]) -> BadInput:
    close = get_close_matches(name, known, 1, 0.4)
    hint = f"did you mean {close[0]}?" if close else "the report's JSON has their names"
    return BadInput(f"no figure {name!r}; {hint}")


def judged(figures: Mapping[str, Any], wanted: Sequence[Limit]) -> list[Judgment]:
    """Each limit against the figures, in JSON's form. BadInput for a name that no figure has.

    The figure itself decides; the line names the end of its interval that is nearer to failing.
    """
    known = dict(named(figures))
    return [_judged(limit, known) for limit in wanted]


def _judged(limit: Limit, known: Mapping[str, Mapping[str, Any]]) -> Judgment:
    if limit.name not in known:
        raise _unknown(limit.name, known)
    figure = known[limit.name]
    value, end = figure["value"], figure["low" if limit.least else "high"]
    bound = f"{'at least' if limit.least else 'at most'} {limit.bound:g}"
    if value is None:
        return Judgment(
            limit, ok=False, line=f"FAILED: {limit.name}: the set has nothing to measure it on; wanted is {bound}"
        )
    ok = value >= limit.bound if limit.least else value <= limit.bound
    held = f"{'passed' if ok else 'FAILED'}: {limit.name} is {value:g}, wanted is {bound}"
    if end is None:
        return Judgment(limit, ok, held)
    sure = end >= limit.bound if limit.least else end <= limit.bound
    doubt = "" if sure == ok else "; a larger set would tell for certain"
    side = "lower" if limit.least else "upper"
    return Judgment(limit, ok, f"{held} ({side} end of its interval {end:g} on n = {figure['n']}){doubt}")
