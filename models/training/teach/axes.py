"""What a crop network says, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

AXES: Mapping[str, Sequence[str]] = {
    "posture": ("seated", "standing", "head-on-desk"),
    "activity": ("reading", "writing", "listening", "none"),  # none of them
    "gesture": ("hand-raised", "none"),
    "facing": ("front", "turned-around"),
}
POINTS = 17  # of COCO
# which of them a mirror makes of each: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles
MIRRORED = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
WATCHED = (0, 5, 6, 7, 8, 9, 10)  # nose, shoulders, elbows, wrists: where a behavior shows
OUTPUTS = (*AXES, "head", "person", "box", "keypoints")
