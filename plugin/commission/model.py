"""The step that chooses a model, and fetches it where it is missing; asks the command `homeroom models` itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from homeroom.errors import BadInput, HomeroomError
from homeroom.registry import COMMANDS, find

from .dialogue import YES, Option, Question, agree, decide
from .invoke import invoked
from .text import plain
from .work import Work


def models_command(*arguments: str) -> str:
    """What `homeroom models ...` prints; it comes by entry point, since the core knows no models."""
    return invoked(find(COMMANDS, "models"), "models", *arguments)


def known_models() -> list[dict[str, Any]]:
    """The rows of `homeroom models list --json` that a site can name."""
    rows: list[dict[str, Any]] = json.loads(models_command("list", "--json"))
    return [one for one in rows if not one["part"]]


def ask_model(work: Work) -> None:
    """Puts a model into the manifest."""
    rows = known_models()
    options = [Option(one["id"], _meaning(one)) for one in rows]
    question = Question("Which model?", "--model ID", _best(rows))
    chosen = decide(work.dialogue, question, options, work.flags.model)
    work.draft.manifest["models"] = [{"id": chosen}]
    row = next(one for one in rows if one["id"] == chosen)
    if row["state"] != "ok":
        _fetch(work, row)
    for other in rows:
        if len(other["parts"]) > len(row["parts"]) and other["state"] != "ok":
            work.tell(f"{other['id']} sees more, by networks that ask each other: homeroom models fetch {other['id']}")


def _meaning(row: dict[str, Any]) -> str:
    state = "there" if row["state"] == "ok" else f"to be fetched, {row['size'] / 1e6:.1f} MB"
    return f"{', '.join(map(str, row['classes']))}; {state}"


def _best(rows: Sequence[dict[str, Any]]) -> str | None:
    """One that is there; of these one that asks others, else the one of which real pictures prove the most."""

    def worth(row: dict[str, Any]) -> tuple[bool, int, int, int]:
        proven = sum(map(len, row["evidence"].values()))
        return row["state"] == "ok", len(row["parts"]), proven, len(row["classes"])

    return max(rows, key=worth)["id"] if rows else None


def _fetch(work: Work, row: dict[str, Any]) -> None:
    cure = f"homeroom models fetch {row['id']}"
    question = Question(f"Fetch it now ({row['size'] / 1e6:.1f} MB, from its makers)?", "--fetch or --no-fetch", YES)
    if not agree(work.dialogue, question, work.flags.fetch):
        work.tell(f"Later: {cure}")
        return
    try:
        models_command("fetch", row["id"])
        work.tell(f"{row['id']}: ok")
    except HomeroomError as wrong:
        if isinstance(wrong, BadInput) and work.flags.fetch:
            raise
        work.tell(f"Not fetched: {plain(str(wrong), 300)}\nLater: {cure}")
