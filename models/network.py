"""A compiled OpenVINO network that takes I420 frames; colour and layout conversion are part of its graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from homeroom.errors import BadInput
from homeroom.picture import Frame

from .engine import ColorFormat, PrePostProcessor, ov

Layout = Literal["NHWC", "NCHW"]
Device = Literal["AUTO", "CPU", "GPU", "NPU"]
Precision = Literal["default", "f32", "bf16", "f16"]
Outputs = Mapping[str, NDArray[np.float32]]


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


class Request:
    """One thread's own infer request on a shared Network."""

    def __init__(self, compiled: Any, names: Sequence[str], feed: Input) -> None:
        self._request = compiled.create_infer_request()
        self._names = tuple(names)
        self._feed = feed
        self._planes = self._request.get_input_tensor().data[0, :, :, 0]  # written in place: nothing to copy

    def __call__(self, frame: Frame) -> Outputs:
        """Output name -> float32 array, for one frame. The arrays are overwritten by the next call."""
        frame.i420(self._feed.width, self._feed.height, self._planes)
        results = self._request.infer(share_outputs=True)  # else OpenVINO copies every output
        return dict(zip(self._names, results.to_tuple(), strict=True))


class Network:
    """A network read from an IR, its graph extended to take I420, compiled once and shared by all threads."""

    def __init__(self, xml: Path, weights: Path, feed: Input, compute: Compute = Compute()) -> None:
        """Raises BadInput when the files are no such network or the device is not there."""
        core: Any = ov.Core()
        _need_device(core, compute.device)
        try:
            model = core.read_model(str(xml), str(weights))
        except RuntimeError as error:
            raise BadInput(f"{xml}: OpenVINO cannot read this network: {_last_line(error)}") from error
        self.layout = layout_of(_static_input_shape(model), feed.width, feed.height)
        self._names = [_name(output) for output in model.outputs]
        self._feed = feed
        try:
            prepared = _with_i420_input(model, feed, self.layout)
            self._compiled: Any = core.compile_model(prepared, compute.device, _properties(compute))
        except RuntimeError as error:
            raise BadInput(f"{xml}: OpenVINO cannot compile for {compute.device}: {_last_line(error)}") from error
        self.shapes: Mapping[str, tuple[int, ...]] = {
            name: _static_shape(output) for name, output in zip(self._names, self._compiled.outputs, strict=True)
        }

    @property
    def degraded(self) -> str:
        """Why it computes elsewhere than was asked for; empty while it does not."""
        return ""

    def request(self) -> Request:
        """An infer request for one thread."""
        return Request(self._compiled, self._names, self._feed)


def _need_device(core: Any, device: Device) -> None:
    available: list[str] = core.available_devices
    if device != "AUTO" and not any(name.split(".")[0] == device for name in available):
        raise BadInput(f"device {device} is not available on this machine; use AUTO or one of: {', '.join(available)}")


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
    return lines[-1] if lines else type(error).__name__
