"""JSON as a person would write it: innermost lists and objects on one line."""

from __future__ import annotations

import json
import re
from typing import Any


def tidy(document: Any) -> str:
    """The document as indented JSON text, with a line break at its end."""
    text = json.dumps(document, indent=2)
    return re.sub(r"[\[{][^\[\]{}]*[\]}]", _on_one_line, text) + "\n"


def _on_one_line(innermost: re.Match[str]) -> str:
    return re.sub(
        r"\s*\n\s*", lambda gap: "" if gap.start() == 1 or gap.end() == len(gap.string) - 1 else " ", innermost[0]
    )
