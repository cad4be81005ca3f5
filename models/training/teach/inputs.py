"""What may be taught with: recordings and teachers by their SHA-256, and nothing else; renders by their seeds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RECORD = Path(__file__).resolve().parents[1] / "inputs.json"


class Refused(Exception):
    """A file that the record does not name, or that is another one than it names."""


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record() -> dict[str, Any]:
    """The record as it is committed."""
    found: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return found


def checked(paths: Sequence[Path], kind: str) -> list[Path]:
    """The same paths; raises Refused unless each one's content is in the record under `kind`, whatever its name."""
    known: Mapping[str, str] = {entry["sha256"]: entry["name"] for entry in record()[kind]}
    for path in paths:
        if digest(path) not in known:
            raise Refused(f"{path}: not among the {kind} in {RECORD.name}; nothing else may be taught with")
    return list(paths)


def code(*folders: Path) -> str:
    """SHA-256 over names and contents of all Python files below folders: which version of the code rendered."""
    whole = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            whole.update(f"{folder.name}/{path.relative_to(folder).as_posix()}\0{digest(path)}\n".encode())
    return whole.hexdigest()


def rendered(folder: Path) -> dict[str, Any]:
    """How many pictures a split's shards hold, in which, and the SHA-256 of all labels: for the record."""
    whole, count = hashlib.sha256(), 0
    shards = sorted(folder.rglob("labels.json"))
    for labels in shards:
        whole.update(labels.read_bytes())
        count += len(json.loads(labels.read_text("utf-8"))["pictures"])
    return {"pictures": count, "shards": len(shards), "labels_sha256": whole.hexdigest()}


def write(renders: Mapping[str, Any], path: Path) -> None:
    """Writes the record with what was rendered; recordings and teachers stay as a person wrote them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**record(), "renders": renders}, indent=1, ensure_ascii=False) + "\n", "utf-8")
