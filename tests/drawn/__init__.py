"""A drawn classroom, a clip of it, what happens in that clip, and a small network that knows its people: for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CLIP = HERE / "classroom.mp4"
MANIFEST = HERE / "drawn.json"
MODEL = {"id": "drawn", "manifest": str(MANIFEST)}  # as a site manifest names it


def story() -> dict[str, Any]:
    """The clip's seats, and what is done at each."""
    found: dict[str, Any] = json.loads((HERE / "script.json").read_text("utf-8"))
    return found
