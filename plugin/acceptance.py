"""Acceptance on site: the record that says which behaviors of which model were shown to be told well at this site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import BadInput
from .manifest import read_json, shipped, validate
from .ports import ModelInfo


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What a record accepts: nothing where there is none, or where `problem` says why it is of no use."""

    model: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    behaviors: frozenset[str] = frozenset()
    problem: str = ""

    def covers(self, model: str, info: ModelInfo, behavior: str) -> bool:
        """Whether this behavior was accepted, of this model with these very files."""
        return behavior in self.behaviors and model == self.model and dict(self.files) == dict(info.files)


NONE = Acceptance()


def record_of(store: Path) -> Path:
    """Where a site's record lies: beside its store."""
    return store.with_suffix(".acceptance.json")


def read_acceptance(store: Path, site: str) -> Acceptance:
    """The site's record. One that is damaged or of another site accepts nothing, and says so."""
    path = record_of(store)
    if not path.exists():
        return NONE
    try:
        record = read_json(path)
        validate(record, shipped("acceptance.schema.json"), str(path))
    except BadInput as error:
        return Acceptance(problem=f"{error}; it accepts nothing")
    if record["site"] != site:
        return Acceptance(problem=f"{path}: is of site {record['site']}, not of {site}; it accepts nothing")
    return Acceptance(record["model"], record["files"], frozenset(record["behaviors"]))
