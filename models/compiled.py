"""A network compiled once for all threads, and one thread's inference on it. Where a device fails the CPU steps in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from homeroom.errors import BadInput, Unavailable

from .engine import ov

Device = Literal["AUTO", "CPU", "GPU", "NPU"]
Precision = Literal["default", "f32", "bf16", "f16"]
Outputs = Mapping[str, NDArray[np.float32]]
Fill = Callable[[NDArray[np.uint8]], object]  # writes the input; what it returns is not looked at
CPU: Device = "CPU"  # every machine has it
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Compute:
    """Where and how exactly to compute. `cache` keeps compiled networks for a quick start; None keeps none."""

    device: Device = "AUTO"
    precision: Precision = "default"
    cache: Path | None = None


ANYWHERE = Compute()


class Compiled:
    """A network with one input of bytes, compiled once and shared by all threads.

    What cannot be compiled for the device that is wanted, or fails there later, computes on the CPU instead;
    `degraded` says so.
    """

    def __init__(self, graph: Any, compute: Compute, label: str) -> None:
        """`label` begins each error. Raises BadInput when nothing here computes the graph, or a size is not fixed."""
        self._core: Any = ov.Core()
        self._graph = graph
        self._compute = compute
        self._degraded = ""
        self._changing = threading.Lock()
        try:
            self._compiled = self._first()
        except RuntimeError as error:
            raise BadInput(f"{label}: OpenVINO cannot compile for {compute.device}: {last_line(error)}") from error
        self.names: Sequence[str] = [name_of(output) for output in graph.outputs]
        self.shapes: Mapping[str, tuple[int, ...]] = {
            name: static_shape(output) for name, output in zip(self.names, graph.outputs, strict=True)
        }

    @property
    def degraded(self) -> str:
        """Why it computes elsewhere than was asked for; empty while it does not."""
        return self._degraded

    def inference(self) -> Inference:
        """An infer request for one thread."""
        return Inference(self)

    def now(self) -> Any:
        """The compiled network in force."""
        return self._compiled

    def without(self, failed: Any, error: Exception) -> Any:
        """A compiled network in place of the one that failed: on the CPU, and for all threads.

        Raises Unavailable where that is what failed.
        """
        with self._changing:
            if self._compiled is failed:
                if self._degraded or self._compute.device == CPU:
                    raise Unavailable(f"the network fails on the CPU: {last_line(error)}") from error
                self._compiled = self._instead(f"device {self._compute.device} failed ({last_line(error)})")
            return self._compiled

    def _first(self) -> Any:
        device = self._compute.device
        missing = _missing(self._core, device)
        if missing:
            return self._instead(missing)
        try:
            return self._core.compile_model(self._graph, device, _properties(self._compute))
        except RuntimeError as error:
            if device == CPU:
                raise
            return self._instead(f"device {device} cannot compile it ({last_line(error)})")

    def _instead(self, why: str) -> Any:
        compiled = self._core.compile_model(self._graph, CPU, _properties(replace(self._compute, cache=None)))
        self._degraded = f"{why}, so it computes on the CPU"
        log.warning("%s", self._degraded)
        return compiled


class Inference:
    """One thread's own infer request on a shared network."""

    def __init__(self, network: Compiled) -> None:
        self._network = network
        self._take(network.now())

    def _take(self, compiled: Any) -> None:
        self._compiled = compiled
        self._request = compiled.create_infer_request()
        self._input = self._request.get_input_tensor().data  # written in place: nothing to copy

    def __call__(self, fill: Fill) -> Outputs:
        """Output name -> float32 array, for what `fill` writes. The arrays are overwritten by the next call.

        Raises Unavailable when the CPU fails too.
        """
        while (results := self._inferred(fill)) is None:
            pass  # again, on the CPU
        return dict(zip(self._network.names, results.to_tuple(), strict=True))

    def _inferred(self, fill: Fill) -> Any:
        """What the device made of it, not copied; None if it failed, and the next try is on the CPU."""
        fill(self._input)
        try:
            return self._request.infer(share_outputs=True)
        except RuntimeError as error:
            self._take(self._network.without(self._compiled, error))
            return None


def static_shape(port: Any) -> tuple[int, ...]:
    """The shape of an input or output; BadInput where a side is free."""
    if port.partial_shape.is_dynamic:
        raise BadInput(f"the network's {name_of(port)} has a shape that is not fixed: {port.partial_shape}")
    return tuple(int(side) for side in port.shape)


def name_of(port: Any) -> str:
    """The shortest of a tensor's names, since OpenVINO lists them in no fixed order."""
    names = sorted(port.get_names(), key=lambda name: (len(name), name))
    return str(names[0]) if names else str(port.get_node().get_friendly_name())


def last_line(error: Exception) -> str:
    """OpenVINO's own words, without the C++ source lines that lead up to them."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__


def _missing(core: Any, device: Device) -> str:
    available: list[str] = core.available_devices
    if device == "AUTO" or any(name.split(".")[0] == device for name in available):
        return ""
    return f"device {device} is not available on this machine (there is {', '.join(available)})"


def _properties(compute: Compute) -> dict[str, str]:
    properties = {"PERFORMANCE_HINT": "THROUGHPUT"}
    if compute.precision != "default":
        properties["INFERENCE_PRECISION_HINT"] = compute.precision
    if compute.cache is not None:
        properties["CACHE_DIR"] = str(compute.cache)
    return properties
