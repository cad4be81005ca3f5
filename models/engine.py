"""OpenVINO, without the part of it that phones home.

OpenVINO's wheel brings the package openvino_telemetry along, and `import openvino` sends its makers a line through it.
Where that package cannot be imported OpenVINO takes a stub of its own instead; so it is made not importable here,
before anything else. A classroom's machine tells nobody that it is there.
"""

# ruff: noqa: E402  the order is the point
from __future__ import annotations

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: "import fails", see importlib

import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor

__all__ = ["ColorFormat", "PrePostProcessor", "ov"]
