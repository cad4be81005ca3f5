"""Model manifests: those that come with Homeroom and those of the user, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import read_json, shipped, validate

ASKED = ("second_opinion", "heads")  # fields of a manifest that name another model
PREFIX = "homeroom-"  # of our assemblies' ids; on the command line they go without


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model. `url` is empty where the file comes with the manifest."""

    role: str
    name: str
    size: int
    sha384: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ModelClass:
    """What a class is called by its makers, and axis -> value that it proves."""

    label: str
    axes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """One model. `folder` holds the files that come with the manifest; `document` is the JSON as a decoder gets it.

    `part`: no model by itself, but a part of others. `parts`: ids of the models that it asks, fetched with it.
    """

    id: str
    title: str
    description: str
    licence: str
    source: str
    decoder: str
    files: Mapping[str, ModelFile]
    classes: Sequence[ModelClass]
    thresholds: Mapping[str, float]
    folder: Path
    document: Mapping[str, Any] = field(repr=False)
    part: bool = False
    parts: Sequence[str] = ()

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files.values())


def manifest(document: Any, label: str, folder: Path) -> ModelManifest:
    """Holds a parsed manifest to its schema and to the vocabulary; BadInput, starting with `label`, where it fails."""
    validate(document, shipped("model.schema.json"), label)
    made = ModelManifest(
        id=document["id"],
        title=document["title"],
        description=document["description"],
        licence=document["licence"],
        source=document["source"],
        decoder=document["decoder"],
        files={
            role: ModelFile(role, entry["name"], entry["size"], entry["sha384"], entry.get("url", ""))
            for role, entry in document["files"].items()
        },
        classes=tuple(ModelClass(entry["label"], entry["axes"]) for entry in document["classes"]),
        thresholds=document["thresholds"],
        folder=folder,
        document=document,
        part=document.get("part", False),
        parts=tuple(document[name]["model"] for name in ASKED if name in document),
    )
    _check_axes(made, label)
    names = [file.name for file in made.files.values()]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"{label}: $.files: {names.count(name)} files have the name {name}; give each its own")
    return made


def _check_axes(made: ModelManifest, label: str) -> None:
    vocabulary: Mapping[str, Sequence[str]] = shipped("behaviors.json")["axes"]
    for one in made.classes:
        for axis, value in one.axes.items():
            if axis not in vocabulary:
                raise BadInput(f"{label}: class {one.label}: no axis {axis!r}; known are {', '.join(vocabulary)}")
            if value not in vocabulary[axis]:
                close = get_close_matches(value, vocabulary[axis], 1) or vocabulary[axis]
                raise BadInput(f"{label}: class {one.label}: {axis} is never {value!r}; try {' or '.join(close)}")
    proven = {pair for one in made.classes for pair in one.axes.items()}
    for axis, values in made.document.get("evidence", {}).items():
        for value in values:
            if (axis, value) not in proven:
                raise BadInput(f"{label}: $.evidence: no class of the model says {value!r} on axis {axis!r}")


def read(path: Path) -> ModelManifest:
    """A manifest of the user's own; the files that come with it lie beside it."""
    return manifest(read_json(path), str(path), path.parent)


def catalog() -> Mapping[str, ModelManifest]:
    """The manifests that come with Homeroom, by id; their embedded files lie in this package."""
    folder = Path(str(files("homeroom.models")))
    shelf = files("homeroom.manifests").joinpath("models")
    names = sorted(entry.name for entry in shelf.iterdir() if entry.name.endswith(".json"))
    read_all = [manifest(shipped(f"models/{name}"), name, folder) for name in names]
    return {one.id: one for one in read_all}


def find(model: str, path: Path | None = None) -> ModelManifest:
    """The model of that id, shipped or from the manifest at `path`; BadInput names what there is."""
    if path is not None:
        own = read(path)
        if own.id != model:
            raise BadInput(f"{path}: describes the model {own.id!r}, not {model!r}")
        return own
    known = catalog()
    if model not in known:
        close = get_close_matches(model, known, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
        raise BadInput(f"no model {model!r}; {hint}")
    return known[model]


def part(manifest: ModelManifest, model: str) -> ModelManifest:
    """A shipped model that another one asks; BadInput where there is none, or it asks others itself."""
    known = catalog()
    if model not in known:
        raise BadInput(f"model {manifest.id}: asks {model!r}; models to ask are {', '.join(known)}")
    if known[model].parts:
        raise BadInput(f"model {manifest.id}: asks {model!r}, which asks others itself; name one that does not")
    return known[model]


def whole(manifest: ModelManifest) -> Sequence[ModelManifest]:
    """A model and the parts that it asks: all whose files it needs."""
    return [manifest, *(part(manifest, model) for model in manifest.parts)]


def called(model: str, path: Path | None = None) -> ModelManifest:
    """As `find`, but our assemblies may be called by their short names: recommended is homeroom-recommended."""
    return find(PREFIX + model if path is None and PREFIX + model in catalog() else model, path)


def named(model: str) -> ModelManifest:
    """As `called`, or a manifest of one's own by its path, which ends in .json."""
    return read(Path(model)) if model.endswith(".json") else called(model)


def site_entry(model: str) -> dict[str, str]:
    """How a site manifest names the model that `named` finds."""
    return {"id": named(model).id, **({"manifest": model} if model.endswith(".json") else {})}
