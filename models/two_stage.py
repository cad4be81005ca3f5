"""Decoder "people-behavior": one network finds people, a second one looks at a square around each.

The second network is whole by itself, or it reads inner tensors of the first one and is joined to it: see joining.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.manifest import validate
from homeroom.picture import Frame
from homeroom.ports import Detector

from .axes import HEADS
from .behavior import BATCH, PERSON, BehaviorDecoder, Judge, Judgement
from .compiled import Compiled, Inference, static_shape
from .detector import grey, need_nobody
from .joining import CURE, joined, resized, taking_bytes
from .letterbox import Letterbox
from .network import Input, read, taking_i420
from .people import PeopleDecoder
from .settings import compute_of, input_of, thresholds_of

SETTINGS: Mapping[str, Any] = {  # JSON Schema of `decoder_settings`
    "type": "object",
    "additionalProperties": False,
    "required": ["people", "side", "heads"],
    "properties": {
        "people": {
            "description": "Output with a row for each cell: x, y, width, height, objectness, probability of a person.",
            "type": "string",
        },
        "strides": {
            "description": "Pixels from cell to cell, where boxes are in cells; left out where they are in pixels.",
            "type": "array",
            "minItems": 1,
            "maxItems": 8,
            "items": {"type": "integer", "minimum": 1, "maximum": 256},
        },
        "side": {
            "description": "Width and height in pixels of a square as the second network sees it.",
            "type": "integer",
            "minimum": 32,
            "maximum": 512,
        },
        "heads": HEADS,
    },
}
MIDDLE = Box(0.25, 0.25, 0.75, 0.75)  # a square to try the second network with


class TwoStageDetector:
    """Finds people and looks at each, for one thread."""

    def __init__(self, model: str, finder: Finder, judge: Judge, person: float) -> None:
        """Who is less likely than `person` a live person in the middle of their square is left out."""
        self._model = model
        self._finder = finder
        self._judge = judge
        self._person = person

    @property
    def model(self) -> str:
        """Id of the model."""
        return self._model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        """Detections for each frame, likeliest first. Squares of all frames share the batches.

        A person's likelihood is the geometric mean of what both networks say: far away the first is never sure.
        """
        found = [self._finder(frame) for frame in frames]
        people = [(frame, box) for frame, those in zip(frames, found, strict=True) for box, _ in those]
        judged = iter(self._judge(people))
        return [sorted(self._live(those, judged), key=lambda one: -one.likelihood) for those in found]

    def _live(self, found: Sequence[tuple[Box, float]], judged: Iterator[Judgement | None]) -> Iterator[Detection]:
        for (box, likelihood), one in zip(found, judged, strict=False):
            if one is not None and one.person >= self._person:
                both = (likelihood * one.person) ** 0.5
                yield Detection(box, both, one.axes, self._model, one.head_pose)


class Finder:
    """Finds people with the first network, for one thread."""

    def __init__(self, inference: Inference, output: str, box: Letterbox, decoder: PeopleDecoder) -> None:
        self._inference = inference
        self._output = output
        self._box = box
        self._decoder = decoder

    def __call__(self, frame: Frame) -> list[tuple[Box, float]]:
        """Boxes inside the frame with likelihood, likeliest first."""
        outputs = self._inference(lambda planes: self._box.fill(frame, planes[0, :, :, 0]))
        return self._decoder(outputs[self._output], frame)


class TwoStageModel:
    """Two loaded networks; the factory behind the entry point "people-behavior"."""

    def __init__(self, manifest: Mapping[str, Any], files: Mapping[str, Any], settings: Mapping[str, Any], /) -> None:
        """Compiles and tries both networks; BadInput when they are not what the manifest says."""
        self._id: str = manifest["id"]
        label = f"model {self._id}"
        own = manifest.get("decoder_settings", {})
        validate(own, SETTINGS, label, ("decoder_settings",))
        thresholds = thresholds_of(manifest, settings)
        lacking = {"detection", "nms_sigma"} - set(thresholds)
        if lacking:
            raise BadInput(f"{label}: the manifest's thresholds lack {', '.join(sorted(lacking))}")
        self._behavior = BehaviorDecoder(manifest, thresholds)
        self._person = thresholds[PERSON]
        first, second = _paths(files, label)
        feed, compute = input_of(manifest), compute_of(settings)

        self._output, self._side = str(own["people"]), int(own["side"])
        self._box = Letterbox(feed.width, feed.height)
        self._finder = Compiled(_finder(first, feed), compute, str(first[0]))
        self._judge = Compiled(_judge(first, second, self._side), compute, str(second[0]))
        strides = own.get("strides", ())
        self._people = PeopleDecoder(self._box, strides, thresholds["detection"], thresholds["nms_sigma"])
        if self._output not in self._finder.shapes:
            raise BadInput(f"{first[0]}: has no output {self._output}, only {', '.join(self._finder.names)}; {CURE}")
        self._people.check(self._finder.shapes[self._output], str(first[0]))
        self._behavior.check(self._judge.shapes, str(second[0]))
        as_made = manifest["thresholds"]
        self._try(PeopleDecoder(self._box, strides, as_made["detection"], as_made["nms_sigma"]), feed, second[0])

    def _try(self, people: PeopleDecoder, feed: Input, second: Path) -> None:
        """Looks at an empty picture: the first network must see nobody there, the second must give numbers."""
        empty = grey(feed)
        found = Finder(self._finder.inference(), self._output, self._box, people)(empty)
        need_nobody(self._id, found)
        if self._detector_judge()([(empty, MIDDLE)]) == [None]:
            raise BadInput(f"{second}: gives numbers that are none; {CURE}")

    def _detector_judge(self) -> Judge:
        return Judge(self._judge.inference(), self._behavior, self._side)

    @property
    def id(self) -> str:
        """Id from the model manifest."""
        return self._id

    @property
    def degraded(self) -> str:
        """Why one of the networks computes elsewhere than the site manifest says; empty while both do not."""
        return self._finder.degraded or self._judge.degraded

    def detector(self) -> Detector:
        """A detector for one thread."""
        finder = Finder(self._finder.inference(), self._output, self._box, self._people)
        return TwoStageDetector(self._id, finder, self._detector_judge(), self._person)


Paths = tuple[Path, Path | None]  # a network and its weights; an ONNX file has them inside


def _paths(files: Mapping[str, Any], label: str) -> tuple[Paths, Paths]:
    """The files of the first and the second network."""
    forms = ({"people-xml", "people-bin"}, {"people-onnx"})
    if not any(set(files) == form | {"behavior-xml", "behavior-bin"} for form in forms):
        wanted = "people-xml and people-bin, or people-onnx; and behavior-xml and behavior-bin"
        raise BadInput(f"{label}: $.files: has {', '.join(sorted(files))}; wanted are {wanted}")
    onnx = files.get("people-onnx")
    first = (onnx, None) if onnx else (files["people-xml"], files["people-bin"])
    return first, (files["behavior-xml"], files["behavior-bin"])


def _finder(first: Paths, feed: Input) -> Any:
    """The first network's graph, for one I420 picture of the feed's size."""
    graph = read(*first)
    if first[1] is None:  # made for another size
        resized(graph, (1, 3, feed.height, feed.width), first[0])
    try:
        return taking_i420(graph, feed)[0]
    except BadInput as error:
        raise BadInput(f"{first[0]}: {error}; {CURE}") from None


def _judge(first: Paths, second: Paths, side: int) -> Any:
    """The graph that judges a batch of squares as bytes: the second network, or the first one up to it and it."""
    shape = (BATCH, 3, side, side)
    graph = read(*second)
    if len(graph.inputs) > 1:
        graph = joined(resized(read(*first), shape, first[0]), graph, second[0])
    elif static_shape(graph.inputs[0]) != shape:
        found = list(static_shape(graph.inputs[0]))
        raise BadInput(f"{second[0]}: its input has shape {found}, the manifest says {list(shape)}; {CURE}")
    return taking_bytes(graph)
