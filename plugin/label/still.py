"""A still: one picture of one camera, as it is held for labelling."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cv2

from homeroom.decode import Decoder
from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.gate import settle
from homeroom.picture import Codec, Frame, Picture, Unit

QUALITY = 92  # of the JPEG: twice the usual size, so that the network sees what it would have seen
_LENGTH = struct.Struct(">I")

Person = Mapping[str, Any]  # box, axes and difficult, as in manifests/labels.schema.json


@dataclass(frozen=True, slots=True)
class Still:
    """`utc` is the picture's time, `taken` the host's when it was taken; `proposed` are people as a model sees them."""

    room: str
    camera: str
    utc: datetime
    taken: datetime
    width: int
    height: int
    proposed: tuple[Person, ...]
    jpeg: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """The same picture has the same, however often it is taken; it tells nothing of the camera."""
        return id_of(self.camera, self.utc)

    def frame(self) -> Frame:
        """The picture, decoded. Raises Undecodable."""
        codec = Codec("mjpeg", b"", self.width, self.height)
        return Decoder().decode(Picture(self.camera, self.utc, codec, (Unit(self.jpeg, self.utc, key=True),)))

    def packed(self) -> bytes:
        """All of it in bytes."""
        about = {
            "room": self.room,
            "camera": self.camera,
            "utc": self.utc.isoformat(),
            "taken": self.taken.isoformat(),
            "width": self.width,
            "height": self.height,
            "proposed": list(self.proposed),
        }
        head = json.dumps(about).encode()
        return _LENGTH.pack(len(head)) + head + self.jpeg


def unpacked(raw: bytes) -> Still:
    """A still out of what `packed` gave; what is sealed was made by us, so that nothing else comes here."""
    (length,) = _LENGTH.unpack_from(raw)
    about = json.loads(raw[_LENGTH.size : _LENGTH.size + length])
    return Still(
        room=about["room"],
        camera=about["camera"],
        utc=datetime.fromisoformat(about["utc"]),
        taken=datetime.fromisoformat(about["taken"]),
        width=about["width"],
        height=about["height"],
        proposed=tuple(about["proposed"]),
        jpeg=raw[_LENGTH.size + length :],
    )


def id_of(camera: str, utc: datetime) -> str:
    """The id of the picture that a camera showed at a time."""
    return hashlib.sha256(f"{camera} {utc.isoformat()}".encode()).hexdigest()[:16]


def still_of(frame: Frame, room: str, taken: datetime, proposed: Sequence[Person]) -> Still:
    """A decoded frame as a still; sides become even. Raises BadInput for one that is no picture."""
    image = frame.bgr()
    done, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise BadInput(f"camera {frame.camera}: its picture cannot be kept as JPEG; set it to less than 65,500 pixels")
    height, width = image.shape[:2]
    return Still(room, frame.camera, frame.utc, taken, width, height, tuple(proposed), encoded.tobytes())


def proposal(one: Detection, axes: Mapping[str, Sequence[str]]) -> Person | None:
    """A detection as a person to be corrected: what the model is not sure of is left out. None without an area."""
    box = one.box.clipped()
    if box.area <= 0:
        return None
    said = {axis: settle(over)[0] for axis, over in one.axes.items() if axis in axes}
    corners = [round(side, 4) for side in (box.left, box.top, box.right, box.bottom)]
    return {"box": corners, "axes": {axis: value for axis, value in said.items() if value in axes[axis]}}
