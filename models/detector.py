"""What all nets share: a detector for one thread, and the look at an empty picture with which a net tests itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.picture import Frame

from .compiled import Outputs
from .network import Input, Request

Decode = Callable[[Outputs], list[Detection]]


class NetDetector:
    """Finds people with an infer request of its own."""

    def __init__(self, model: str, request: Request, decode: Decode) -> None:
        self._model = model
        self._request = request
        self._decode = decode

    @property
    def model(self) -> str:
        """Id of the model."""
        return self._model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        """Detections for each frame, likeliest first."""
        return [self._decode(self._request(frame)) for frame in frames]


def grey(feed: Input) -> Frame:
    """A picture of nothing."""
    half = np.full((feed.height // 2, feed.width // 2), 128, np.uint8)
    luma = np.full((feed.height, feed.width), 126, np.uint8)
    return Frame("self-test", datetime(1970, 1, 1, tzinfo=UTC), luma, half, half)


def need_nobody(model: str, seen: Sequence[object]) -> None:
    """Raises BadInput when a net sees people in a picture of nothing."""
    if seen:
        raise BadInput(
            f"model {model}: sees {len(seen)} people in an empty grey picture; take the files that the manifest names"
        )
