"""From a site manifest's model entry to a loaded model; the entry point "openvino" of group homeroom.models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.ports import Model, ModelInfo, Recognizer
from homeroom.registry import find as find_entry

from .around import Informed
from .cache import files
from .catalog import ModelManifest, find, part, whole
from .heads import HeadNet, with_heads
from .second_look import looking_twice
from .second_opinion import asking
from .settings import cache_of

DECODERS = "homeroom.decoders"


def load_model(settings: Mapping[str, Any]) -> Model:
    """Finds the manifest, verifies the files and loads them with the manifest's decoder, its parts with theirs.

    `settings`: id; and optionally manifest (path), device, precision, cache (folder), thresholds. Raises BadInput.
    """
    manifest = find(settings["id"], Path(settings["manifest"]) if settings.get("manifest") else None)
    if manifest.part:
        raise BadInput(f"model {manifest.id} finds nobody by itself: it is a part of others; name one of them")
    return Informed(_loaded(manifest, settings), info(manifest))


def info(manifest: ModelManifest) -> ModelInfo:
    """What a manifest says of its model."""
    measured: dict[str, list[str]] = {}
    for one in manifest.document["accuracy"]:
        measured.setdefault(one["on"], []).append(f"{one['measure']} {one['value']}")
    return ModelInfo(
        title=manifest.title,
        files={
            role if one is manifest else f"{one.id}/{role}": file.sha384
            for one in whole(manifest)
            for role, file in one.files.items()
        },
        evidence=manifest.document.get("evidence", {}),
        measured=measured,
    )


def _loaded(manifest: ModelManifest, settings: Mapping[str, Any]) -> Recognizer:
    """A model with all that its manifest puts around it; thresholds are the whole's, not its parts'."""
    document = manifest.document
    decoder = find_entry(DECODERS, manifest.decoder)
    model: Recognizer = decoder(document, files(manifest, cache_of(settings)), settings)
    shared = {name: value for name, value in settings.items() if name != "thresholds"}
    if again := document.get("second_look"):
        model = looking_twice(model, again)
    if opinion := document.get("second_opinion"):
        model = asking(model, _loaded(part(manifest, opinion["model"]), shared), opinion)
    if heads := document.get("heads"):
        its = part(manifest, heads["model"])
        model = with_heads(model, HeadNet(its.document, files(its, cache_of(settings)), shared))
    return model
