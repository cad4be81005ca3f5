"""What is written: whole files or nothing, and secrets for their user alone."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from .text import unique

FOLDER = "secrets"
_WIDTH = 120  # columns
_DEEP = 6  # columns of indent at which the fields of a room stand


def write(path: Path, text: str, mode: int) -> None:
    """Puts `text` at `path` as a whole or not at all; `mode` counts from the first byte on. Raises BadInput."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as wrong:
        raise BadInput(f"{path}: cannot be written: {wrong.strerror or wrong}") from None
    finally:
        temporary.unlink(missing_ok=True)


def keep_secret(folder: Path, name: str, value: str) -> Mapping[str, str]:
    """Writes a secret below `folder`, for its user alone, and gives the reference that a manifest takes."""
    below = folder / FOLDER
    try:
        below.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise BadInput(f"{below}: cannot be made: {wrong.strerror or wrong}") from None
    free = unique(name, (one.stem for one in below.iterdir() if one.suffix == ".pw"))
    write(below / f"{free}.pw", value + "\n", 0o600)
    return {"file": f"{FOLDER}/{free}.pw"}


def pretty(value: Any, indent: int = 0) -> str:
    """JSON for people: what fits on a line stands on one, so that a polygon is a line and not twelve.

    Rooms and whatever else is large in a manifest begin on lines of their own.
    """
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, Mapping | list) or not value:
        return line
    inner_values = value.values() if isinstance(value, Mapping) else value
    flat = not any(isinstance(one, Mapping | list) for one in inner_values)
    if indent + len(line) <= _WIDTH and (flat or indent >= _DEEP):
        return line
    pad = " " * (indent + 2)
    if isinstance(value, Mapping):
        inner = [f"{pad}{json.dumps(key, ensure_ascii=False)}: {pretty(one, indent + 2)}" for key, one in value.items()]
        return "{\n" + ",\n".join(inner) + f"\n{' ' * indent}}}"
    return "[\n" + ",\n".join(pad + pretty(one, indent + 2) for one in value) + f"\n{' ' * indent}]"
