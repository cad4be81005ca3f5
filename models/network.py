"""A compiled OpenVINO network that takes I420 frames; colour and layout conversion are part of its graph."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from homeroom.errors import BadInput, Unavailable
from homeroom.picture import Frame

from .engine import ColorFormat, PrePostProcessor, ov

Layout = Literal["NHWC", "NCHW"]
Device = Literal["AUTO", "CPU", "GPU", "NPU"]
Precision = Literal["default", "f32", "bf16", "f16"]
Outputs = Mapping[str, NDArray[np.float32]]
CPU: Device = "CPU"  # every machine has it
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Input:
    """What a network wants to be fed: even sides in pixels, channel order, and (x - mean) / scale per channel."""

    width: int
    height: int
    color: Literal["BGR", "RGB"] = "BGR"
    mean: Sequence[float] = ()
    scale: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Compute:
    """Where and how exactly to compute. `cache` keeps compiled networks for a quick start; None keeps none."""

    device: Device = "AUTO"
    precision: Precision = "default"
    cache: Path | None = None


def layout_of(shape: Sequence[int], width: int, height: int) -> Layout:
    """The order of axes that a 4-D input shape shows; raises BadInput unless exactly one order fits."""
    fitting: list[Layout] = []
    if tuple(shape) == (1, height, width, 3):
        fitting.append("NHWC")
    if tuple(shape) == (1, 3, height, width):
        fitting.append("NCHW")
    if len(fitting) != 1:
        raise BadInput(f"the network's input has shape {list(shape)}; its manifest says {width}x{height}, 3 channels")
    return fitting[0]


class Network:
    """A network read from an IR, its graph extended to take I420, compiled once and shared by all threads.

    What cannot be compiled for the device that is wanted, or fails there later, computes on the CPU instead;
    `degraded` says so.
    """

    def __init__(self, xml: Path, weights: Path, feed: Input, compute: Compute = Compute()) -> None:
        """Raises BadInput when the files are no such network, or nothing here computes it."""
        self._core: Any = ov.Core()
        self._feed = feed
        self._compute = compute
        self._degraded = ""
        self._changing = threading.Lock()
        try:
            model = self._core.read_model(str(xml), str(weights))
        except RuntimeError as error:
            raise BadInput(f"{xml}: OpenVINO cannot read this network: {_last_line(error)}") from error
        self.layout = layout_of(_static_input_shape(model), feed.width, feed.height)
        self._names = [_name(output) for output in model.outputs]
        try:
            self._prepared: Any = _with_i420_input(model, feed, self.layout)
            self._compiled = self._first()
        except RuntimeError as error:
            raise BadInput(f"{xml}: OpenVINO cannot compile for {compute.device}: {_last_line(error)}") from error
        self.shapes: Mapping[str, tuple[int, ...]] = {
            name: _static_shape(output) for name, output in zip(self._names, self._compiled.outputs, strict=True)
        }

    @property
    def degraded(self) -> str:
        """Why it computes elsewhere than was asked for; empty while it does not."""
        return self._degraded

    def request(self) -> Request:
        """An infer request for one thread."""
        return Request(self)

    def compiled(self) -> Any:
        """The compiled network in force."""
        return self._compiled

    @property
    def names(self) -> Sequence[str]:
        """Names of the outputs, in their order."""
        return self._names

    @property
    def feed(self) -> Input:
        """What it is to be fed."""
        return self._feed

    def without(self, failed: Any, error: Exception) -> Any:
        """A compiled network in place of the one that failed: on the CPU, and for all threads.

        Raises Unavailable where that is what failed.
        """
        with self._changing:
            if self._compiled is failed:
                if self._degraded or self._compute.device == CPU:
                    raise Unavailable(f"the network fails on the CPU: {_last_line(error)}") from error
                self._compiled = self._instead(f"device {self._compute.device} failed ({_last_line(error)})")
            return self._compiled

    def _first(self) -> Any:
        device = self._compute.device
        missing = _missing(self._core, device)
        if missing:
            return self._instead(missing)
        try:
            return self._core.compile_model(self._prepared, device, _properties(self._compute))
        except RuntimeError as error:
            if device == CPU:
                raise
            return self._instead(f"device {device} cannot compile it ({_last_line(error)})")

    def _instead(self, why: str) -> Any:
        compiled = self._core.compile_model(self._prepared, CPU, _properties(replace(self._compute, cache=None)))
        self._degraded = f"{why}, so it computes on the CPU"
        log.warning("%s", self._degraded)
        return compiled


class Request:
    """One thread's own infer request on a shared Network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._take(network.compiled())

    def _take(self, compiled: Any) -> None:
        self._compiled = compiled
        self._request = compiled.create_infer_request()
        self._planes = self._request.get_input_tensor().data[0, :, :, 0]  # written in place: nothing to copy

    def __call__(self, frame: Frame) -> Outputs:
        """Output name -> float32 array, for one frame. The arrays are overwritten by the next call.

        Raises Unavailable when the CPU fails too.
        """
        while (results := self._inferred(frame)) is None:
            pass  # again, on the CPU
        return dict(zip(self._network.names, results.to_tuple(), strict=True))

    def _inferred(self, frame: Frame) -> Any:
        """What the device made of it, not copied; None if it failed, and the next try is on the CPU."""
        frame.i420(self._network.feed.width, self._network.feed.height, self._planes)
        try:
            return self._request.infer(share_outputs=True)
        except RuntimeError as error:
            self._take(self._network.without(self._compiled, error))
            return None


def _missing(core: Any, device: Device) -> str:
    available: list[str] = core.available_devices
    if device == "AUTO" or any(name.split(".")[0] == device for name in available):
        return ""
    return f"device {device} is not available on this machine (there is {', '.join(available)})"


def _static_shape(port: Any) -> tuple[int, ...]:
    if port.partial_shape.is_dynamic:
        raise BadInput(f"the network's {_name(port)} has a shape that is not fixed: {port.partial_shape}")
    return tuple(int(side) for side in port.shape)


def _static_input_shape(model: Any) -> tuple[int, ...]:
    if len(model.inputs) != 1:
        raise BadInput(f"the network has {len(model.inputs)} inputs where one picture is expected")
    return _static_shape(model.inputs[0])


def _name(port: Any) -> str:
    """The shortest of a tensor's names, since OpenVINO lists them in no fixed order."""
    names = sorted(port.get_names(), key=lambda name: (len(name), name))
    return str(names[0]) if names else str(port.get_node().get_friendly_name())


def _with_i420_input(model: Any, feed: Input, layout: Layout) -> Any:
    processor: Any = PrePostProcessor(model)
    source = processor.input()
    source.tensor().set_element_type(ov.Type.u8).set_color_format(ColorFormat.I420_SINGLE_PLANE)
    source.model().set_layout(ov.Layout(layout))
    steps = source.preprocess()
    steps.convert_color(ColorFormat.BGR if feed.color == "BGR" else ColorFormat.RGB)
    steps.convert_element_type(ov.Type.f32)
    if feed.mean:
        steps.mean(list(feed.mean))
    if feed.scale:
        steps.scale(list(feed.scale))
    for index in range(len(model.outputs)):
        processor.output(index).tensor().set_element_type(ov.Type.f32)
    return processor.build()


def _properties(compute: Compute) -> dict[str, str]:
    properties = {"PERFORMANCE_HINT": "THROUGHPUT"}
    if compute.precision != "default":
        properties["INFERENCE_PRECISION_HINT"] = compute.precision
    if compute.cache is not None:
        properties["CACHE_DIR"] = str(compute.cache)
    return properties


def _last_line(error: Exception) -> str:
    """OpenVINO's own words, without the C++ source lines that lead up to them."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__
