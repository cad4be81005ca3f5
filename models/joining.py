"""Graphs put together: a network that reads another one's inner tensors, and the pictures that a graph is fed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homeroom.errors import BadInput

from .compiled import last_line, name_of, static_shape
from .engine import PrePostProcessor, ov

CURE = "take the files that the manifest names"


def resized(graph: Any, shape: tuple[int, ...], path: Path) -> Any:
    """The graph for a picture or a batch of another size; BadInput where it can have no such size."""
    if len(graph.inputs) != 1:
        raise BadInput(f"{path}: has {len(graph.inputs)} inputs where one for pictures is expected; {CURE}")
    try:
        graph.reshape(list(shape))
    except RuntimeError as error:
        raise BadInput(f"{path}: cannot be fed {list(shape)}: {last_line(error)}; {CURE}") from error
    return graph


def joined(trunk: Any, heads: Any, path: Path) -> Any:
    """One graph from the trunk's input to the heads' outputs.

    Each input of `heads` is named as the tensor of `trunk` that it reads. BadInput, naming `path` (of the heads), where
    there is no such tensor, or it has another shape.
    """
    tensors = {name: output for op in trunk.get_ops() for output in op.outputs() for name in output.get_names()}
    for parameter in heads.get_parameters():
        port = parameter.output(0)
        name, wanted = name_of(port), static_shape(port)
        if name not in tensors:
            raise BadInput(f"{path}: reads a tensor {name!r}, which the network before it lacks; {CURE}")
        found = static_shape(tensors[name])
        if found != wanted:
            raise BadInput(
                f"{path}: reads {name!r} as {list(wanted)}, the network before it gives {list(found)}; {CURE}"
            )
        for target in port.get_target_inputs():
            target.replace_source_output(tensors[name])
    return ov.Model(heads.get_results(), trunk.get_parameters(), "joined")


def taking_bytes(graph: Any) -> Any:
    """The graph extended to take pictures as bytes, [n, height, width, 3], instead of floats [n, 3, height, width]."""
    processor: Any = PrePostProcessor(graph)
    source = processor.input()
    source.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    source.model().set_layout(ov.Layout("NCHW"))
    for index in range(len(graph.outputs)):
        processor.output(index).tensor().set_element_type(ov.Type.f32)
    return processor.build()
