"""A compiled OpenVINO network that is fed one picture, for use from any thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from homeroom.errors import BadInput
from homeroom.models.engine import ov

Picture = NDArray[np.uint8]  # (height, width, 3), BGR
Floats = NDArray[np.float32]


class Net:
    """A network on the CPU with one input, NCHW with one channel (grey) or three (BGR), and one output.

    Grey ones are fed -1..1 (as mini_XCEPTION was taught), coloured ones 0..255 (as Open Model Zoo's are).
    """

    def __init__(self, paths: Mapping[str, Path], output: int) -> None:
        """Raises BadInput where the files are no such network; `output` is how many numbers it must give."""
        core: Any = ov.Core()
        try:
            model = core.read_model(str(paths["xml"]), str(paths["bin"]))
            shape = [int(side) for side in model.input(0).shape]
            count = int(np.prod([int(side) for side in model.output(0).shape]))
            if len(model.inputs) != 1 or len(shape) != 4 or shape[1] not in (1, 3) or count != output:
                raise BadInput(f"{paths['xml']}: input {shape} and {count} outputs are not those of its manifest")
            self._request = core.compile_model(model, "CPU").create_infer_request()
        except RuntimeError as error:
            raise BadInput(
                f"{paths['xml']}: OpenVINO cannot use this network: {str(error).splitlines()[-1]}"
            ) from error
        _, self._channels, self._height, self._width = shape
        self._lock = threading.Lock()

    def __call__(self, picture: Picture) -> Floats:
        """The output, flat, for a picture of any size."""
        scaled = cv2.resize(picture, (self._width, self._height), interpolation=cv2.INTER_AREA)
        if self._channels == 1:
            grey = cv2.cvtColor(scaled, cv2.COLOR_BGR2GRAY)[None].astype(np.float32)
            fed = (grey / 255 - 0.5) * 2
        else:
            fed = scaled.transpose(2, 0, 1).astype(np.float32)
        with self._lock:
            return np.array(next(iter(self._request.infer([fed[None]]).values())), np.float32).ravel()
