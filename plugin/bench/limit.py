"""OpenVINO's own benchmark_app: what this machine can infer at all.

It runs in a process of its own for each count of inferences; what two counts differ by is free of its start-up.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from homeroom.errors import Unavailable

from .figures import Reading
from .meter import cpu
from .stages import Round

FEW = 24
# without the part that tells its makers that it runs: see homeroom.models.engine
_MAIN = "import sys; sys.modules['openvino_telemetry'] = None; from openvino.tools.benchmark.main import main; main()"
_COUNT = re.compile(r"Count:\s+(\d+) iterations")
_DURATION = re.compile(r"Duration:\s+([\d.]+) ms")


def parsed(output: str) -> tuple[int, float]:
    """Inferences and seconds that a run of benchmark_app reports; Unavailable where it reports none."""
    count, duration = _COUNT.search(output), _DURATION.search(output)
    if count is None or duration is None:
        last = next((line for line in reversed(output.splitlines()) if line.strip()), "no output")
        raise Unavailable(f"benchmark_app did not run: {last.strip()}")
    return int(count[1]), float(duration[1]) / 1000


def _run(xml: Path, inferences: int) -> tuple[int, float, float]:
    """Inferences done, seconds as it reports them, and CPU-seconds of the whole process."""
    before = cpu()
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", _MAIN, "-m", str(xml), "-d", "CPU", "-hint", "throughput", "-niter", str(inferences)],
        capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    count, seconds = parsed(done.stdout + done.stderr)
    return count, seconds, cpu() - before


def benchmark_app(xml: Path) -> Round:
    """A round is two runs; the counts are such that they differ by about the seconds asked for."""
    guess, seconds, _ = _run(xml, FEW)
    rate = guess / seconds

    def round_(wanted: float) -> Reading:
        few, few_seconds, few_cpu = _run(xml, FEW)
        many, many_seconds, many_cpu = _run(xml, FEW + max(FEW, round(rate * wanted)))
        # what the machine did meanwhile is not told: most of it would be the start-up that is to be left out
        return Reading(many - few, many_cpu - few_cpu, many_seconds - few_seconds)

    return round_
