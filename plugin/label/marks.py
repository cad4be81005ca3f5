"""Marks: what somebody labelled in one still, and the schema that whatever comes from a browser is held to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeroom.behaviors import UNCERTAIN
from homeroom.errors import BadInput
from homeroom.manifest import validate

from .still import Person

ABSENT = "absent"
MOST = 500  # people, as in manifests/labels.schema.json


@dataclass(frozen=True, slots=True)
class Marks:
    """`done`: somebody said that these are all the people there are, be it none."""

    done: bool
    people: tuple[Person, ...]

    def packed(self) -> bytes:
        """All of it in bytes."""
        return json.dumps({"done": self.done, "people": list(self.people)}).encode()


def axes_of(vocabulary: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The values that a person in a picture can have: nobody there is absent."""
    return {axis: tuple(value for value in values if value != ABSENT) for axis, values in vocabulary.items()}


def unpacked(raw: bytes) -> Marks:
    """Marks out of what `packed` gave."""
    document = json.loads(raw)
    return Marks(document["done"], tuple(document["people"]))


def checked(document: Any, axes: Mapping[str, Sequence[str]]) -> Marks:
    """Marks as they came from outside. Raises BadInput that names what is wrong."""
    validate(document, schema(axes), "labels")
    for number, person in enumerate(document["people"]):
        left, top, right, bottom = person["box"]
        if right <= left or bottom <= top:
            raise BadInput(f"labels: $.people[{number}].box: has no area: it is left, top, right, bottom")
    return Marks(document["done"], tuple(document["people"]))


def schema(axes: Mapping[str, Sequence[str]]) -> Mapping[str, Any]:
    """The JSON Schema of marks: `person` of labels.schema.json, but for what nobody draws by hand."""
    share = {"type": "number", "minimum": 0, "maximum": 1}
    person = {
        "type": "object",
        "additionalProperties": False,
        "required": ["box"],
        "properties": {
            "box": {"type": "array", "minItems": 4, "maxItems": 4, "items": share},
            "axes": {
                "type": "object",
                "additionalProperties": False,
                "properties": {axis: {"enum": [*values, UNCERTAIN]} for axis, values in axes.items()},
            },
            "difficult": {"type": "boolean"},
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["done", "people"],
        "properties": {
            "done": {"type": "boolean"},
            "people": {"type": "array", "maxItems": MOST, "items": person},
        },
    }
