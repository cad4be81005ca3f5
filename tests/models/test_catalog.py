"""Model manifests and their schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from homeroom.errors import BadInput
from homeroom.manifest import shipped, validate
from homeroom.models.catalog import catalog, find, manifest, read

from .nets import CLASSES, small_manifest, small_net

SCHEMA = shipped("model.schema.json")


def fields(schema: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Every field that the schema names, however deep."""
    if isinstance(schema, list):
        for index, one in enumerate(schema):
            yield from fields(one, f"{path}[{index}]")
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            # what stands below `allOf` only narrows fields that are described above
            if ".allOf" not in path:
                yield f"{path}.{name}", field
        for key, value in schema.items():
            if key not in ("examples", "default", "const", "enum"):
                yield from fields(value, f"{path}.{key}")


def objects(schema: Any) -> Iterator[Any]:
    if isinstance(schema, list):
        for one in schema:
            yield from objects(one)
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)


def small(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    return small_manifest(small_net(tmp_path), **changes)


def test_the_schema_is_a_schema_that_explains_every_field() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    named = list(fields(SCHEMA))
    assert len(named) > 40
    for path, field in named:
        assert field.get("description"), path
        assert field.get("examples"), path
    for one in objects(SCHEMA):
        assert one.get("additionalProperties") is False


def test_every_shipped_manifest_fits_the_schema_and_its_file_name() -> None:
    known = catalog()
    assert {"person-detection-action-recognition-0005", "person-detection-action-recognition-0006"} <= set(known)
    for name, one in known.items():
        validate(one.document, SCHEMA, name)
        assert shipped(f"models/{name}.json") == one.document


def test_sitting_is_never_listening_or_reading() -> None:
    for one in catalog().values():
        for class_ in one.classes:
            if "sit" in class_.label:
                assert "activity" not in class_.axes


def test_files_are_embedded_or_come_from_open_model_zoo_or_a_commit_that_cannot_change() -> None:
    allowed = r"https://storage\.openvinotoolkit\.org/|https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/"
    for one in catalog().values():
        for file in one.files.values():
            assert not file.url or re.match(allowed, file.url)


def test_a_manifest_of_ones_own_finds_its_files_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(small(tmp_path)), "utf-8")
    made = read(path)
    assert made.folder == tmp_path
    assert made.size == sum(file.size for file in made.files.values())
    assert find("small", path) == made
    with pytest.raises(BadInput, match="describes the model 'small', not 'large'"):
        find("large", path)


def test_an_unknown_model_is_refused_with_what_was_meant() -> None:
    with pytest.raises(BadInput, match="did you mean 'person-detection-action-recognition-0006'"):
        find("person-detection-action-recognition-006")
    with pytest.raises(BadInput, match="known are "):
        find("x")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"licence": ""}, r"\$\.licence"),
        ({"decodr": "x"}, r"unknown field 'decodr'; did you mean 'decoder'\?"),
        ({"source": "http://example.org"}, r"\$\.source"),
        ({"source": "https://user:password@example.org"}, r"\$\.source"),
        ({"id": "../../etc"}, r"\$\.id"),
        ({"input": {"width": 681, "height": 400}}, r"\$\.input\.width"),
        ({"input": {"width": 680, "height": 400, "scale": [0, 1, 1]}}, r"\$\.input\.scale"),
        ({"thresholds": {"detection": 0.4}}, "'nms_sigma' is missing"),
        ({"thresholds": {"detection": 4, "nms_sigma": 0.5}}, r"\$\.thresholds\.detection"),
        ({"decoder_settings": {}}, "is missing"),
        ({"classes": []}, r"\$\.classes"),
        ({"classes": [{"label": "a", "axes": {"posture": "sitting"}}]}, "posture is never 'sitting'"),
        ({"classes": [{"label": "a", "axes": {"mood": "sad"}}]}, "no axis 'mood'; known are posture"),
    ],
)
def test_a_wrong_manifest_is_refused_in_one_line(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        manifest(small(tmp_path, **changes), "own.json", tmp_path)
    assert str(caught.value).startswith("own.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../net.xml", "a/b", ".hidden", "c:\\x", "a\n", "", "x" * 200])
def test_a_file_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    document = small(tmp_path)
    document["files"]["xml"]["name"] = name
    with pytest.raises(BadInput, match=r"\$\.files\.xml"):
        manifest(document, "own.json", tmp_path)


def test_a_file_has_an_address_or_comes_with_the_manifest_and_names_differ(tmp_path: Path) -> None:
    document = small(tmp_path)
    document["files"]["xml"]["url"] = "https://example.org/small.xml"
    with pytest.raises(BadInput, match=r"\$\.files\.xml"):
        manifest(document, "own.json", tmp_path)
    document = small(tmp_path)
    document["files"]["xml"] = document["files"]["bin"]
    with pytest.raises(BadInput, match=r"2 files have the name small\.bin"):
        manifest(document, "own.json", tmp_path)


def test_priors_need_anchors_or_an_output(tmp_path: Path) -> None:
    assert len(CLASSES) == 3
    document = small(tmp_path)
    del document["decoder_settings"]["variances"]
    assert manifest(document, "own.json", tmp_path).id == "small"  # whether the file has priors shows when it is loaded


def test_the_readme_lists_exactly_the_shipped_models() -> None:
    readme = Path(__file__).parents[2] / "models" / "README.md"
    table = readme.read_text("utf-8").split("## Shipped manifests")[1].split("\n## ")[0]
    listed = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert listed == set(catalog())
