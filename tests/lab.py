"""Where tests find what the repository does not carry: official models, recordings, schemas, servers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skips with a reason that names what is missing; in CI, where everything is installed, it fails instead."""
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks {what}")
    pytest.skip(f"needs {what}")


def lab(path: str) -> Path:
    """A file or folder of the lab that HOMEROOM_LAB names."""
    root = os.environ.get("HOMEROOM_LAB")
    if not root:
        missing(f"{path} in the folder that HOMEROOM_LAB names")
    found = Path(root, path).resolve()
    if not found.exists():
        missing(str(found))
    return found


def need(program: str) -> str:
    """The path of a program that must be installed."""
    found = shutil.which(program)
    if not found:
        missing(f"the program {program}")
    return found
