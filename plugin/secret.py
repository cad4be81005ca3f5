"""Secrets are named in manifests, never written there: {"env": NAME} or {"file": PATH}."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import BadInput

MAX_BYTES = 4096


def is_reference(value: Any) -> bool:
    """Whether a manifest's value names a secret."""
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in ("env", "file")


def resolve(reference: Mapping[str, str], folder: Path, label: str) -> str:
    """The secret itself. `folder` is what a relative file path counts from; `label` says where it is named."""
    if "env" in reference:
        value = os.environ.get(reference["env"])
        if value is None:
            raise BadInput(f"{label}: the environment variable {reference['env']} is not set")
        return value
    path = folder / reference["file"]
    try:
        with path.open("rb") as stream:
            lines = stream.read(MAX_BYTES).decode("utf-8").splitlines()
    except OSError as wrong:
        raise BadInput(f"{label}: {path} cannot be read: {wrong.strerror}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{label}: {path} is not UTF-8 text") from None
    if not lines or not lines[0]:
        raise BadInput(f"{label}: {path} is empty")
    return lines[0]


def resolved(settings: Mapping[str, Any], folder: Path, label: str) -> dict[str, Any]:
    """The settings with each secret in the place of its name."""
    return {
        key: resolve(value, folder, f"{label}.{key}") if is_reference(value) else value
        for key, value in settings.items()
    }
