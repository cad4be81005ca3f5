"""What holds for the project as a whole: who imports whom, what is shipped, and that its documents tell the truth."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import homeroom
from homeroom.behaviors import Behavior
from homeroom.manifest import load_vocabulary, shipped
from homeroom.models.catalog import catalog
from homeroom.policy import load_pack, packs
from homeroom.site import read_site

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"plugin": "homeroom", **{name: f"homeroom.{name}" for name in ("adapters", "models", "manifests")}}
BENCH = "bench"
SCHEMAS = ("site", "behaviors", "policy", "model", "labels", "acceptance")


@cache
def setup() -> ConfigParser:
    made = ConfigParser()
    made.optionxform = str  # type: ignore[assignment, method-assign]  # keys are names: keep their case
    made.read(ROOT / "setup.cfg", "utf-8")
    return made


def files(*folders: str) -> list[Path]:
    """Every file below folders of the project; links, caches and what was built or fetched left out."""
    skipped = {"__pycache__", "node_modules"}
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file()
        and not any(part.is_symlink() for part in (path, *path.parents) if ROOT in part.parents)
        and not skipped & set(path.parts)
    ]


@cache
def python(*folders: str) -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in files(*folders) if path.suffix == ".py"}


def name_of(path: Path) -> str:
    """`plugin/store.py` as homeroom.store."""
    top, *rest = path.relative_to(ROOT).with_suffix("").parts
    return ".".join([FOLDERS[top], *rest]).removesuffix(".__init__")


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """The installed modules by name."""
    packages = setup()["options"]["packages"].split()
    found = {name_of(path): (path, tree) for path, tree in python(*FOLDERS).items()}
    return {
        name: (path, tree)
        for name, (path, tree) in found.items()
        if (name if path.name == "__init__.py" else name.rpartition(".")[0]) in packages
    }


def running(node: ast.AST) -> Iterator[ast.AST]:
    """What a module runs: all below a node, but for what stands under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)):
            yield child
            yield from running(child)


def imported(name: str) -> set[str]:
    """The modules of Homeroom that a module imports."""
    path, tree = modules()[name]
    home = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in running(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = home.split(".")[: len(home.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    # a package's own __init__ runs first whatever is imported from it; ours import nothing
    return {one for one in found if one in modules() and one != home}


def layer(name: str) -> str:
    """core, adapters, models, manifests, or bench: the workbench, which joins them as the entry points do."""
    part = name.removeprefix("homeroom").lstrip(".").partition(".")[0]
    return part if part == BENCH or f"homeroom.{part}" in FOLDERS.values() else "core"


# Who imports whom.


def test_no_modules_import_each_other_in_a_ring() -> None:
    TopologicalSorter({name: imported(name) for name in modules()}).prepare()  # raises CycleError


def test_the_core_imports_neither_adapters_nor_models() -> None:
    core = [name for name in modules() if layer(name) == "core"]
    assert len(core) > 30
    assert {name: imported(name) for name in core if {layer(one) for one in imported(name)} - {"core"}} == {}


@pytest.mark.parametrize(("one", "other"), [("adapters", "models"), ("models", "adapters")])
def test_adapters_and_models_do_not_know_each_other(one: str, other: str) -> None:
    mine = [name for name in modules() if layer(name) == one]
    assert mine
    assert [name for name in mine if other in {layer(each) for each in imported(name)}] == []


def test_nobody_imports_the_workbench_and_it_knows_no_adapter() -> None:
    mine = [name for name in modules() if layer(name) == BENCH]
    assert mine
    assert {layer(one) for name in mine for one in imported(name)} == {BENCH, "core", "models"}
    others = [name for name in modules() if layer(name) != BENCH]
    assert [name for name in others if BENCH in {layer(each) for each in imported(name)}] == []


def absolute(node: ast.AST) -> list[str]:
    """The names that a statement imports from the top."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def test_nobody_imports_a_folder_by_its_own_name() -> None:
    found = [
        (str(path.relative_to(ROOT)), name)
        for path, tree in python(*FOLDERS, "tests", "packaging").items()
        for node in ast.walk(tree)
        for name in absolute(node)
        if name.partition(".")[0] in FOLDERS
    ]
    assert found == []


def test_packages_import_nothing_by_themselves() -> None:
    assert [name for name, (path, _) in modules().items() if path.name == "__init__.py" and imported(name)] == []


# How it is written.


def unannotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = function.args
    each = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return function.returns is None or any(
        one.annotation is None for number, one in enumerate(each) if number or one.arg not in ("self", "cls")
    )


def test_every_function_is_annotated() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path, tree in python(*FOLDERS, "tests", "packaging").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and unannotated(node)
    ]
    assert found == []


def test_every_module_says_in_a_sentence_what_it_is() -> None:
    assert [name for name, (_, tree) in modules().items() if not (ast.get_docstring(tree) or "").strip()] == []


def broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes whatever comes and does not hand it on."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    caught = ast.walk(handler.type) if handler.type else iter([ast.Name("Exception")])
    return any(isinstance(one, ast.Name) and one.id in ("Exception", "BaseException") for one in caught)


def test_only_the_outermost_loop_of_a_thread_takes_any_error() -> None:
    lines = {
        f"{path.relative_to(ROOT)}:{node.lineno}": path.read_text("utf-8").splitlines()[node.lineno - 1]
        for path, tree in python(*FOLDERS).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and broad(node)
    }
    assert {place: line for place, line in lines.items() if not re.search("noqa: BLE001.*outermost", line)} == {}


# What is shipped.


def test_the_packages_are_the_folders_with_an_init() -> None:
    inits = [path for path in python(*FOLDERS) if path.name == "__init__.py" and "training" not in path.parts]
    folders = {path.parent: name_of(path) for path in inits}  # what teaches the networks is not installed
    assert sorted(setup()["options"]["packages"].split()) == sorted(folders.values())
    mapped = dict(line.split(" = ") for line in setup()["options"]["package_dir"].strip().splitlines())
    assert {name: ROOT / folder for name, folder in mapped.items()} == {
        name: ROOT / top for top, name in FOLDERS.items()
    }


def package_data() -> Iterator[tuple[str, list[Path]]]:
    """Each pattern with the files that it matches."""
    tops = {name: ROOT / top for top, name in FOLDERS.items()}
    for package, patterns in setup()["options.package_data"].items():
        for pattern in patterns.split(","):
            yield f"{package}: {pattern.strip()}", list(tops[package].glob(pattern.strip()))


def test_every_pattern_of_package_data_matches_something() -> None:
    assert [pattern for pattern, found in package_data() if not found] == []


def test_every_data_file_is_shipped() -> None:
    taken = {path for _, found in package_data() for path in found}
    data = [path for path in files(*FOLDERS) if path.suffix not in (".py", ".md") and path.parent.name != "training"]
    assert [path for path in data if path not in taken] == []


def entries() -> list[EntryPoint]:
    return [
        EntryPoint(name.strip(), value.strip(), group)
        for group, lines in setup()["options.entry_points"].items()
        for name, _, value in (line.partition("=") for line in lines.strip().splitlines())
    ]


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.group}-{entry.name}")
def test_an_entry_point_loads_and_is_installed(entry: EntryPoint) -> None:
    assert callable(entry.load())
    assert entry.value in {one.value for one in entry_points(group=entry.group, name=entry.name)}, "install again"


# What the documents say.


def table(heading: str) -> list[list[str]]:
    """The cells of the README's first table below a heading, its head left out and code marks taken off."""
    text = (ROOT / "README.md").read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_readme_lists_exactly_the_installed_adapters() -> None:
    kinds = {"homeroom.sources": "source", "homeroom.sinks": "sink"}
    installed = {(kinds[entry.group], entry.name) for entry in entries() if entry.group in kinds}
    assert {(kind, name) for kind, name, *_ in table("Installed adapters")} == installed


def told(one: Behavior) -> list[str]:
    return [one.id, one.topic, (one.alias or "").rpartition("/")[2] or "-", one.emit.value]


def test_the_readme_lists_exactly_the_vocabulary() -> None:
    known = load_vocabulary()
    rows = [[row[0], *row[-3:]] for row in table("Behaviors")]
    assert rows == [told(one) for one in (*known.behaviors.values(), *known.health.values())]


def test_the_changelog_has_this_version() -> None:
    assert f"\n## [{homeroom.__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_links_of_the_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *(path for path in files(*FOLDERS, "tests", "packaging") if path.suffix == ".md")]
    assert len(documents) >= 10
    lost = [
        (document.name, link)
        for document in documents
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text("utf-8"))
        if "://" not in link and not (document.parent / link).exists()
    ]
    assert lost == []


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    places = re.compile("/" + "work/|/" + "root/|/home/[a-z]")
    top = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in (".md", ".cfg", ".toml", ".in", "")]
    found = [
        str(path.relative_to(ROOT))
        for path in [*top, *files(*FOLDERS, "tests", "packaging", ".ci")]
        if places.search(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert found == []


# Manifests and their schemas.


@cache
def registry() -> Registry[Any]:
    return Registry().with_resources(
        (f"urn:homeroom:schema:{name}", DRAFT202012.create_resource(shipped(f"{name}.schema.json"))) for name in SCHEMAS
    )


def fields(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a schema; `if` and `allOf` only narrow fields that stand elsewhere."""
    if isinstance(node, dict):
        for name, field in node.get("properties", {}).items():
            yield f"{path}/properties/{name}", field
        inner = {key: value for key, value in node.items() if key not in ("examples", "default", "const", "allOf")}
        for key, value in inner.items():
            yield from fields(value, f"{path}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from fields(value, f"{path}/{number}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_explains_every_field(name: str) -> None:
    schema = shipped(f"{name}.schema.json")
    Draft202012Validator.check_schema(schema)
    named = [(path, field) for path, field in fields(schema) if set(field) != {"$ref"}]
    assert [path for path, field in named if not field.get("description") or not field.get("examples")] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_s_examples_are_examples_of_it(name: str) -> None:
    schema = shipped(f"{name}.schema.json")
    wrong = []
    for path, field in [("", schema), *fields(schema)]:
        place = {"$ref": f"urn:homeroom:schema:{name}#{path.replace('$', '%24')}"}
        validator = Draft202012Validator(place, registry=registry())
        wrong += [f"{path}: {example}" for example in field.get("examples", []) if not validator.is_valid(example)]
    assert wrong == []


def manifests() -> list[Path]:
    """Shipped JSON files that name their schema."""
    return [
        path
        for path in files("manifests")
        if path.suffix == ".json"
        and not path.name.endswith(".schema.json")
        and "$schema" in json.loads(path.read_text())
    ]


@pytest.mark.parametrize("path", manifests(), ids=lambda path: path.name)
def test_a_shipped_manifest_is_what_its_schema_says(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    schema = json.loads((path.parent / document["$schema"]).read_text("utf-8"))
    Draft202012Validator(schema, registry=registry()).validate(document)


def test_every_shipped_manifest_can_be_read(tmp_path: Path) -> None:
    assert len(manifests()) >= 7
    assert {"eu", "lab"} <= {load_pack(name).id for name in packs()}
    assert len(catalog()) >= 3
    for path in (ROOT / "manifests" / "examples").glob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        if "$schema" in document:
            assert read_site(document, tmp_path, path.name).name == document["site"]
