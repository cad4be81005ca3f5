"""Policy packs: what a jurisdiction says of each capability. What a pack forbids does not start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from .errors import BadInput, Forbidden
from .manifest import schema, shipped, validate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pack says of one capability, with the rule, its source and when somebody last looked.

    `hours` is how long at most what comes of it may be kept, where the pack limits that.
    """

    verdict: Literal["allowed", "forbidden", "needs"]
    needs: tuple[str, ...]
    rule: str
    source: str
    date: str
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """One jurisdiction's verdicts. `digest` is stored with every interval made under it."""

    id: str
    title: str
    verdicts: Mapping[str, Verdict]
    digest: str

    def admit(self, capability: str, grounds: Mapping[str, str]) -> None:
        """Raises Forbidden, saying why, unless the capability may start on these grounds."""
        verdict = self.verdicts.get(capability)
        if verdict is None:
            raise Forbidden(f"policy {self.id}: {capability} is not in the pack, and what is not named is forbidden")
        if verdict.verdict == "forbidden":
            raise Forbidden(f"policy {self.id}: {capability} is forbidden: {verdict.rule} ({verdict.source})")
        lacking = [ground for ground in verdict.needs if not grounds.get(ground)]
        if verdict.verdict == "needs" and lacking:
            raise Forbidden(
                f"policy {self.id}: {capability} needs {', '.join(lacking)} under `policy` in the site manifest: "
                f"{verdict.rule}"
            )


def packs() -> tuple[str, ...]:
    """Names of the shipped packs."""
    folder = files("homeroom.manifests").joinpath("policies")
    return tuple(sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")))


def load_pack(jurisdiction: str) -> Pack:
    """The shipped pack of that name; BadInput lists the known ones."""
    if jurisdiction not in packs():
        raise BadInput(f"jurisdiction {jurisdiction!r} has no policy pack; known are {', '.join(packs())}")
    document: Mapping[str, Any] = shipped(f"policies/{jurisdiction}.json")
    validate(document, schema("policy"), f"policies/{jurisdiction}.json")
    verdicts = {
        name: Verdict(
            verdict=entry["verdict"],
            needs=tuple(entry.get("needs", ())),
            rule=entry["rule"],
            source=entry["source"],
            date=entry["date"],
            hours=entry.get("hours"),
        )
        for name, entry in document["capabilities"].items()
    }
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    return Pack(document["id"], document["title"], verdicts, digest)
