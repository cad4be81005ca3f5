"""Whether people are found far away: the classroom made smaller, until somebody is 80 or 200 lines tall of 1080."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pytest

from homeroom.detection import Detection
from homeroom.geometry import Box
from homeroom.models.evaluation.labels import LabelledPicture, Person
from homeroom.models.evaluation.matching import matched, overlaps
from homeroom.models.evaluation.pictures import frames
from homeroom.picture import Frame
from tests.evidence.sight import EMBEDDED, RECOMMENDED, Share, labels, model
from tests.models.nets import frame_of

WIDTH, HEIGHT = 1920, 1080
GREY = 114
PLACES = ((0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (0.0, 1.0), (1.0, 1.0))  # of the free space to the left and above
EVERY = 15  # of the clip's 45 frames, which are nearly alike


def smaller(lines: int) -> Iterator[tuple[Frame, Person]]:
    """Grey pictures with the classroom pasted in, each person in turn so many lines tall, at each of the places."""
    for picture, frame in frames(labels("classroom").pictures[::EVERY]):
        bgr = frame.bgr()
        for person in picture.people:
            height = round(lines / person.box.height)
            size = round(height * bgr.shape[1] / bgr.shape[0]), height
            pasted = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA if height < len(bgr) else cv2.INTER_CUBIC)
            for x, y in PLACES:
                left, top = round(x * (WIDTH - size[0])), round(y * (HEIGHT - size[1]))
                canvas = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
                canvas[top : top + size[1], left : left + size[0]] = pasted
                b = person.box
                box = Box(
                    (left + b.left * size[0]) / WIDTH,
                    (top + b.top * size[1]) / HEIGHT,
                    (left + b.right * size[0]) / WIDTH,
                    (top + b.bottom * size[1]) / HEIGHT,
                )
                yield frame_of(canvas), Person(box)


def found(person: Person, detections: Sequence[Detection], picture: LabelledPicture) -> bool:
    """Whether this person is among the detections."""
    alone = LabelledPicture(picture.path, (person,))
    return bool(matched(overlaps(alone, detections)).pairs)


@pytest.mark.parametrize(
    ("id_", "lines", "reached", "target"),
    [(EMBEDDED, 80, 0.0, 0.95), (EMBEDDED, 200, 0.0, 1.0), (RECOMMENDED, 80, 0.9, 0.95), (RECOMMENDED, 200, 1.0, 1.0)],
)
def test_people_are_found_from_afar(id_: str, lines: int, reached: float, target: float) -> None:
    detector = model(id_).detector()
    picture = labels("classroom").pictures[0]
    right = [found(one, detector.detect([frame])[0], picture) for frame, one in smaller(lines)]
    assert len(right) == 3 * 4 * len(PLACES)
    Share(f"{id_}, people of {lines} lines: found", sum(right), len(right)).held(reached, target)
