"""From a site manifest's entry to a model that detects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.errors import BadInput
from homeroom.models.loading import load_model
from homeroom.models.settings import compute_of

from .nets import flat, small_manifest, small_net


def entry(folder: Path, **changes: Any) -> dict[str, Any]:
    path = folder / "own.json"
    path.write_text(json.dumps(small_manifest(small_net(folder), **changes)), "utf-8")
    return {"id": "small", "manifest": str(path), "device": "CPU", "precision": "f32", "cache": str(folder / "cache")}


def test_a_model_of_ones_own_is_loaded_and_detects(tmp_path: Path) -> None:
    model = load_model(entry(tmp_path))
    assert model.id == "small"
    one, other = model.detector(), model.detector()
    assert one is not other
    assert [len(found) for found in one.detect([flat(20), flat(250)])] == [0, 1]
    assert one.detect([flat(250)]) == other.detect([flat(250)])
    assert one.model == "small"
    assert one.detect([]) == []


def test_a_flipped_byte_in_the_weights_is_refused_at_load(tmp_path: Path) -> None:
    settings = entry(tmp_path)
    weights = bytearray((tmp_path / "small.bin").read_bytes())
    weights[len(weights) // 2] ^= 1
    (tmp_path / "small.bin").write_bytes(weights)
    with pytest.raises(BadInput, match=r"small\.bin is not the manifest's") as caught:
        load_model(settings)
    assert "\n" not in str(caught.value)


def test_an_official_model_that_was_not_fetched_is_refused_with_the_cure(tmp_path: Path) -> None:
    name = "person-detection-action-recognition-0006"
    with pytest.raises(BadInput, match=f"is missing; run: homeroom models fetch {name}"):
        load_model({"id": name, "cache": str(tmp_path)})


def test_a_decoder_that_is_not_installed_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no 'magic' is installed; there are .*action-ssd"):
        load_model(entry(tmp_path, decoder="magic"))


def test_the_cpu_keeps_no_compiled_network_since_nobody_verifies_it(tmp_path: Path) -> None:
    assert compute_of({"cache": str(tmp_path)}).cache is None
    assert compute_of({"cache": str(tmp_path), "device": "CPU"}).cache is None
    assert compute_of({"cache": str(tmp_path), "device": "GPU"}).cache == tmp_path / "compiled"
    (tmp_path / "file").write_bytes(b"")
    assert compute_of({"cache": str(tmp_path / "file"), "device": "GPU"}).cache is None
