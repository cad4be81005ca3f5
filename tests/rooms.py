"""Rendered classrooms of known geometry as recordings, with a detector that tells the truth about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from homeroom.adapters.file import FileSource
from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.picture import Frame
from homeroom.site import CameraSettings, read_site
from homeroom.survey import Survey, survey
from tests.drawn import figure, room
from tests.drawn import scene as drawn

Image = NDArray[np.uint8]
Change = Callable[[Image], Image]
RATE = 4
START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody at a desk: `x`, `y` the middle of its rear edge in units of 1600x900, `unit` a head's height."""

    x: float
    y: float
    unit: float = 60
    turned: bool = False
    standing: bool = False
    leaves: float = 1.0  # share of the time after which they are gone


def rows_of(*rows: tuple[float, float, Sequence[float]], turned: bool = False) -> list[Sitter]:
    """Sitters row by row: (y, unit, xs)."""
    return [Sitter(x, y, unit, turned=turned) for y, unit, xs in rows for x in xs]


FRONT_VIEW = rows_of((690, 70, (250, 650, 1050, 1400)), (470, 50, (430, 830, 1200)))


@dataclass
class Room:
    """A rendered room. `change` is done to each picture, `box` to the boxes with it; `missed` people are not told."""

    sitters: Sequence[Sitter]
    size: tuple[int, int] = (960, 540)
    pictures: int = 12
    change: Change = lambda image: image
    box: Callable[[Box], Box] = lambda box: box
    still: bool = False
    posters: Sequence[tuple[int, float, float]] = ()  # sitter whose picture hangs there, and where its middle is
    missed: float = 0.0
    noise: float = 2.0
    truth: list[list[Detection]] = field(default_factory=list)

    def draw(self, number: int) -> tuple[Image, list[Detection]]:
        """One picture with what is in it."""
        rng = np.random.default_rng(0 if self.still else number)
        looks = np.random.default_rng(7)
        figures, who = [], []
        for one in self.sitters:
            look = drawn.random_look(looks)
            if number / self.pictures < one.leaves:
                sway = (float(rng.normal(0, 0.06)), float(rng.normal(0, 0.03)))
                lift = 1.0 if one.standing else 0.0
                figures.append(
                    figure.Figure(one.x, one.y, one.unit, look, figure.Pose(turned=one.turned, sway=sway, lift=lift))
                )
                who.append(one)
        image, people = drawn.draw(drawn.Drawing(room.Decor(), figures), *self.size)
        image = np.array(image)
        boxes = [Box(*map(float, person.box)) for person in people]
        found = [_told(box, one) for box, one in zip(boxes, who, strict=True)]
        for sitter, x, y in self.posters:
            found.append(_told(self._hang(image, sitter, x, y), self.sitters[sitter]))
        kept = [one for one in found if rng.random() >= self.missed]
        noisy = np.clip(
            self.change(image) + self.noise * rng.standard_normal(image.shape[:2], np.float32)[..., None], 0, 255
        ).astype(np.uint8)
        return noisy, [Detection(self.box(one.box), one.likelihood, one.axes, one.model) for one in kept]

    def _hang(self, image: Image, sitter: int, x: float, y: float) -> Box:
        """A framed picture of a sitter, always the same; its box."""
        whole, (one,) = Room([self.sitters[sitter]], self.size, still=True, noise=0).draw(0)
        height, width = image.shape[:2]
        top, bottom = int(one.box.top * height), int(one.box.bottom * height)
        left, right = int(one.box.left * width), int(one.box.right * width)
        part = cv2.copyMakeBorder(whole[top:bottom, left:right], 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(40, 50, 60))
        tall, wide = part.shape[:2]
        row = int(np.clip(y * height - tall / 2, 0, height - tall))
        column = int(np.clip(x * width - wide / 2, 0, width - wide))
        image[row : row + tall, column : column + wide] = part
        return Box(column / width, row / height, (column + wide) / width, (row + tall) / height)

    def film(self, path: Path) -> Path:
        """Writes the room as H.264 and keeps the truth of each picture."""
        self.truth = []
        with av.open(str(path), "w") as out:
            stream: Any = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "20", "bf": "0"})
            for number in range(self.pictures):
                image, people = self.draw(number)
                if number == 0:
                    stream.width, stream.height, stream.pix_fmt = image.shape[1], image.shape[0], "yuv420p"
                self.truth.append(people)
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        return path

    def surveyed(self, folder: Path, name: str = "room.mp4", **camera: Any) -> Survey:
        """The recording, surveyed as a command would."""
        settings = camera_of(self.film(folder / name), **camera)
        return survey(settings, FileSource("front", settings.settings), Truth(self.truth), 3600, self.pictures)


@dataclass
class Truth:
    """A detector that was there when the room was rendered."""

    people: Sequence[Sequence[Detection]]
    model: str = "truth"

    def detect(self, frames: Sequence[Frame]) -> Sequence[Sequence[Detection]]:
        numbers = [round((frame.utc - START).total_seconds() * RATE) for frame in frames]
        return [list(self.people[min(number, len(self.people) - 1)]) for number in numbers]


def _told(box: Box, one: Sitter) -> Detection:
    posture = "standing" if one.standing else "seated"
    facing = "turned-around" if one.turned else "front"
    axes: Mapping[str, Mapping[str, float]] = {"posture": {posture: 0.95}, "facing": {facing: 0.95}}
    return Detection(box, 0.9, axes, "truth")


def camera_of(path: Path, **fields: Any) -> CameraSettings:
    """A watched camera that is a recording."""
    camera = {"id": "front", "address": str(path), "mode": "watch", "fps": 2, **fields}
    document = {
        "site": "s",
        "jurisdiction": "lab",
        "models": [{"id": "m"}],
        "rooms": [{"id": "r", "cameras": [camera]}],
    }
    return next(iter(read_site(document, path.parent, "site.json").cameras))[1]


def mirrored(image: Image) -> Image:
    return np.ascontiguousarray(image[:, ::-1])


def mirrored_box(box: Box) -> Box:
    return Box(1 - box.right, box.top, 1 - box.left, box.bottom)


def darker(share: float) -> Change:
    return lambda image: np.asarray(image * share, np.uint8)


def washed_out(share: float) -> Change:
    """Fog: only a share of the contrast is left."""
    return lambda image: np.asarray(150 + (image.astype(np.float32) - 150) * share, np.uint8)


def blurred(rows: float) -> Change:
    """Blur with a sigma of so many rows of a picture that has 400."""
    return lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), rows * image.shape[0] / 400), np.uint8)
