"""A compiled OpenVINO network that takes I420 frames; colour and layout conversion are part of its graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from homeroom.errors import BadInput
from homeroom.picture import Frame

from .compiled import ANYWHERE, Compiled, Compute, Inference, Outputs, last_line, static_shape
from .engine import ColorFormat, PrePostProcessor, ov

Layout = Literal["NHWC", "NCHW"]


@dataclass(frozen=True, slots=True)
class Input:
    """What a network wants to be fed: even sides in pixels, channel order, and (x - mean) / scale per channel."""

    width: int
    height: int
    color: Literal["BGR", "RGB"] = "BGR"
    mean: Sequence[float] = ()
    scale: Sequence[float] = ()


def read(path: Path, weights: Path | None = None) -> Any:
    """The graph in a file: an IR with its weights, or an ONNX file. BadInput where it is neither."""
    try:
        return ov.Core().read_model(str(path), *([str(weights)] if weights else []))
    except RuntimeError as error:
        raise BadInput(f"{path}: OpenVINO cannot read this network: {last_line(error)}") from error


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


def taking_i420(graph: Any, feed: Input) -> tuple[Any, Layout]:
    """The graph extended to take one I420 picture of the feed's size, and the order of axes of its own input."""
    if len(graph.inputs) != 1:
        raise BadInput(f"the network has {len(graph.inputs)} inputs where one picture is expected")
    layout = layout_of(static_shape(graph.inputs[0]), feed.width, feed.height)
    processor: Any = PrePostProcessor(graph)
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
    for index in range(len(graph.outputs)):
        processor.output(index).tensor().set_element_type(ov.Type.f32)
    return processor.build(), layout


class Network:
    """A network read from an IR that is fed whole frames, scaled to its size."""

    def __init__(self, xml: Path, weights: Path, feed: Input, compute: Compute = ANYWHERE) -> None:
        """Raises BadInput when the files are no such network, or nothing here computes it."""
        self._feed = feed
        graph = read(xml, weights)
        try:
            prepared, self.layout = taking_i420(graph, feed)
        except RuntimeError as error:
            raise BadInput(f"{xml}: OpenVINO cannot prepare this network: {last_line(error)}") from error
        self._compiled = Compiled(prepared, compute, str(xml))

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Output name -> shape."""
        return self._compiled.shapes

    @property
    def degraded(self) -> str:
        """Why it computes elsewhere than was asked for; empty while it does not."""
        return self._compiled.degraded

    @property
    def feed(self) -> Input:
        """What it is to be fed."""
        return self._feed

    @property
    def compiled(self) -> Compiled:
        """The compiled network that all requests share."""
        return self._compiled

    def request(self) -> Request:
        """An infer request for one thread."""
        return Request(self._compiled.inference(), self._feed)


class Request:
    """One thread's own infer request, fed with frames."""

    def __init__(self, inference: Inference, feed: Input) -> None:
        self._inference = inference
        self._feed = feed

    def __call__(self, frame: Frame) -> Outputs:
        """Output name -> float32 array, for one frame. The arrays are overwritten by the next call.

        Raises Unavailable when the CPU fails too.
        """
        width, height = self._feed.width, self._feed.height
        return self._inference(lambda planes: frame.i420(width, height, planes[0, :, :, 0]))
