"""The draft: what was answered so far, kept beside the manifest so that a set-up can go on; no password is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import read_json, schema, validate

from .camera import FoundCamera
from .files import pretty, write

VERSION = 1
_TEXT = {"type": "string"}
_CAMERA = dict.fromkeys(("address", "device", "profile", "location", "room", "username", "sight"), _TEXT)
_SECRET = {"oneOf": [{"type": "null"}, {"$ref": "urn:homeroom:schema:site#/$defs/secret"}]}
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["draft", "add", "done", "manifest", "cameras", "left_out"],
    "properties": {
        "draft": {"const": VERSION},
        "add": {"type": "boolean"},
        "done": {"type": "array", "items": _TEXT},
        "manifest": {"type": "object"},
        "cameras": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [*_CAMERA, "names", "password"],
                "properties": {**_CAMERA, "names": {"type": "array", "items": _TEXT}, "password": _SECRET},
            },
        },
        "left_out": {"type": "object", "additionalProperties": _TEXT},
    },
}


def path_of(manifest: Path) -> Path:
    """Where the draft of a manifest lies."""
    return manifest.with_name(f"{manifest.name}.draft")


@dataclass(slots=True)
class Draft:
    """The manifest so far, the steps that are done, the cameras found, and addresses left out with the reason."""

    manifest: dict[str, Any] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    cameras: list[FoundCamera] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    add: bool = False

    def save(self, manifest: Path) -> None:
        """Writes the draft, as a whole or not at all."""
        document = {
            "draft": VERSION,
            "add": self.add,
            "done": self.done,
            "manifest": self.manifest,
            "cameras": [asdict(one) for one in self.cameras],
            "left_out": self.left_out,
        }
        write(path_of(manifest), pretty(document) + "\n", 0o600)


def load(manifest: Path) -> Draft:
    """The draft of a manifest; its fields are held to the manifest's schema as far as they go. Raises BadInput."""
    path = path_of(manifest)
    document = read_json(path)
    try:
        validate(document, _SCHEMA, str(path))
    except BadInput:
        raise BadInput(f"{path}: no draft that this version wrote; begin anew with --no-resume") from None
    validate(document["manifest"], {**schema("site"), "required": []}, str(path))
    cameras = [FoundCamera(**{**one, "names": tuple(one["names"])}) for one in document["cameras"]]
    return Draft(document["manifest"], document["done"], cameras, document["left_out"], document["add"])
