"""What a site manifest's model entry asks for, put together with what the model manifest says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from .cache import default_cache
from .compiled import Compute
from .network import Input

SLOW_TO_COMPILE = ("GPU", "NPU")


def cache_of(settings: Mapping[str, Any]) -> Path:
    """Folder with the model files."""
    return Path(settings["cache"]) if settings.get("cache") else default_cache()


def input_of(document: Mapping[str, Any]) -> Input:
    """What the network is to be fed, from a model manifest."""
    entry = document["input"]
    return Input(
        width=entry["width"],
        height=entry["height"],
        color=entry.get("color", "BGR"),
        mean=tuple(entry.get("mean", ())),
        scale=tuple(entry.get("scale", ())),
    )


def compute_of(settings: Mapping[str, Any]) -> Compute:
    """Device and precision; and for devices that compile for long, a folder of compiled networks if it can be written.

    The CPU compiles in about a second and gets none: OpenVINO does not notice an altered compiled network, so that
    what SHA-384 has verified would not be what runs.
    """
    device = settings.get("device", "AUTO")
    compiled = cache_of(settings) / "compiled"
    keeps = device in SLOW_TO_COMPILE and _writable(compiled)
    return Compute(device, settings.get("precision", "default"), compiled if keeps else None)


def thresholds_of(document: Mapping[str, Any], settings: Mapping[str, Any]) -> Mapping[str, float]:
    """The model's thresholds with the site's changes; BadInput for a name that the model does not know."""
    known: Mapping[str, float] = document["thresholds"]
    changed: Mapping[str, float] = settings.get("thresholds", {})
    for name in changed:
        if name not in known:
            raise BadInput(f"model {document['id']}: no threshold {name!r}; known are {', '.join(known)}")
    return {**known, **changed}


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
