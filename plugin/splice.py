"""Replaces one value in a JSON text and leaves every other character as it stands."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from .errors import BadInput

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r]*")

Step = str | int


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a value stands in a text, or (start == end) where a missing one of an object goes."""

    start: int
    end: int
    missing: bool = False


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value_end(text: str, at: int) -> int:
    return _DECODER.raw_decode(text, at)[1]


def _find(text: str, at: int, step: Step) -> _Spot:
    """A member of the object or list that begins at `at`; the text is JSON, and the step fits it."""
    opened = text[at] == "{"
    at = _skip(text, at + 1)
    end = at
    for number in count():
        if text[at] in "}]":
            return _Spot(end, end, missing=True)
        name: Step = number
        if opened:
            name, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # the colon
        end = _value_end(text, at)
        if name == step:
            return _Spot(at, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    raise AssertionError


def _indent(text: str, at: int) -> str:
    line = text.rfind("\n", 0, at) + 1
    return text[line : len(text) - len(text[line:].lstrip(" \t"))] if text[line:].strip() else ""


def _dumped(value: Sequence[Any], indent: str, newline: str) -> str:
    """A list with an entry on each line."""
    if not value:
        return "[]"
    rows = f",{newline}".join(f"{indent}  {json.dumps(one, ensure_ascii=False)}" for one in value)
    return f"[{newline}{rows}{newline}{indent}]"


def spliced(text: str, path: Sequence[Step], value: Sequence[Any]) -> str:
    """The JSON text with the list at `path` replaced, or added to its object where the last step is missing.

    The entries stand on a line each, indented as the line of the list is. `text` must be JSON in which all steps but
    the last one are.
    """
    at = _skip(text, 0)
    for step in path[:-1]:
        at = _find(text, at, step).start
    spot = _find(text, at, path[-1])
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = _indent(text, spot.start)
    made = _dumped(value, indent, newline)
    if spot.missing:
        made = f",{newline}{indent}{json.dumps(path[-1])}: {made}"
    return text[: spot.start] + made + text[spot.end :]


def replaced(path: Path, text: str) -> Path:
    """Writes the text in a file's place, at once or not at all; its old content is kept beside it, as the path says.

    Raises BadInput where that cannot be written. A link stays a link.
    """
    target = path.resolve()
    kept = next(
        one
        for number in count(1)
        if not (one := target.with_name(f"{target.name}.bak{number if number > 1 else ''}")).exists()
    )
    try:
        shutil.copy2(target, kept)
        handle, fresh = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            shutil.copymode(target, fresh)
            Path(fresh).replace(target)
        finally:
            Path(fresh).unlink(missing_ok=True)
    except OSError as wrong:
        raise BadInput(f"{path}: cannot be written: {wrong.strerror}") from None
    return kept
