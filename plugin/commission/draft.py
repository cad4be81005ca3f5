"""The draft: what was answered so far, kept beside the manifest so that a set-up can go on; no password is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import read_json, schema, validate

from .camera import FoundCamera, from_json
from .files import pretty, write

VERSION = 1


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
            "cameras": [one.to_json() for one in self.cameras],
            "left_out": self.left_out,
        }
        write(path_of(manifest), pretty(document) + "\n", 0o600)


def load(manifest: Path) -> Draft:
    """The draft of a manifest; its fields are held to the manifest's schema as far as they go. Raises BadInput."""
    path = path_of(manifest)
    document = read_json(path)
    try:
        made = Draft(
            dict(document["manifest"]),
            [str(one) for one in document["done"]],
            [from_json(one) for one in document["cameras"]],
            {str(key): str(value) for key, value in document["left_out"].items()},
            bool(document["add"]),
        )
        version = document["draft"]
    except (KeyError, TypeError, ValueError, AttributeError):
        version = None
    if version != VERSION:
        raise BadInput(f"{path}: no draft that this version wrote; begin anew with --no-resume")
    validate(made.manifest, {**schema("site"), "required": []}, str(path))
    return made
