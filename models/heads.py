"""Where heads turn, by Open Model Zoo's head-pose-estimation-adas-0001: asked for heads that the model left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from homeroom.detection import Detection, HeadPose
from homeroom.errors import BadInput
from homeroom.geometry import Box
from homeroom.picture import Frame
from homeroom.ports import Detector, Recognizer

from .around import Around
from .compiled import Outputs
from .detector import grey
from .network import Network, Request
from .settings import compute_of, input_of

MOST = 8  # heads a picture: the nearest; on the smallest heads directions are chance anyway
LEAST = 24  # pixels of a head's height: of heads of 13 to 19 px directions are chance, of 32 they are not
# Of an adult the head is 0.23 m tall, the shoulders are 0.45 m wide (U.S. Army anthropometric surveys, Natick
# TR-15/007): of what shows above a desk, 0.75 m, a third; never more than half of the width, arms on the desk or not.
HEAD, WIDE = 1 / 3, 0.55
AXES = ("yaw", "pitch", "roll")
# The network turns about axes to the camera, to the picture's right and up (README of the model, Open Model Zoo):
# its yaw is positive to the picture's right and its roll clockwise, as ours; its pitch is positive downward.
SIGNS = {"yaw": 1.0, "pitch": -1.0, "roll": 1.0}


def head_of(box: Box, aspect: float) -> Box:
    """A square (in pixels) around the head, out of the box of what shows of a person; `aspect` is width by height."""
    side = min(HEAD * box.height, WIDE * box.width * aspect)  # share of the picture's height
    x = box.center[0]
    return Box(x - side / aspect / 2, box.top, x + side / aspect / 2, box.top + side).clipped()


def part(frame: Frame, box: Box) -> Frame | None:
    """The part of a frame inside a box, on even pixels; None where there is hardly anything."""
    left, right = (2 * round(edge * frame.width / 2) for edge in (box.left, box.right))
    top, bottom = (2 * round(edge * frame.height / 2) for edge in (box.top, box.bottom))
    if right - left < LEAST / 2 or bottom - top < LEAST / 2:
        return None
    half = slice(top // 2, bottom // 2), slice(left // 2, right // 2)
    return replace(frame, y=frame.y[top:bottom, left:right], u=frame.u[half], v=frame.v[half])


class HeadNet:
    """The network, compiled and tried."""

    def __init__(self, manifest: Mapping[str, Any], files: Mapping[str, Path], settings: Mapping[str, Any]) -> None:
        """Raises BadInput when the files are not the manifest's network."""
        feed = input_of(manifest)
        self._network = Network(files["xml"], files["bin"], feed, compute_of(settings))
        self._outputs: Mapping[str, str] = manifest["decoder_settings"]
        self.turned: float = manifest["thresholds"]["turned_around"]
        found = self._network.request()(grey(feed))
        for axis in AXES:
            if self._outputs[axis] not in found or found[self._outputs[axis]].size != 1:
                raise BadInput(f"model {manifest['id']}: the file has no output {self._outputs[axis]!r} of one number")

    @property
    def degraded(self) -> str:
        """Why it computes elsewhere than the site manifest says; empty while it does not."""
        return self._network.degraded

    def request(self) -> Request:
        """A request for one thread."""
        return self._network.request()

    def pose(self, outputs: Outputs) -> HeadPose | None:
        """The pose that the outputs tell, in our signs; None where a number is not finite or no angle."""
        angles = {axis: SIGNS[axis] * float(outputs[self._outputs[axis]].ravel()[0]) for axis in AXES}
        return HeadPose(**angles) if all(abs(angle) <= 180 for angle in angles.values()) else None


class HeadDetector:
    """A detector that asks for the head poses that the one inside leaves open."""

    def __init__(self, inner: Detector, net: HeadNet) -> None:
        self._inner = inner
        self._net = net
        self._request = net.request()

    @property
    def model(self) -> str:
        """Id of the model."""
        return self._inner.model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        """Detections for each frame, likeliest first, with a head pose where a head is large enough."""
        found = self._inner.detect(frames)
        return [self._posed(frame, people) for frame, people in zip(frames, found, strict=True)]

    def _posed(self, frame: Frame, people: Sequence[Detection]) -> Sequence[Detection]:
        aspect = frame.width / frame.height
        heads = {at: head_of(one.box, aspect) for at, one in enumerate(people) if self._open(one)}
        asked = sorted(
            (at for at, head in heads.items() if head.height * frame.height >= LEAST), key=lambda at: -heads[at].height
        )
        made = list(people)
        for at in asked[:MOST]:
            crop = part(frame, heads[at])
            if crop is not None:
                made[at] = replace(made[at], head_pose=self._net.pose(self._request(crop)))
        return made

    def _open(self, one: Detection) -> bool:
        """Whether a head's pose is asked for: our net was unsure of it, and a face should show."""
        away = one.axes.get("facing", {}).get("turned-around", 0.0) >= self._net.turned
        down = one.axes.get("posture", {}).get("head-on-desk", 0.0) >= self._net.turned
        return one.head_pose is None and not away and not down


def with_heads(inner: Recognizer, net: HeadNet) -> Recognizer:
    """A model whose detectors ask for head poses too."""
    return Around(inner, lambda detector: HeadDetector(detector, net), net)
