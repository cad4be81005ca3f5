"""Reads JSON manifests and holds them to their schemas; says in one line where one is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .behaviors import Vocabulary, vocabulary
from .errors import BadInput

MAX_BYTES = 8 * 1024 * 1024  # a manifest of 1,000 rooms with 30 seats each is about 5 MB
HEALTH_OVERRIDES = {"emit", "severity", "watch"}  # a state of the installation is no probability, and has no scans
SCHEMAS = ("site", "behaviors", "policy")


def parse_json(text: str, label: str) -> Any:
    """Parses JSON; BadInput says the line and column, or which key stands twice."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise BadInput(f"{label}: the key {key!r} stands twice in one object; remove one")
            made[key] = value
        return made

    try:
        made = json.loads(text, object_pairs_hook=unique, parse_constant=_no_number)
        json.dumps(made, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no text
    except json.JSONDecodeError as wrong:
        raise BadInput(f"{label}:{wrong.lineno}:{wrong.colno}: not JSON: {wrong.msg}") from None
    except ValueError as wrong:  # NaN, half a character, a number of thousands of digits
        raise BadInput(f"{label}: not JSON: {str(wrong).split(';')[0][:200]}") from None
    except RecursionError:
        raise BadInput(f"{label}: nested too deeply to be a manifest") from None
    if "\\u0000" in text:
        raise BadInput(f"{label}: a text holds the character NUL, which no name or path may")
    return made


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def read_text(path: Path, limit: int = MAX_BYTES) -> str:
    """Reads a text file of at most `limit` bytes, every character as it stands but for a byte order mark."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as wrong:
        raise BadInput(f"{path}: cannot be read: {wrong.strerror}") from None
    if len(raw) > limit:
        raise BadInput(f"{path}: larger than {limit} bytes, which nothing that is read here may be")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8 text") from None


def read_json(path: Path, limit: int = MAX_BYTES) -> Any:
    """Reads a JSON file of at most `limit` bytes."""
    return parse_json(read_text(path, limit), str(path))


def shipped(name: str) -> Any:
    """A JSON file of the package homeroom.manifests, such as "behaviors.json"."""
    return json.loads(files("homeroom.manifests").joinpath(name).read_text("utf-8"))


@cache
def _schemas() -> Registry[Any]:
    return Registry().with_resources(
        (f"urn:homeroom:schema:{name}", DRAFT202012.create_resource(shipped(f"{name}.schema.json"))) for name in SCHEMAS
    )


@cache
def _formats() -> FormatChecker:
    checker = FormatChecker(())
    checker.checks("date-time", ValueError)(
        lambda value: isinstance(value, str) and bool(datetime.fromisoformat(value))
    )
    checker.checks("date", ValueError)(lambda value: isinstance(value, str) and bool(date.fromisoformat(value)))
    return checker


def where(path: Iterable[str | int]) -> str:
    """A JSONPath such as $.rooms[0].cameras[1].address."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _explain(error: ValidationError) -> str:
    """One line: what is wrong, and what was probably meant."""
    schema, instance = error.schema, error.instance
    if error.validator == "additionalProperties" and isinstance(schema, Mapping) and isinstance(instance, Mapping):
        known = list(schema.get("properties", {}))
        extra = next(name for name in instance if name not in known)
        close = get_close_matches(extra, known, 1)
        return f"unknown field {extra!r}" + (
            f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"
        )
    if error.validator == "required" and isinstance(schema, Mapping) and isinstance(instance, Mapping):
        lacking = [name for name in schema["required"] if name not in instance]
        field = schema.get("properties", {}).get(lacking[0], {})
        hint = f" ({field['description']})" if "description" in field else ""
        return f"{', '.join(map(repr, lacking))} is missing{hint}"
    if error.validator == "enum":
        choices = [str(value) for value in schema["enum"]] if isinstance(schema, Mapping) else []
        close = get_close_matches(str(instance), choices, 1)
        return f"{instance!r} is not one of {', '.join(choices)}" + (f"; did you mean {close[0]!r}?" if close else "")
    if error.validator == "oneOf" and isinstance(schema, Mapping):
        return f"has none of the allowed forms: {schema.get('description', '')}"  # what stands there may be a secret
    if isinstance(instance, Mapping | list):  # never repeated: what stands in it may be a secret
        return f"breaks the rule {error.validator}: {json.dumps(error.validator_value)[:200]}"
    message = error.message if len(error.message) < 200 else error.message[:200] + "..."
    return " ".join(message.split())


def validate(document: Any, schema: Mapping[str, Any], label: str, at: tuple[str | int, ...] = ()) -> None:
    """Holds a document to a schema; BadInput names the place, `at` being where the document itself stands."""
    validator = Draft202012Validator(schema, registry=_schemas(), format_checker=_formats())
    error = best_match(validator.iter_errors(document))
    if error is not None:
        raise BadInput(f"{label}: {where((*at, *error.absolute_path))}: {_explain(error)}")


def schema(name: str) -> Mapping[str, Any]:
    """A shipped schema, such as "site"."""
    made: Mapping[str, Any] = _schemas()[f"urn:homeroom:schema:{name}"].contents
    return made


def load_vocabulary(overrides: Mapping[str, Any] | None = None) -> Vocabulary:
    """The shipped vocabulary with a site's changes."""
    document = shipped("behaviors.json")
    validate(document, schema("behaviors"), "behaviors.json")
    made = vocabulary(document, overrides)
    known = (*made.behaviors, *made.health)
    unknown = set(overrides or ()) - set(known)
    if unknown:
        raise BadInput(f"behaviors: no behavior {min(unknown)!r}; known are {', '.join(known)}")
    for state, changed in (overrides or {}).items():
        idle = set(changed) - HEALTH_OVERRIDES
        if state in made.health and idle:
            raise BadInput(f"behaviors: {state} knows no {min(idle)!r}; it takes {', '.join(sorted(HEALTH_OVERRIDES))}")
    for one in (*made.behaviors.values(), *made.health.values()):
        if one.debounce.off > one.debounce.on:
            raise BadInput(f"behavior {one.id}: hysteresis.off ({one.debounce.off}) is above on ({one.debounce.on})")
        if one.debounce.min_scans > one.debounce.of:
            raise BadInput(f"behavior {one.id}: scan.min_scans is above scan.of: it could never begin")
    return made
