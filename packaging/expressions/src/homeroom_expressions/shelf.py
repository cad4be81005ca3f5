"""The models that this distribution knows, and their files in Homeroom's model cache."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from homeroom.errors import BadInput
from homeroom.manifest import parse_json
from homeroom.models.cache import default_cache, verify
from homeroom.models.catalog import ModelManifest, manifest

HEADS = "face-detection-adas-0001"
FIVE = "emotions-recognition-retail-0003"
SEVEN = "mini-xception-fer2013"
NAMES = (HEADS, FIVE, SEVEN)


def shelf(cache: Path | None = None) -> Mapping[str, ModelManifest]:
    """The manifests by id. Files that nobody offers for download lie in the cache as well, below the model's id."""
    cache = cache or default_cache()
    folder = files("homeroom_expressions") / "manifests"
    texts = {id_: (folder / f"{id_}.json").read_text("utf-8") for id_ in NAMES}
    return {id_: manifest(parse_json(text, f"{id_}.json"), f"{id_}.json", cache / id_) for id_, text in texts.items()}


def paths(one: ModelManifest, cache: Path) -> Mapping[str, Path]:
    """Role -> path of each file, verified now by size and SHA-384. BadInput names the cure."""
    states = verify(one, cache)
    for state in states.values():
        if state.state != "ok":
            trouble = "is missing" if state.state == "missing" else "is not the manifest's (size or SHA-384 differ)"
            cure = (
                "run: homeroom expressions fetch"
                if state.file.url
                else "put it there, see homeroom-expressions' README"
            )
            raise BadInput(f"model {one.id}: {state.path} {trouble}; {cure}")
    return {role: state.path for role, state in states.items()}
