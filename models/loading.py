"""From a site manifest's model entry to a loaded model; the entry point "openvino" of group homeroom.models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.ports import Model
from homeroom.registry import find as find_entry

from .cache import files
from .catalog import find
from .second_look import SecondLookModel
from .settings import cache_of

DECODERS = "homeroom.decoders"


def load_model(settings: Mapping[str, Any], *, allow_demonstration: bool = False) -> Model:
    """Finds the manifest, verifies the files and loads them with the manifest's decoder.

    `settings`: id; and optionally manifest (path), device, precision, cache (folder), thresholds. Raises BadInput.
    """
    manifest = find(settings["id"], Path(settings["manifest"]) if settings.get("manifest") else None)
    if manifest.demonstration and not allow_demonstration:
        raise BadInput(f"model {manifest.id} is for demonstration only: it knows drawn people; use --demo-model")
    decoder = find_entry(DECODERS, manifest.decoder)
    model: Model = decoder(manifest.document, files(manifest, cache_of(settings)), settings)
    again = manifest.document.get("second_look")
    return SecondLookModel(model, again) if again else model
