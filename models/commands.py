"""The command `homeroom models`, joined through the entry point group homeroom.commands."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from .cache import FileState, Progress, default_cache, fetch, verify
from .catalog import ModelManifest, called, catalog, read, whole
from .evaluation.commands import add_verbs

BAR = 30  # characters


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `models` and what stands below it; each sets `run`, which returns the exit code or raises."""
    models = subparsers.add_parser(
        "models",
        help="list, fetch, verify and evaluate the models",
        description="Models: what there is, getting their files, checking them, and measuring how well they see.",
        epilog="example: homeroom models fetch recommended",
    )
    verbs = models.add_subparsers(metavar="VERB", required=True)
    _add(verbs, "list", list_models, "the models and the state of their files", "homeroom models list --json")
    fetching = _add(
        verbs,
        "fetch",
        fetch_models,
        "get a model's files, checked by SHA-384",
        "homeroom models fetch --all --from https://mirror.example/open_model_zoo",
    )
    _name_models(fetching)
    fetching.add_argument(
        "--from",
        dest="source",
        metavar="DIR|URL",
        help="a folder or mirror with the files: as in Open Model Zoo's tree, below the model's id, or flat",
    )
    verifying = _add(verbs, "verify", verify_models, "check files by size and SHA-384", "homeroom models verify --all")
    _name_models(verifying)
    add_verbs(verbs)


def _add(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int],
    does: str,
    example: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=does, description=f"{does[0].upper()}{does[1:]}.", epilog=f"example: {example}"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="folder of the files; else $HOMEROOM_MODELS or yours")
    parser.add_argument("--manifest", type=Path, metavar="FILE", help="a model manifest of your own")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.set_defaults(run=run)
    return parser


def _name_models(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("id", nargs="?", help="id of the model, or recommended; `homeroom models list` knows them")
    which.add_argument("--all", action="store_true", help="every model that the list shows")


def list_models(args: argparse.Namespace) -> int:
    """Lists the models; always 0."""
    known = [*catalog().values(), *([read(args.manifest)] if args.manifest else [])]
    rows = [_described(manifest, _cache(args)) for manifest in known]
    if args.json:
        _write_json(rows)
    else:
        _write_table(("ID", "TITLE", "LICENCE", "MB", "STATE", "USE"), map(_cells, rows))
    return 0


def fetch_models(args: argparse.Namespace) -> int:
    """Fetches what the cache lacks; 0 when every file is there and right."""
    rows = []
    for manifest in _chosen(args):
        paths = fetch(manifest, _cache(args), args.source, progress())
        rows.append({"id": manifest.id, "files": {role: str(path) for role, path in paths.items()}})
        if not args.json:
            sys.stdout.write(f"{manifest.id}: ok\n")
    if args.json:
        _write_json(rows)
    return 0


def verify_models(args: argparse.Namespace) -> int:
    """Checks files; 1 when one is missing or wrong."""
    checked = [(manifest, verify(manifest, _cache(args))) for manifest in _chosen(args)]
    if args.json:
        _write_json(
            [
                {"id": manifest.id, "state": _worst(states.values()), "files": _files(states)}
                for manifest, states in checked
            ]
        )
    else:
        rows = [(one.state, str(one.path)) for _, states in checked for one in states.values()]
        _write_table(("STATE", "FILE"), rows)
    return 0 if all(_worst(states.values()) == "ok" for _, states in checked) else 1


def _cache(args: argparse.Namespace) -> Path:
    return args.cache or default_cache()


def _chosen(args: argparse.Namespace) -> Sequence[ModelManifest]:
    if args.all:
        return list(catalog().values())
    if args.id:
        return whole(called(args.id, args.manifest))
    if args.manifest:
        return whole(read(args.manifest))
    raise BadInput("name a model, or give --all; `homeroom models list` shows what there is")


def _worst(states: Iterable[FileState]) -> str:
    found = {one.state for one in states}
    return "wrong" if "wrong" in found else "missing" if "missing" in found else "ok"


def _files(states: Mapping[str, FileState]) -> Mapping[str, Mapping[str, str]]:
    return {role: {"path": str(one.path), "state": one.state} for role, one in states.items()}


def _described(manifest: ModelManifest, cache: Path) -> dict[str, Any]:
    needed = whole(manifest)
    return {
        "id": manifest.id,
        "title": manifest.title,
        "description": manifest.description,
        "licence": manifest.licence,
        "source": manifest.source,
        "size": sum(one.size for one in needed),
        "state": _worst(state for one in needed for state in verify(one, cache).values()),
        "part": manifest.part,
        "parts": list(manifest.parts),
        "classes": [one.label for one in manifest.classes],
        "evidence": manifest.document.get("evidence", {}),
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    use = "part of others" if row["part"] else "-"
    return (row["id"], row["title"], row["licence"], f"{row['size'] / 1e6:.1f}", row["state"], use)


def _write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def _write_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def progress() -> Progress:
    """A bar on stderr where a person watches, silence elsewhere."""
    if not sys.stderr.isatty():
        return lambda _name, _done, _total: None

    def bar(name: str, done: int, total: int) -> None:
        filled = "#" * (BAR * done // total)
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r[{filled:<{BAR}}] {100 * done // total:3} %  {name}{end}")
        sys.stderr.flush()

    return bar
