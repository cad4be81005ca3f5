"""The machine that figures were measured on, in words."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .figures import BUSY, Reading

PACKAGES = ("homeroom", "openvino", "av", "opencv-python-headless", "numpy")


def describe() -> dict[str, Any]:
    """CPU, cores, memory, system and versions."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def _cpu() -> str:
    """The CPU's name and what it has for networks, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    known = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = known.get("flags", "").split()
    extras = [
        name for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8") if name in flags
    ]
    return (
        f"{known.get('model name', platform.machine())} ({' '.join(extras)})" if extras else known.get("model name", "")
    )


def others(readings: Sequence[Reading]) -> float | None:
    """The share of the machine that processes which are no part of the measurement used; None where it is not told."""
    known = [one for one in readings if one.others is not None and one.idle is not None]
    total = sum((one.others or 0) + (one.idle or 0) + one.cpu for one in known)
    return sum(one.others or 0 for one in known) / total if total else None


def quiet(share: float | None) -> bool:
    """Whether wall times can be trusted: nobody else uses more than BUSY of the machine, as far as is known."""
    return share is not None and share <= BUSY
